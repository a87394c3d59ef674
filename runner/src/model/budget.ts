/**
 * May a request to a model begin, and when is the budget spent?
 * A step begins with what was left of its run then. Steps of one run that work side by side in this process share it: each counts what the
 * others use that its own limit cannot know of yet. Near the limit requests go one after the other, so that at most one passes it.
 */
import type { OwnPrices } from './cost.ts'
import type { AnswerCount } from './count-answer.ts'
import {
  expected,
  none,
  plus,
  soFar,
  spendingOf,
  type Amount,
  type Ended,
  type Sent,
  type Spending,
} from './spending.ts'

/** What is left of a run. null: no limit. */
export type Limits = { readonly tokens: number | null; readonly usdMicros: number | null }
/** Why no more may be used. `unknown`: too many requests whose use or price nobody knows. */
export type Spent = { readonly part: 'tokens' | 'usd' | 'unknown'; readonly words: string }

/** A request under way. */
export type Running = {
  /** The answer grows: is the limit passed? Then `onSpent` of every step concerned is called. */
  grew(count: AnswerCount): void
  /** It has ended. Answers with a line for the log. */
  end(ended: Omit<Ended, 'sent'>): string
}
export type StepBudget = {
  /** Waits for its turn. Resolves with why it may not begin where the budget is spent, or with null when the signal fires. */
  begin(sent: Sent, signal: AbortSignal): Promise<Running | Spent | null>
  readonly spending: Spending
  /** The control plane knows what this step used: new steps begin with what is left after it. */
  known(): void
}

// A budget cannot be kept over requests whose use nobody tells or whose price nobody knows: so many are let through.
export const unknownAtMost = 300

type Request = { readonly expected: Amount; used: Amount }
type Step = {
  readonly limits: Limits
  readonly spending: Spending
  readonly running: Set<Request>
  /** Steps whose use is not in `limits`. */
  readonly others: Set<Step>
  waiting: (() => void)[]
  look(): void
}
const runs = new Map<string, Set<Step>>()

/** Opens the budget of a step. `onSpent` is called once. */
export const openBudget = (given: {
  run: string
  limits: Limits
  prices?: OwnPrices
  onSpent(spent: Spent): void
}): StepBudget => {
  const beside = runs.get(given.run) ?? new Set<Step>()
  runs.set(given.run, beside)
  let spent: Spent | null = null
  const me: Step = {
    limits: given.limits,
    spending: spendingOf(given.prices),
    running: new Set(),
    others: new Set(beside),
    waiting: [],
    look() {
      const found = spent ? null : whySpent(me, used(me))
      if (found) given.onSpent((spent = found))
    },
  }
  for (const other of beside) other.others.add(me)
  beside.add(me)
  const family = (): Step[] => [me, ...me.others]
  const changed = (): void => {
    for (const step of family()) {
      step.look()
      step.waiting.splice(0).forEach((go) => go())
    }
  }

  const run = (sent: Sent): Running => {
    const request: Request = { expected: expected(sent, given.prices), used: none }
    me.running.add(request)
    return {
      grew(count) {
        request.used = soFar(sent, count, given.prices)
        for (const step of family()) step.look()
      },
      end(ended) {
        if (!me.running.delete(request)) throw new Error('a request ended twice')
        const { line } = me.spending.add({ ...ended, sent })
        changed()
        return line
      },
    }
  }

  return {
    spending: me.spending,
    known() {
      beside.delete(me)
      if (beside.size === 0) runs.delete(given.run)
    },
    async begin(sent, signal) {
      for (;;) {
        if (signal.aborted) return null
        const why = spent ?? whySpent(me, used(me), true)
        if (why) return why
        if (isRoom(me, family(), expected(sent, given.prices))) return run(sent)
        await new Promise<void>((go) => {
          me.waiting.push(go)
          signal.addEventListener('abort', () => go(), { once: true })
        })
      }
    },
  }
}

/** All that counts against the limit of a step: what it and the steps beside it have used and are using, at least. */
const used = (step: Step): Amount =>
  [step, ...step.others].reduce(
    (sum, one) => [...one.running].reduce((all, { used: now }) => plus(all, now), plus(sum, one.spending.total())),
    none,
  )

/** `next`: is nothing left for another request? Else: is more used than there was? */
const whySpent = ({ limits, spending }: Step, { tokens, usdMicros }: Amount, next = false): Spent | null => {
  const isOver = (amount: number, limit: number | null): boolean =>
    limit !== null && (next ? amount >= limit : amount > limit)
  if (isOver(tokens, limits.tokens))
    return { part: 'tokens', words: `${tokens} tokens of the ${limits.tokens} that were left` }
  if (isOver(usdMicros, limits.usdMicros))
    return { part: 'usd', words: `${dollars(usdMicros)} of the ${dollars(limits.usdMicros!)} that were left` }
  const limited = limits.tokens !== null || limits.usdMicros !== null
  const unknown = (limited ? spending.untold() : 0) + (limits.usdMicros === null ? 0 : spending.unpriced())
  if (unknown >= unknownAtMost)
    return {
      part: 'unknown',
      words: `${unknownAtMost} requests whose use or price is not known, so that the budget cannot be kept`,
    }
  return null
}

/** Does what is under way and this request fit into what is left? A request that nothing runs beside always does. */
const isRoom = (step: Step, family: readonly Step[], more: Amount): boolean => {
  const running = family.flatMap((one) => [...one.running])
  if (running.length === 0) return true
  const done = family.reduce((sum, one) => plus(sum, one.spending.total()), none)
  const all = running.reduce(
    (sum, { expected: will, used: now }) =>
      plus(sum, {
        tokens: Math.max(will.tokens, now.tokens),
        usdMicros: Math.max(will.usdMicros, now.usdMicros),
      }),
    plus(done, more),
  )
  const { tokens, usdMicros } = step.limits
  return (tokens === null || all.tokens <= tokens) && (usdMicros === null || all.usdMicros <= usdMicros)
}

const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(2)}`
