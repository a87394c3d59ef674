/**
 * How much of a repository may be worked on at once?
 * A repository may have a limit: so many pieces of work that name it are leased at the same time, and the others wait. What waits
 * for a person holds no lease and no place.
 */
import { locks } from '../database/lock.ts'
import type { Tx } from '../database/tenant.ts'

/** Of a lease `l`: does it hold its place? One that is over and that nobody could end for a minute (its run cannot be read) does not. */
export const isLiving = `l.state in ('offered', 'held') and l.expires_at > vp.now_ms() - 60000`

const busyIn = (repository: string): string =>
  `(select count(*)::int from vp.leases l where l.workspace = $1 and ${isLiving} and ${repository} = any(l.repos))`

/** SQL: the names of the repositories of workspace $1 in which there is no place now. */
export const fullRepositories = `array(select q.name from vp.repositories q where q.workspace = $1 and q.at_once <= ${busyIn('q.name')})`

/** Is there a place in each of them? Asked by one taker at a time, until its transaction ends. */
export const hasRoom = async (tx: Tx, repos: readonly string[]): Promise<boolean> => {
  const limited = await tx.query<{ name: string }>(
    {
      name: 'limited repositories',
      text: 'select name from vp.repositories where workspace = $1 and name = any($2) and at_once is not null order by name',
    },
    [tx.workspace, repos],
  )
  for (const { name } of limited.rows)
    await tx.query(
      { name: 'repository lock', text: `select pg_advisory_xact_lock(hashtextextended($1, ${locks.repositories}))` },
      [`${tx.workspace} ${name}`],
    )
  if (limited.rows.length === 0) return true
  const { rows } = await tx.query<{ room: boolean }>(
    {
      name: 'repository room',
      text: `select not exists (select from vp.repositories q where q.workspace = $1 and q.name = any($2) and q.at_once <= ${busyIn('q.name')}) as room`,
    },
    [tx.workspace, repos],
  )
  return rows[0]!.room
}

/** Repositories in which there is no place now, with their limits. */
export const fullNow = async (tx: Tx): Promise<{ name: string; atOnce: number }[]> =>
  (
    await tx.query<{ name: string; atOnce: number }>(
      {
        name: 'full repositories',
        text: `select q.name, q.at_once as "atOnce" from vp.repositories q where q.workspace = $1 and q.at_once <= ${busyIn('q.name')} order by q.name`,
      },
      [tx.workspace],
    )
  ).rows

/** A lease has ended: whoever waits for work of a repository with a limit may look again, whatever its pool. */
export const placeFreed = async (tx: Tx, lease: string): Promise<void> => {
  const { rowCount } = await tx.query(
    {
      name: 'place freed',
      text: 'select from vp.leases l join vp.repositories q on q.workspace = $1 and q.at_once is not null and q.name = any(l.repos) where l.workspace = $1 and l.lease = $2 limit 1',
    },
    [tx.workspace, lease],
  )
  if (rowCount) tx.nudge('work', '*')
}
