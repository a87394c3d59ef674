/** How does one step get its model, from the chosen way to the sums at its end? */
import type { Usage } from '@viewportai/core/run/facts'
import { noteUse } from '../credentials/last-used.ts'
import type { ModelAccess } from './access.ts'
import { openBudget, type Limits, type Spent } from './budget.ts'
import type { Choice } from './choose-access.ts'
import type { ModelSetup } from './model-setup.ts'
import { startModelGateway } from './gateway.ts'

/** So many refused models are told of; an agent could make up names for ever. */
const refusedAtMost = 5

export type OpenModel = {
  readonly access: ModelAccess
  /** Loopback ports to be let through the wall. */
  readonly doors: readonly number[]
  /** What the gateway counted so far; null when nothing went through it. */
  counted(): Usage | null
  /** Why the budget is spent, or null; `signal` fires when it is. */
  spent(): Spent | null
  readonly signal: AbortSignal
  /** Models that were asked for and are not allowed; null: a request named none. */
  refused(): readonly (string | null)[]
  /** Ends the gateway and its key; what was used up to here is counted. */
  close(): Promise<void>
  /** The control plane knows what was used. */
  known(): void
}

/** Opens the chosen way for one attempt of an agent. `say`: a line for its log. */
export const openModel = async (
  choice: Choice,
  given: {
    readonly agent: string
    readonly run: string
    readonly step: string
    readonly attempt: number
    readonly limits: Limits
    readonly setup: ModelSetup | undefined
    say(line: string): void
    /** A request for a model that the policy does not allow was refused; null: it named none. Called once for each. */
    onRefused?(model: string | null): void
  },
): Promise<OpenModel> => {
  if (choice.way !== 'gateway' || !given.setup)
    return {
      access: choice.way === 'login' ? { way: 'login', agent: given.agent, paths: choice.paths } : noAccess(choice),
      doors: [],
      counted: () => null,
      spent: () => null,
      refused: () => [],
      signal: new AbortController().signal,
      close: async () => {},
      known: () => {},
    }
  const { upstreams } = choice
  const { setup } = given
  // Before the first byte could bring it back.
  setup.learn?.(upstreams.map(({ name, key }) => ({ name: `model-key-${name}`, value: key })))
  let spent: Spent | null = null
  const stop = new AbortController()
  const budget = openBudget({
    run: given.run,
    limits: given.limits,
    prices: setup.prices,
    onSpent(why) {
      spent = why
      given.say(`the budget is spent: ${why.words}`)
      stop.abort('budget')
    },
  })
  const refused = new Set<string | null>()
  const gateway = await startModelGateway({
    upstreams,
    budget,
    models: setup.models,
    onRefused(model) {
      if (refused.has(model) || refused.size >= refusedAtMost) return
      refused.add(model)
      given.onRefused?.(model)
    },
    say: given.say,
    ...(setup.secrets && { secrets: () => setup.secrets!() }),
    async beforeSending({ name, base }, bytes, masked) {
      void noteUse(setup.home, 'model', name)
      const { run, step, attempt } = given
      await setup.leaves?.({ run, step, attempt, what: 'model request', to: new URL(base).origin, bytes, masked })
    },
  })
  return {
    access: {
      way: 'gateway',
      url: gateway.url,
      port: gateway.port,
      key: gateway.key,
      providers: upstreams.map(({ name }) => name),
    },
    doors: [gateway.port],
    counted: () => (budget.spending.requests() > 0 ? budget.spending.usage() : null),
    spent: () => spent,
    refused: () => [...refused],
    signal: stop.signal,
    close: () => gateway.close(),
    known: () => budget.known(),
  }
}

const noAccess = (choice: Choice): ModelAccess => ({
  way: 'none',
  why: choice.way === 'none' ? choice.why : 'no keys of models are set on this runner',
})
