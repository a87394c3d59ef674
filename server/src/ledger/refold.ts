/**
 * What happens to kept states that another version of Viewport made?
 * Before anything is served they are folded from their facts again, run by run, each in a transaction of its own, by one replica
 * while the others wait. A run that cannot be folded is set aside: it stays as it is, is named, and whoever needs its state is told.
 */
import { foldVersion } from '@viewportai/core/run/fold-version'
import { isAway } from '../database/away.ts'
import { withLock } from '../database/lock.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { repeatedly } from './act.ts'
import { rebuildRun } from './rebuild.ts'
import { verifyChain } from './verify.ts'

type Refolded = {
  /** Runs whose state is of this version now. */
  readonly runs: number
  readonly setAside: readonly { readonly workspace: string; readonly run: string; readonly why: string }[]
}
/** Words on the progress, for whoever started the program. */
export type Tell = (words: string) => void

const page = 500
const count = (n: number): string => `${n.toLocaleString('en-US')} ${n === 1 ? 'run' : 'runs'}`

/** Brings every kept state to this version's reading. Throws when the database was used by a newer Viewport, and when it is away. */
export const refold = async (db: Database, tell: Tell): Promise<Refolded> => {
  if ((await others(db)).length === 0) return { runs: 0, setAside: [] }
  return db.asOwner((holder) => {
    const waits = setTimeout(
      () => tell('Another replica reads runs anew after the upgrade; this one waits for it'),
      1_000,
    )
    return withLock(holder, 'refold', () => {
      clearTimeout(waits)
      return refoldAll(db, tell)
    }).finally(() => clearTimeout(waits))
  })
}

type Other = { readonly workspace: string; readonly runs: number; readonly newest: number }

const others = async (db: Database): Promise<Other[]> => {
  const { rows } = await db.app.query<Other>('select workspace, runs, newest from vp.runs_of_other_folds($1)', [
    foldVersion,
  ])
  const newest = Math.max(0, ...rows.map((row) => row.newest))
  if (newest > foldVersion)
    throw new Error(
      `The database was used by a newer Viewport (its runs are kept in reading ${newest}, here it is ${foldVersion}). Start that version, or restore a backup made before the upgrade.`,
    )
  return rows
}

const refoldAll = async (db: Database, tell: Tell): Promise<Refolded> => {
  const found = await others(db) // again: a replica that had the lock before has done it
  const all = found.reduce((sum, one) => sum + one.runs, 0)
  if (all === 0) return { runs: 0, setAside: [] }
  tell(`Reading ${count(all)} anew after the upgrade ...`)
  const setAside: { workspace: string; run: string; why: string }[] = []
  let runs = 0
  for (const { workspace } of found) {
    for (let after = ''; ;) {
      const next = await oldRuns(db, workspace, after)
      for (const run of next) {
        const why = await refoldRun(db, workspace, run)
        if (why === null) runs++
        else setAside.push({ workspace, run, why })
        if ((runs + setAside.length) % page === 0) tell(`Reading runs anew: ${runs + setAside.length} of ${all}`)
      }
      if (next.length < page) break
      after = next.at(-1)!
    }
  }
  tell(`${count(runs)} read anew${setAside.length > 0 ? `; ${count(setAside.length)} set aside` : ''}`)
  for (const one of setAside.slice(0, 20)) tell(`Set aside: ${one.run} of ${one.workspace}: ${one.why}`)
  if (setAside.length > 20) tell(`Set aside: ${setAside.length - 20} more, named in the log`)
  return { runs, setAside }
}

const oldRuns = async (db: Database, workspace: string, after: string): Promise<string[]> =>
  inWorkspace(db, workspace, async (tx) =>
    (
      await tx.query<{ run: string }>(
        'select run from vp.runs where workspace = $1 and run > $2 and fold <> $3 order by run limit $4',
        [workspace, after, foldVersion, page],
      )
    ).rows.map(({ run }) => run),
  )

/** Null when it is done, else why it could not be. Throws when the database is away: then nothing is known about the run. */
const refoldRun = async (db: Database, workspace: string, run: string, again = false): Promise<string | null> => {
  try {
    await repeatedly(() =>
      inWorkspace(db, workspace, async (tx) => {
        const chain = await verifyChain(tx, run) // a cut tail is seen here alone
        if (!chain.ok) throw new Error(chain.why)
        await rebuildRun(tx, run)
      }),
    )
    return null
  } catch (error) {
    if (!again && isAway(error)) {
      await db.app.query('select 1') // or its facts only speak of connections
      return refoldRun(db, workspace, run, true)
    }
    return error instanceof Error ? error.message : String(error)
  }
}
