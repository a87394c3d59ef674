/**
 * When are the live logs that a workspace stores forgotten?
 * So long after their run has ended. Logs of a run that goes on stay, those of its earlier attempts too; bodies, a step's whole log
 * among them, are not touched.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'

/** Leases looked at in one transaction. */
const page = 200

// From lease to lease by the key: a lease has thousands of rows, and only its first is read.
const after = {
  name: 'leases with live logs',
  text: `with recursive s as (
      (select lease from vp.live_logs where workspace = $1 and lease > $2 order by lease limit 1)
      union all
      select (select g.lease from vp.live_logs g where g.workspace = $1 and g.lease > s.lease order by g.lease limit 1) from s where s.lease is not null
    )
    select f.lease, n.finished_at is not null and n.finished_at < vp.now_ms() - $3 as over from (select lease from s where lease is not null limit ${page}) f
      left join vp.leases l on l.workspace = $1 and l.lease = f.lease left join vp.runs n on n.workspace = $1 and n.run = l.run order by f.lease`,
}

/** Removes live logs of runs that ended longer ago than `keepMillis`. Returns of how many leases. */
export const forgetLiveLogs = async (db: Database, workspace: string, keepMillis: number): Promise<number> => {
  let [forgotten, last] = [0, '']
  for (;;) {
    const found = await inWorkspace(db, workspace, async (tx) => {
      const { rows } = await tx.query<{ lease: string; over: boolean }>(after, [workspace, last, keepMillis])
      const over = rows.filter((row) => row.over).map((row) => row.lease)
      if (over.length > 0)
        await tx.query('delete from vp.live_logs where workspace = $1 and lease = any($2)', [workspace, over])
      return { rows, over: over.length }
    })
    forgotten += found.over
    if (found.rows.length < page) return forgotten
    last = found.rows.at(-1)!.lease
  }
}
