/** What is kept of what became of a delivery, for each workflow that it fitted? A backtest reads it; people read the verdict. */
import type { Started } from './start.ts'

type Is = Started['state']
/** By workflow id. `dropped`: it waited for its turn and left the queue without a run. `chain`: how many runs woke each other before it, where that was counted. */
export type Became = Readonly<Record<string, { readonly version: number; readonly is: Is; readonly chain?: number }>>

export const becameOf = (started: readonly Started[]): Became =>
  Object.fromEntries(
    started.map(({ starting, state, chain }) => [
      starting.stored.workflow,
      { version: starting.stored.version, is: state, ...(chain !== undefined && { chain }) },
    ]),
  )
