/** How does a try get to its end? Its timeline is told as it happens; each gate is shown once, and waited for wherever it is decided. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import type { Api } from '../cli/connect.ts'
import { timelineLine } from '../cli/timeline.ts'
import { inLine, type Terminal } from '../cli/terminal.ts'

const lookEvery = 400 // milliseconds

type Follow = {
  readonly api: Api
  readonly terminal: Terminal
  readonly run: string
  readonly signal: AbortSignal
  /** Called once per gate of the run that opens. `closed` fires when it has closed, wherever that was decided. */
  onGate(gate: string, closed: AbortSignal): Promise<void>
}

/** Follows the run to its end. Rejects when the signal fires, or with what a gate rejected with. */
export const followTry = async ({ api, terminal, run, signal, onGate }: Follow): Promise<z.infer<typeof RunView>> => {
  const open = new Map<string, AbortController>()
  const asking: Promise<void>[] = []
  const broken = new AbortController()
  let after = 0
  let why: string | null = null
  try {
    for (;;) {
      signal.throwIfAborted()
      broken.signal.throwIfAborted()
      // The run first: what is written until its end is then in the timeline that is read afterwards.
      const view = await api.run({ params: { run } })
      const { items, last } = await api.timeline({ params: { run }, query: { after } })
      for (const item of items) terminal.line(timelineLine(terminal, item))
      after = Math.max(after, last)
      if (view.why !== null && view.why !== why) terminal.note(terminal.paint('wait', inLine(view.why)))
      why = view.why
      const now = await openGates(api, view)
      for (const [gate, closed] of open) if (!now.includes(gate)) closed.abort()
      if (view.outcome !== null) {
        await Promise.all(asking)
        return view
      }
      for (const gate of now.filter((one) => !open.has(one))) {
        const closed = new AbortController()
        open.set(gate, closed)
        const asked = onGate(gate, closed.signal)
        asking.push(asked)
        asked.catch((error: unknown) => broken.abort(error))
      }
      await sleep(lookEvery, undefined, { signal })
    }
  } finally {
    for (const closed of open.values()) closed.abort()
    await Promise.allSettled(asking)
  }
}

const openGates = async (api: Api, { gates }: Pick<z.infer<typeof RunView>, 'gates'>): Promise<string[]> => {
  const cards = await Promise.all(gates.map((gate) => api.gate({ params: { gate } })))
  return cards.filter(({ state }) => state === 'open').map(({ gate }) => gate)
}
