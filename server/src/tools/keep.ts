/** How is a connection kept that its tool has taken, and how is it shown? Whichever way it was made. */
import type { z } from 'zod'
import type { ConnectionView } from '@viewportai/core/api/connections'
import { actingAt } from '@viewportai/core/tools/acting'
import { actionOfErrand } from '@viewportai/core/wire/errand'
import type { Holding } from '@viewportai/core/wire/holding'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { readOldSecrets } from '../sources/old-secrets.ts'
import { freshWebhookSecret, sealSecret } from '../sources/secret.ts'
import { readConnection, sealSecrets, type ConnectionRow } from './connections.ts'
import { accountProblem, holdersOf, placeAt, readHolders } from './held-by.ts'
import { planPolls } from './polls.ts'
import { readOldSending } from './sending.ts'
import type { Connection, Tool } from './port.ts'
import { toolNamed } from './table.ts'

type View = z.infer<typeof ConnectionView>
type Poll = {
  connection: string
  stream: string
  nextAt: number
  askedAt: number | null
  problem: string | null
  lost: string | null
  lostAt: number | null
}
/** So long (ms) what asking did not reach is shown. */
const shownMillis = 7 * 86_400_000

/** What is asked about regularly, of all connections of the workspace. */
const pollsIn = async (tx: Tx): Promise<Poll[]> =>
  (
    await tx.query<Poll>(
      `select connection, stream, next_at as "nextAt", asked_at as "askedAt", problem,
         case when lost_at > vp.now_ms() - $2 then lost end as lost, case when lost_at > vp.now_ms() - $2 then lost_at end as "lostAt"
       from vp.polls where workspace = $1 order by connection, stream`,
      [tx.workspace, shownMillis],
    )
  ).rows

type Heard = View['heard'] & { readonly connection: string }
const newest = (condition: string): string =>
  `(select d.received_at from vp.deliveries d where d.workspace = $1 and d.source = s.source and ${condition} order by d.received_at desc limit 1)`
const heard = {
  name: 'connections heard',
  text: `select s.connection, ${newest("d.came = 'webhook'")} as webhook, ${newest("d.came = 'asked'")} as asked, ${newest("d.came = 'line'")} as line,
      ${newest("d.outcome = 'refused' and d.provider_id like 'refused:%'")} as refused
    from vp.sources s where s.workspace = $1 and s.connection is not null and s.removed_at is null`,
}

/** What stands around the connections of a workspace. */
export type Around = {
  readonly polls: readonly Poll[]
  readonly holders: Awaited<ReturnType<typeof readHolders>>
  readonly heard: readonly Heard[]
  /** By the source for what comes in, and by the connection for what goes out. */
  readonly oldSecrets: Awaited<ReturnType<typeof readOldSecrets>>
}
export const aroundConnections = async (tx: Tx): Promise<Around> => ({
  polls: await pollsIn(tx),
  holders: await readHolders(tx),
  heard: (await tx.query<Heard>(heard, [tx.workspace])).rows,
  oldSecrets: new Map([...(await readOldSecrets(tx)), ...(await readOldSending(tx))]),
})
const nothingHeard: View['heard'] = { webhook: null, asked: null, line: null, refused: null }

/** A connection as people see it. `url`: address of this Viewport. */
export const viewOf = (row: ConnectionRow, { polls, holders, heard, oldSecrets }: Around, url: string): View => ({
  id: row.connection,
  tool: row.tool,
  name: row.name,
  settings: row.settings,
  account: row.account?.name ?? null,
  url: row.source === null ? null : `${url}/hooks/${row.source}`,
  problem: row.held ? unheld(row, holders) : row.problem,
  checkedAt: row.checkedAt,
  createdAt: row.createdAt,
  knows: Object.keys(row.places).length,
  heard: heardOf(heard.find((one) => one.connection === row.connection)),
  oldSecrets: [...(oldSecrets.get(row.source ?? row.connection) ?? [])],
  lineAt: row.lineAt,
  polls: polls
    .filter((one) => one.connection === row.connection)
    .map(({ stream, nextAt, askedAt, problem, lost, lostAt }) => ({
      stream,
      nextAt,
      askedAt,
      problem,
      lost: lost === null || lostAt === null ? null : { at: lostAt, what: lost },
    })),
  held: row.held
    ? {
        command: holdCommand(row),
        runners: holdersOf(row, holders).map(({ runner, name, online, holding }) => ({
          id: runner,
          name,
          online,
          account: holding.account?.name ?? null,
          actions: [...holding.actions, ...errandsOf(holding)],
        })),
        without: leftOut(row.tool),
      }
    : null,
})

const heardOf = (found: Heard | undefined): View['heard'] => {
  if (!found) return nothingHeard
  const { connection: _, ...heard } = found
  return heard
}

const errandsOf = ({ tool, errands = [] }: Holding): string[] =>
  (['sight', 'status'] as const).filter((what) => errands.includes(what)).map((what) => actionOfErrand({ tool, what }))

/** What takes the credential and no runner does. */
const leftOut = (name: string): string | null => {
  const tool = toolNamed(name)
  const parts = [
    ...(tool?.poll ? [`${name} is not asked for events: they come by webhook.`] : []),
    ...(tool?.again ? ['An event is not fetched again before it starts something: what was delivered counts.'] : []),
    ...(tool?.sight ? ['An approval there is no vote: approve in Viewport.'] : []),
  ]
  return parts.length === 0 ? null : `While a runner holds it: ${parts.join(' ')}`
}

/** Where a runner should hold the credential and none does, or one is there as somebody else. */
const unheld = (row: ConnectionRow, holders: Around['holders']): string | null =>
  holdersOf(row, holders).length > 0
    ? accountProblem(row, holders)
    : `No runner holds its credential: on one, \`${holdCommand(row)}\`.`

/** The command that keeps the credential of a connection on a runner. */
export const holdCommand = (row: Pick<ConnectionRow, 'tool' | 'name' | 'settings'>): string =>
  `vpd credentials set provider ${row.tool}${row.tool === 'webhook' ? `/${row.name.includes(' ') ? JSON.stringify(row.name) : row.name}` : ''} --url ${placeAt(row)}${actingAt(row.tool)?.user ? ' --user EMAIL' : ''}`

/** As it is shown after a change in this transaction. */
export const shownConnection = async (tx: Tx, id: string, url: string): Promise<View> =>
  viewOf((await readConnection(tx, id))!, await aroundConnections(tx), url)

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
    held = false,
  }: Connection & { readonly tool: string; readonly source: string; readonly held?: boolean },
): Promise<void> => {
  await tx.query(
    'insert into vp.connections (workspace, connection, tool, name, settings, sealed, account, checked_at, created_by, held) values ($1, $2, $3, $4, $5, $6, $7, case when $9 then null else vp.now_ms() end, $8, $9)',
    [tx.workspace, id, kind, name, settings, sealSecrets(key, id, secrets), account, asker.person, held],
  )
  // What comes by looks is stored under it as well, so every tool that tells of anything has one.
  if (tool.hook || tool.poll)
    await tx.query(
      'insert into vp.sources (workspace, source, kind, name, sealed, created_by, connection) values ($1, $2, $3, $4, $5, $6, $7)',
      [tx.workspace, source, kind, name, sealSecret(key, source, freshWebhookSecret()), asker.person, id],
    )
  // Asking takes the credential.
  if (!held) await planPolls(tx, tool, { id, workspace: tx.workspace, name, settings, secrets, account })
  record(tx, {
    type: 'connection.made',
    by: asPerson(asker),
    data: { connection: id, tool: kind, name, settings, account: account?.name ?? null, ...(held && { held }) },
  })
  tx.nudge('connection', id)
}
