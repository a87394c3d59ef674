/** Which runners and pools are there, and what are they doing? */
import type { z } from 'zod'
import type { RunnerView } from '@viewportai/core/api/runners'
import type { Tx } from '../database/tenant.ts'
import { waitingCount, type Viewer } from '../gates/inbox.ts'

type View = z.infer<typeof RunnerView>
type Row = Omit<View, 'busy'> & { busy: View['busy'] | null }

const runners = {
  name: 'runners listed',
  text: `select r.runner as id, r.name, r.pool, r.online, r.state = 'draining' as draining, r.seen_at as "lastSeen", r.paired_at as "pairedAt", coalesce('@' || p.handle, r.paired_by) as "pairedBy", r.words, r.capabilities, r.transport, r.repositories, r.doubled,
      case when r.no_wall is not null then json_build_object('by', coalesce((select '@' || w.handle from vp.people w where w.workspace = $1 and w.person = r.no_wall ->> 'by'), r.no_wall ->> 'by'), 'at', r.no_wall -> 'at') end as "noWall",
      (select json_agg(json_build_object('run', l.run, 'number', n.number, 'step', l.step, 'since', l.offered_at) order by l.offered_at) from vp.leases l join vp.runs n on n.workspace = $1 and n.run = l.run where l.workspace = $1 and l.runner = r.runner and l.state in ('offered', 'held')) as busy
    from vp.runners r left join vp.people p on p.workspace = $1 and p.person = r.paired_by where r.workspace = $1 and r.state <> 'removed' order by r.pool, r.name`,
}

export type Pool = { name: string; runners: number; slots: number; free: number }

/** Runners by pool and name, and what each pool has free. An away or draining runner has nothing free. */
export const readRunners = async (tx: Tx): Promise<{ runners: View[]; pools: Pool[] }> => {
  const all = (await tx.query<Row>(runners, [tx.workspace])).rows.map((row): View => ({ ...row, busy: row.busy ?? [] }))
  const empty = (
    await tx.query<{ name: string }>('select name from vp.pools where workspace = $1', [tx.workspace])
  ).rows.map((row) => row.name)
  const names = [...new Set([...all.map((one) => one.pool), ...empty])].sort()
  return {
    runners: all,
    pools: names.map((name) =>
      poolOf(
        name,
        all.filter((one) => one.pool === name),
      ),
    ),
  }
}

const poolOf = (name: string, inPool: readonly View[]): Pool => {
  const slotsOf = (some: readonly View[]): number => some.reduce((sum, one) => sum + one.capabilities.slots, 0)
  const ready = inPool.filter((one) => one.online && !one.draining)
  return {
    name,
    runners: inPool.length,
    slots: slotsOf(inPool),
    free: ready.reduce((sum, one) => sum + Math.max(0, one.capabilities.slots - one.busy.length), 0),
  }
}

const counts = {
  name: 'status counts',
  text: `select (select count(*) from vp.runs where workspace = $1 and status = 'running') as running, (select count(*) from vp.workflows where workspace = $1 and enabled) as workflows,
      count(*) filter (where r.online) as "runnersOnline", coalesce(sum((r.capabilities ->> 'slots')::int) filter (where r.online), 0)::bigint as slots,
      coalesce(sum(greatest(0, (r.capabilities ->> 'slots')::int - (select count(*) from vp.leases l where l.workspace = $1 and l.runner = r.runner and l.state in ('offered', 'held')))) filter (where r.online and r.state = 'active'), 0)::bigint as "slotsFree",
      vp.now_ms() as at
    from vp.runners r where r.workspace = $1 and r.state <> 'removed'`,
}
export type Status = {
  inbox: number
  running: number
  workflows: number
  runnersOnline: number
  slots: number
  slotsFree: number
  at: number
}

/** The numbers of the frame. */
export const readStatus = async (tx: Tx, viewer: Viewer): Promise<Status> => ({
  ...(await tx.query<Omit<Status, 'inbox'>>(counts, [tx.workspace])).rows[0]!,
  inbox: await waitingCount(tx, viewer),
})
