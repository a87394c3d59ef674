/** Which runs would miss a connection? Those under way, or with a pull request that is watched, whose event came by it or whose effects went through it. */
import type { Tx } from '../database/tenant.ts'

/** So many are named. */
const named = 5

const using = {
  name: 'connection in use',
  text: `select r.number from vp.runs r
    where r.workspace = $1
      and (r.finished_at is null or exists (select from vp.watches w where w.workspace = $1 and w.run = r.run and w.state = 'open'))
      and (position($2 in r.state::text) > 0
        or exists (select from vp.deliveries d join vp.sources s on s.workspace = $1 and s.source = d.source where d.workspace = $1 and d.delivery = r.delivery and s.connection = $2))
    order by r.number limit ${named + 1}`,
}

/** In words ("runs 4, 7"); null: none. */
export const runsThatUse = async (tx: Tx, connection: string): Promise<string | null> => {
  const numbers = (await tx.query<{ number: number }>(using, [tx.workspace, connection])).rows.map((row) => row.number)
  if (numbers.length === 0) return null
  return `${numbers.length === 1 ? 'run' : 'runs'} ${numbers.slice(0, named).join(', ')}${numbers.length > named ? ' and more' : ''}`
}
