/**
 * With which secret does a tool sign what comes in by a connection, and how is it changed without losing an event?
 * The one before is taken for a while, as long as the tool signs with it; what goes out to a webhook target is signed with both (sending.ts). What acts at the tool (tokens, keys) has nothing of this: it counts at once.
 */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { ConnectField } from '@viewportai/core/tools/port'
import type { Actor } from '@viewportai/core/run/facts'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { record } from '../ledger/pending.ts'
import { asPerson } from '../sign-in/asker.ts'
import { endOldSecrets, replaceSecret } from '../sources/old-secrets.ts'
import { freshWebhookSecret } from '../sources/secret.ts'
import { opened, readConnection, sealSecrets, type ConnectionRow } from './connections.ts'
import { shownConnection } from './keep.ts'
import { endOldSending, replaceSending, sendingField } from './sending.ts'
import type { Connection, Tool } from './port.ts'
import { toolNamed } from './table.ts'

/** The field of a tool with which what comes in is signed. */
export const signingField = (tool: Pick<Tool, 'fields'>): ConnectField | undefined =>
  tool.fields.find((field) => field.signs)

/** What a connection is signed with, locked until the transaction ends: what is changed beside is seen. */
const nowSigned = async (
  tx: Tx,
  key: Uint8Array,
  connection: string,
): Promise<{ readonly row: ConnectionRow; readonly secrets: Connection['secrets'] } | null> => {
  await tx.query('select from vp.connections where workspace = $1 and connection = $2 for update', [
    tx.workspace,
    connection,
  ])
  const row = await readConnection(tx, connection)
  return row && { row, secrets: opened(key, tx.workspace, row).secrets }
}

type Secrets = Readonly<Record<string, string>>
/** What a connection keeps from now on. `replaced`: the secret that signs is another one, and until when the one before is taken (ms; null: it ended). */
type Kept = { readonly secrets: Secrets; readonly replaced: { readonly oldUntil: number | null } | null }

/**
 * Called before a connection gets other secrets (`next`, made from those `seen` a while ago), in that transaction: where the one that signs is another one then, the one
 * before is taken `hours` longer. `elsewhere`: they are of another server, so none of before is taken.
 */
export const keepOldSigning = async (
  tx: Tx,
  key: Uint8Array,
  tool: Pick<Tool, 'fields'>,
  connection: string,
  { seen, next }: { readonly seen: Secrets; readonly next: Secrets },
  { hours, elsewhere }: { readonly hours: number; readonly elsewhere: boolean },
): Promise<Kept | Refusal> => {
  const field = signingField(tool) ?? sendingField(tool)
  const now = field && (await nowSigned(tx, key, connection))
  if (!field || !now || (now.row.source === null && !field.sends)) return { secrets: next, replaced: null }
  // Who receives at another address must not know what the one before was signed with.
  if (elsewhere && field.sends) await endOldSending(tx, connection)
  const before = now.secrets[field.name] ?? null
  // Where nothing is said of it, it stays what it is now: it may have been changed while the tool was asked.
  const untouched = next[field.name] === seen[field.name]
  const after = untouched ? before : (next[field.name] ?? null)
  const secrets = untouched && before !== null ? { ...next, [field.name]: before } : next
  if (before === after) return { secrets, replaced: null }
  // Without one, nothing that is signed is taken: neither by an older one.
  const longer = elsewhere || after === null ? 0 : hours
  const { name, source } = now.row
  const replaced = field.sends
    ? await replaceSending(tx, key, { connection, name }, before, longer)
    : await replaceSecret(tx, key, { source: source!, name }, before, longer)
  return isRefusal(replaced) ? replaced : { secrets, replaced }
}

const whereMade = ({ name, tool, held }: ConnectionRow, title: string, field: ConnectField | undefined): Refusal =>
  held && field?.sends
    ? refuse('secret_made_elsewhere', {
        name,
        why: 'a runner holds it, and signs with it alone',
        next: `Change it there, once its receiver takes both: \`vpd credentials set provider ${tool}/NAME\`.`,
      })
    : refuse('secret_made_elsewhere', {
        name,
        why: `${title} has it, or an admin there chose it`,
        next: `Change it there, and give it here, as soon as it counts: \`viewport connections change NAME --secret ${field?.name ?? 'SECRET'}=FILE\`. The one before is taken for a while.`,
      })

/** Makes another secret for what comes in, or for what goes out to a webhook target; given once. The tool is not asked: it does not tell with what it signs. */
const rotateConnection = async (
  tx: Tx,
  by: Actor,
  { connection, oldHours }: { readonly connection: string; readonly oldHours: number },
  { key, url }: { readonly key: Uint8Array; readonly url: string },
) => {
  const now = await nowSigned(tx, key, connection)
  const tool = now && toolNamed(now.row.tool)
  if (!now || !tool) return refuse('not_found', { what: 'connection', id: connection })
  const { row } = now
  const field = signingField(tool) ?? sendingField(tool)
  if (field?.otherwise !== 'made' || (row.held && field.sends)) return whereMade(row, tool.title ?? row.tool, field)
  const secret = freshWebhookSecret()
  const to = { seen: now.secrets, next: { ...now.secrets, [field.name]: secret } }
  const kept = await keepOldSigning(tx, key, tool, connection, to, { hours: oldHours, elsewhere: false })
  if (isRefusal(kept)) return kept
  await tx.query('update vp.connections set sealed = $3 where workspace = $1 and connection = $2', [
    tx.workspace,
    connection,
    sealSecrets(key, connection, kept.secrets),
  ])
  record(tx, {
    type: 'connection.changed',
    by,
    data: {
      connection,
      tool: row.tool,
      name: row.name,
      settings: row.settings,
      account: row.account?.name ?? null,
      secrets: [field.name],
      oldUntil: kept.replaced?.oldUntil ?? null,
    },
  })
  tx.nudge('connection', connection)
  return { connection: await shownConnection(tx, connection, url), made: { [field.name]: secret }, notes: [] }
}

export const signingAnswers = ({
  db,
  key,
  own,
}: Context): Pick<Answers, 'rotateConnection' | 'endOldConnectionSecrets'> => ({
  rotateConnection: ({ asker, params: { connection }, body: { oldHours } }) =>
    inWorkspace(db, asker.workspace, (tx) =>
      rotateConnection(tx, asPerson(asker), { connection, oldHours }, { key, url: own.url }),
    ),
  endOldConnectionSecrets: ({ asker, params: { connection } }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const row = await readConnection(tx, connection)
      if (!row) return refuse('not_found', { what: 'connection', id: connection })
      const count = row.source === null ? await endOldSending(tx, connection) : await endOldSecrets(tx, row.source)
      if (count === 0) return refuse('no_old_secret', { name: row.name })
      record(tx, { type: 'connection.old_secrets_ended', by: asPerson(asker), data: { connection, count } })
      tx.nudge('connection', connection)
      return undefined
    }),
})
