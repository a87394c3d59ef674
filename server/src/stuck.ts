/**
 * Which rows cannot be worked on, and when are they tried again?
 * A row that always fails stops no other row: it is left out for a while, longer each time, said once in the log and counted
 * for health. In memory only: another process finds out for itself.
 */
import type { Warn } from './database/pool.ts'

export type Stuck = {
  /** May this be tried now? `name`: the workspace's id, then what it is in it, joined by spaces. */
  may(kind: string, name: string): boolean
  /** It failed: it is left out for 2 s, 4 s … 5 minutes. */
  failed(kind: string, name: string, why: unknown): void
  /** It worked, or is gone. */
  fine(kind: string, name: string): void
  /** Those of a kind that failed and have not worked since. */
  names(kind: string): readonly string[]
  /** The program ends: nothing more is begun. */
  end(): void
  isOver(): boolean
  /** How many rows failed twice or more and have not worked since. */
  count(): number
}

type Held = { failures: number; until: number; said: boolean }
const longestMillis = 300_000
/** Once may be bad luck: a race, a lock. */
const told = 2
/** Kinds times rows that are remembered; more are tried every time. */
const most = 10_000

export const makeStuck = (warn: Warn, clock: () => number = Date.now): Stuck => {
  const kinds = new Map<string, Map<string, Held>>()
  let over = false
  const of = (kind: string): Map<string, Held> => {
    const held = kinds.get(kind) ?? new Map<string, Held>()
    kinds.set(kind, held)
    return held
  }
  const may: Stuck['may'] = (kind, name) => (of(kind).get(name)?.until ?? 0) <= clock()

  const failed: Stuck['failed'] = (kind, name, why) => {
    const held = of(kind)
    const before = held.get(name)
    if (!before && held.size >= most) return
    const failures = (before?.failures ?? 0) + 1
    const said = failures >= told
    held.set(name, { failures, until: clock() + Math.min(longestMillis, 1_000 * 2 ** failures), said })
    if (said && !before?.said)
      warn('Something cannot be worked on. It is tried again now and then; everything else goes on.', {
        kind,
        name,
        error: why instanceof Error ? (why.stack ?? String(why)) : String(why),
      })
  }

  const fine: Stuck['fine'] = (kind, name) => {
    const before = of(kind).get(name)
    if (!before) return
    of(kind).delete(name)
    if (before.said) warn('What could not be worked on is done, or gone.', { kind, name, failures: before.failures })
  }

  return {
    may,
    failed,
    fine,
    names: (kind) => [...of(kind).keys()],
    end: () => void (over = true),
    isOver: () => over,
    count: () =>
      [...kinds.values()].reduce((sum, held) => sum + [...held.values()].filter((one) => one.said).length, 0),
  }
}
