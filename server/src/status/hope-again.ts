/**
 * Which statuses are worth trying again, now that a connection has another token or other settings?
 * Those that could not be told through it, also when they were given up. What somebody deleted stays deleted.
 */
import type { Tx } from '../database/tenant.ts'

const again = {
  name: 'run statuses hope again',
  text: `update vp.run_statuses s set done_at = null, failures = 0, waits = 0, next_at = vp.now_ms() from vp.runs r, vp.deliveries d, vp.sources o
    where s.workspace = $1 and s.problem is not null and s.failures > 0 and r.workspace = $1 and r.run = s.run
      and d.workspace = $1 and d.delivery = r.delivery and o.workspace = $1 and o.source = d.source and o.connection = $2`,
}

/** Makes them due at once, in the transaction that changes the connection. */
export const hopeAgain = async (tx: Tx, connection: string): Promise<void> => {
  await tx.query(again, [tx.workspace, connection])
}
