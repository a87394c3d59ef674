/** How is a connection kept that its tool has taken, and how is it shown? Whichever way it was made. */
import type { z } from 'zod'
import type { ConnectionView } from '@viewportai/core/api/connections'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { freshWebhookSecret, sealSecret } from '../sources/secret.ts'
import { readConnection, sealSecrets, type ConnectionRow } from './connections.ts'
import { planPolls } from './polls.ts'
import type { Connection, Tool } from './port.ts'

type View = z.infer<typeof ConnectionView>
type Poll = { connection: string; stream: string; nextAt: number; problem: string | null }

/** What is asked about regularly, of all connections of the workspace. */
export const pollsIn = async (tx: Tx): Promise<Poll[]> =>
  (
    await tx.query<Poll>(
      'select connection, stream, next_at as "nextAt", problem from vp.polls where workspace = $1 order by connection, stream',
      [tx.workspace],
    )
  ).rows

/** A connection as people see it. `url`: address of this Viewport. */
export const viewOf = (row: ConnectionRow, polls: readonly Poll[], url: string): View => ({
  id: row.connection,
  tool: row.tool,
  name: row.name,
  settings: row.settings,
  account: row.account?.name ?? null,
  url: row.source === null ? null : `${url}/hooks/${row.source}`,
  problem: row.problem,
  checkedAt: row.checkedAt,
  createdAt: row.createdAt,
  lastAt: row.lastAt,
  polls: polls
    .filter((one) => one.connection === row.connection)
    .map(({ stream, nextAt, problem }) => ({ stream, nextAt, problem })),
})

/** As it is shown after a change in this transaction. */
export const shownConnection = async (tx: Tx, id: string, url: string): Promise<View> =>
  viewOf((await readConnection(tx, id))!, await pollsIn(tx), url)

/** Has a connection to this tool the name already? */
export const isTaken = async (tx: Tx, tool: string, name: string): Promise<boolean> =>
  (
    await tx.query(
      'select from vp.connections where workspace = $1 and tool = $2 and name = $3 and removed_at is null',
      [tx.workspace, tool, name],
    )
  ).rowCount !== 0

/** Keeps it, with an address of its own (`source`) for what comes by it, and plans what is asked about. */
export const keepConnection = async (
  tx: Tx,
  key: Uint8Array,
  asker: Asker,
  tool: Tool,
  {
    id,
    name,
    settings,
    secrets,
    account,
    tool: kind,
    source,
  }: Connection & { readonly tool: string; readonly source: string },
): Promise<void> => {
  await tx.query(
    'insert into vp.connections (workspace, connection, tool, name, settings, sealed, account, checked_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, vp.now_ms(), $8)',
    [tx.workspace, id, kind, name, settings, sealSecrets(key, id, secrets), account, asker.person],
  )
  // What comes by looks is stored under it as well, so every tool that tells of anything has one.
  if (tool.hook || tool.poll)
    await tx.query(
      'insert into vp.sources (workspace, source, kind, name, sealed, created_by, connection) values ($1, $2, $3, $4, $5, $6, $7)',
      [tx.workspace, source, kind, name, sealSecret(key, source, freshWebhookSecret()), asker.person, id],
    )
  await planPolls(tx, tool, { id, workspace: tx.workspace, name, settings, secrets, account })
  record(tx, {
    type: 'connection.made',
    by: asPerson(asker),
    data: { connection: id, tool: kind, name, settings, account: account?.name ?? null },
  })
  tx.nudge('connection', id)
}
