/**
 * What becomes of a lease whose runner is gone?
 * Work that had not begun goes back to be offered; work that had begun is lost and the run decides what follows.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import type { Stuck } from '../stuck.ts'
import { inside, workOff } from '../work-off.ts'
import type { Wanted } from './fit.ts'
import { fullNow, isLiving, placeFreed } from './repository-limit.ts'
import { unfitRunners, whyWaiting, type Present, type Unfit } from './why-waiting.ts'

/** Ends a live lease of the transaction's workspace. Does nothing when it has ended. */
export const endLease = async (tx: Tx, lease: string, why: string, onlyWhenOver = false): Promise<void> => {
  const { rows } = await tx.query<{
    run: string
    key: string
    step: string
    attempt: number
    epoch: number
    runner: string
  }>(
    `select run, key, step, attempt, epoch, runner from vp.leases where workspace = $1 and lease = $2 and state in ('offered', 'held') and (not $3 or expires_at < vp.now_ms()) for update`,
    [tx.workspace, lease, onlyWhenOver],
  )
  const row = rows[0]
  if (!row) return
  const acted = (
    await actIn(tx, [
      {
        run: row.run,
        command: { do: 'lose', step: row.step, attempt: row.attempt, epoch: row.epoch, runner: row.runner, why },
      },
    ])
  )[0]!
  await tx.query('update vp.leases set state = $3, ended_at = vp.now_ms() where workspace = $1 and lease = $2', [
    tx.workspace,
    lease,
    acted.facts.length > 0 ? 'lost' : 'expired',
  ])
  const back = await tx.query<{ pool: string }>(
    `update vp.work set state = 'ready', lease = null, ready_at = vp.now_ms() where workspace = $1 and run = $2 and key = $3 and lease = $4 returning pool`,
    [tx.workspace, row.run, row.key, lease],
  )
  if (back.rows[0]) tx.nudge('work', back.rows[0].pool)
  await placeFreed(tx, lease)
}

/** Ends leases whose time is over by the database's clock, in every workspace. Returns how many were looked at. */
export const endOverdueLeases = (db: Database, stuck: Stuck, each = 200): Promise<number> =>
  workOff<{ workspace: string; lease: string }>(stuck, 'lease', {
    each,
    find: async (most, but) =>
      (await db.app.query('select workspace, lease from vp.leases_over($1, $2)', [most, but])).rows,
    name: ({ lease }) => lease,
    room: inside,
    one: ({ workspace, lease }) =>
      repeatedly(() =>
        inWorkspace(db, workspace, (tx) => endLease(tx, lease, 'No beat came before the lease ended.', true)),
      ),
  })

/** How old a runner's sign of life may be before a newer one is written: one that only waits is not written down all the time. */
const notedMillis = 5_000
/** How long a runner may be silent before it is shown as away, in milliseconds: a lease, but never so short that one that waits seems away. */
export const silentMillis = (leaseMillis: number): number => Math.max(leaseMillis, 3 * notedMillis)

/** Runners that were not heard of for this long are shown as away. */
export const markSilentRunners = (db: Database, stuck: Stuck, silent: number, each = 500): Promise<number> =>
  workOff<{ workspace: string; runner: string }>(stuck, 'silent runner', {
    each,
    find: async (most, but) =>
      (
        await db.app.query('select workspace, runner from vp.runners_silent(vp.now_ms() - $1, $2, $3)', [
          silent,
          most,
          but,
        ])
      ).rows,
    name: ({ runner }) => runner,
    room: inside,
    one: ({ workspace, runner }) =>
      inWorkspace(db, workspace, async (tx) => {
        const { rowCount } = await tx.query(
          'update vp.runners set online = false where workspace = $1 and runner = $2 and online and seen_at < vp.now_ms() - $3',
          [workspace, runner, silent],
        )
        if (rowCount) tx.nudge('runner', runner)
      }),
  })

/** So much waiting work is looked at in a round, oldest first, page by page. */
const [explained, page] = [10_000, 500]

type Waiting = Wanted & { run: string; key: string; why: string | null; ready_at: number }
const waiting = {
  name: 'work waiting',
  text: `select run, key, kind, agent, mode, model, isolation, requires, repos, runner, pool, why, ready_at from vp.work
    where workspace = $1 and state = 'ready' and ready_at < vp.now_ms() - 1000 and ($2::bigint is null or (ready_at, run, key) > ($2, $3, $4)) order by ready_at, run, key limit $5`,
}

/** Says on work that nobody takes what is missing. Returns how many rows changed. */
export const explainWaiting = async (db: Database, workspace: string): Promise<number> => {
  let [changed, last] = [0, null as Waiting | null]
  for (let seen = 0; seen < explained; seen += page) {
    const rows: Waiting[] = await inWorkspace(db, workspace, async (tx) => {
      const after = last ? [last.ready_at, last.run, last.key] : [null, null, null]
      const found = (await tx.query<Waiting>(waiting, [workspace, ...after, page])).rows
      if (found.length > 0) changed += await explain(tx, found)
      return found
    })
    if (rows.length < page) break
    last = rows.at(-1)!
  }
  return changed
}

const explain = async (tx: Tx, work: readonly Waiting[]): Promise<number> => {
  const [runners, full] = [await presentRunners(tx), await fullNow(tx)]
  const bodies = runners.some(({ capabilities }) => capabilities.mode === 'ephemeral') ? await homes(tx, work) : null
  const changed = work.flatMap((row) => {
    const stuffed = full.filter(({ name }) => row.repos.includes(name))
    const why = whyWaiting({ ...row, bodies: bodies?.get(row.run) ?? null }, runners, stuffed)
    return why === row.why ? [] : [{ run: row.run, key: row.key, why }]
  })
  if (changed.length === 0) return 0
  await tx.query(
    `update vp.work w set why = v.why from json_to_recordset($2::json) as v (run text, key text, why text) where w.workspace = $1 and w.run = v.run and w.key = v.key and w.state = 'ready'`,
    [tx.workspace, JSON.stringify(changed)],
  )
  for (const run of new Set(changed.map((row) => row.run))) tx.nudge('run', run)
  return changed.length
}

/** What keeps each runner from the first piece of work of this run that nobody takes. */
export const unfitFor = async (tx: Tx, run: string): Promise<Unfit[]> => {
  const { rows } = await tx.query<Waiting>(
    {
      name: 'work unfit',
      text: `select run, key, kind, agent, mode, model, isolation, requires, repos, runner, pool, why, ready_at from vp.work where workspace = $1 and run = $2 and state = 'ready' and why is not null order by why, key limit 1`,
    },
    [tx.workspace, run],
  )
  const row = rows[0]
  return row ? unfitRunners({ ...row, bodies: (await homes(tx, rows)).get(run) ?? null }, await presentRunners(tx)) : []
}

/** The runners of the workspace as they are now. */
const presentRunners = async (tx: Tx): Promise<Present[]> =>
  (
    await tx.query<Present>(
      {
        name: 'runners present',
        text: `select r.runner, r.name, r.pool, r.repositories, r.capabilities, r.no_wall as "noWall", r.online, r.state, r.seen_at as seen,
          (select count(*)::int from vp.leases l where l.workspace = $1 and l.runner = r.runner and ${isLiving}) as busy
        from vp.runners r where r.workspace = $1 and r.state <> 'removed' order by r.name`,
      },
      [tx.workspace],
    )
  ).rows

/** Where the bodies of these runs live. */
const homes = async (tx: Tx, work: readonly Waiting[]): Promise<Map<string, 'edge' | 'stored'>> => {
  const { rows } = await tx.query<{ run: string; bodies: 'edge' | 'stored' }>(
    `select run, spec ->> 'bodies' as bodies from vp.runs where workspace = $1 and run = any($2::text[])`,
    [tx.workspace, work.map((row) => row.run)],
  )
  return new Map(rows.map((row) => [row.run, row.bodies]))
}
