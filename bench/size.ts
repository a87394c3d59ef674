/**
 * How much does each measure do?
 * As much as tells something; or next to nothing, by which the check sees that every measure still works. Figures of the second kind say nothing.
 */

export type Size = {
  readonly rounds: number
  /** Workflows an event is held against; how often each thing is timed. */
  readonly language: { readonly workflows: number; readonly times: number }
  /** Deliveries of a round: to warm, one by one, at once on so many lanes. */
  readonly webhook: Load
  readonly tools: Load
  /** Of a report. */
  readonly bodies: { readonly bytes: number }
  readonly backtest: { readonly events: number; readonly times: number }
  /** Decisions: to warm, one by one, at once on so many lanes; polls that are woken by one. */
  readonly decisions: Load & { readonly woken: number }
  readonly agent: { readonly warm: number; readonly events: number }
  /** Requests of a round. */
  readonly gateway: { readonly warm: number; readonly count: number }
  readonly walls: { readonly times: number }
  /** `installed`: also what people install, which is bundled for it. */
  readonly idle: { readonly seconds: number; readonly installed: boolean }
  /** Runners, and how long they are watched. */
  readonly runners: { readonly many: number; readonly seconds: number; readonly waitSeconds: number }
  readonly transport: { readonly idleSeconds: number; readonly stepSeconds: number; readonly reads: number }
  /** Waiting runs; pages that are looked at; seconds of quiet before memory is weighed. */
  readonly scale: {
    readonly steps: readonly number[]
    readonly few: number
    readonly warm: number
    readonly looks: number
    readonly quietSeconds: number
  }
}
export type Load = { readonly warm: number; readonly alone: number; readonly burst: number; readonly lanes: number }

export const usual: Size = {
  rounds: 3,
  language: { workflows: 10_000, times: 40 },
  webhook: { warm: 50, alone: 300, burst: 2_000, lanes: 64 },
  tools: { warm: 20, alone: 200, burst: 1_000, lanes: 64 },
  bodies: { bytes: 1_048_576 },
  backtest: { events: 10_000, times: 5 },
  decisions: { warm: 20, alone: 200, burst: 400, lanes: 16, woken: 40 },
  agent: { warm: 5, events: 20 },
  gateway: { warm: 200, count: 400 },
  walls: { times: 20 },
  idle: { seconds: 10, installed: true },
  runners: { many: 1_000, seconds: 60, waitSeconds: 25 },
  transport: { idleSeconds: 60, stepSeconds: 25, reads: 60 },
  scale: { steps: [10_000, 100_000], few: 100, warm: 50, looks: 200, quietSeconds: 5 },
}

export const smallest: Size = {
  rounds: 1,
  language: { workflows: 100, times: 1 },
  webhook: { warm: 1, alone: 2, burst: 8, lanes: 4 },
  tools: { warm: 1, alone: 2, burst: 4, lanes: 4 },
  bodies: { bytes: 100_000 },
  backtest: { events: 30, times: 1 },
  decisions: { warm: 1, alone: 2, burst: 4, lanes: 2, woken: 1 },
  agent: { warm: 0, events: 1 },
  gateway: { warm: 1, count: 2 },
  walls: { times: 1 },
  idle: { seconds: 0, installed: false },
  runners: { many: 4, seconds: 1, waitSeconds: 1 },
  transport: { idleSeconds: 1, stepSeconds: 4, reads: 2 },
  scale: { steps: [60], few: 50, warm: 1, looks: 2, quietSeconds: 0 },
}
