/**
 * What is left behind when a connection leads to another server?
 * What was kept of the server before means something else at the new one, or nothing: a place in a list, the number of an issue, where somebody is told something. The
 * connection itself, and what stands in facts, is not touched: effects, looks and statuses of runs hold the server against their thing by themselves.
 */
import { serverOf } from '@viewportai/core/tools/reach'
import type { Tx } from '../database/tenant.ts'
import { keepAt } from '../deliveries/seen.ts'
import type { ConnectionRow } from './connections.ts'
import type { Tool } from './port.ts'

const unsaid = {
  name: 'whispers unsaid',
  text: `update vp.whispers set done_at = vp.now_ms(), problem = 'its connection leads to another server now' where workspace = $1 and connection = $2 and begun_at is null and done_at is null`,
}

/** `row`: as it was. Its askings are planned anew after this. */
export const leaveServer = async (
  tx: Tx,
  tool: Tool,
  row: Pick<ConnectionRow, 'connection' | 'tool' | 'settings'>,
): Promise<void> => {
  await tx.query('delete from vp.polls where workspace = $1 and connection = $2', [tx.workspace, row.connection])
  await tx.query(unsaid, [tx.workspace, row.connection])
  if (tool.numbersAlike) await keepAt(tx, row.tool, row.connection, serverOf(row.tool, row))
}
