/**
 * Which rows cannot be worked on, and when are they tried again?
 * A row that always fails stops no other row: it is left out for a while, longer each time, said once in the log and counted
 * for health. In memory only: another process finds out for itself.
 */
import { isAway } from './database/away.ts'
import type { Warn } from './database/pool.ts'

/** A list of rows that is worked off again and again. */
export type Round<R> = {
  /** At most so many are worked on at a time. */
  readonly limit: number
  readonly find: (limit: number) => Promise<readonly R[]>
  /** What the row is, over all workspaces: ids, joined by spaces. */
  readonly name: (row: R) => string
  /** Works on one. Words: nothing came of it, and why; the row would come back at once. */
  readonly one: (row: R) => Promise<string | void>
}

export type Stuck = {
  /** May this be tried now? */
  may(kind: string, name: string): boolean
  /** It failed: it is left out for 2 s, 4 s … 5 minutes. */
  failed(kind: string, name: string, why: unknown): void
  /** It worked, or is gone. */
  fine(kind: string, name: string): void
  /** Works off a list, row by row; answers how many were tried. Throws only when the list itself cannot be read or the database is away. */
  each<R>(kind: string, round: Round<R>): Promise<number>
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

  const each = async <R>(kind: string, { limit, find, name, one }: Round<R>): Promise<number> => {
    // Those left out are the oldest and come first: room for them, or they would keep the others out.
    const room = limit + of(kind).size
    const rows = await find(room)
    const there = new Set(rows.map(name))
    if (rows.length < room) for (const known of of(kind).keys()) if (!there.has(known)) fine(kind, known)
    let tried = 0
    for (const row of rows) {
      const id = name(row)
      if (!may(kind, id)) continue
      if (++tried > limit) break
      try {
        const nothing = await one(row)
        if (nothing === undefined) fine(kind, id)
        else failed(kind, id, nothing)
      } catch (error) {
        failed(kind, id, error)
        if (isAway(error)) throw error
      }
    }
    return Math.min(tried, limit)
  }

  return {
    may,
    failed,
    fine,
    each,
    count: () =>
      [...kinds.values()].reduce((sum, held) => sum + [...held.values()].filter((one) => one.said).length, 0),
  }
}
