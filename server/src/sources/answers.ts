/** The routes about webhook addresses. */
import type { z } from 'zod'
import type { OldSecret } from '@viewportai/core/api/old-secrets'
import type { Source } from '@viewportai/core/api/deliveries'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { Answers } from '../http/answers.ts'
import { record } from '../ledger/pending.ts'
import { asPerson } from '../sign-in/asker.ts'
import { endOldSecrets, readOldSecrets, replaceSecret } from './old-secrets.ts'
import { freshWebhookSecret, openSecret, sealSecret } from './secret.ts'

type View = z.infer<typeof Source>
type Row = Omit<View, 'kind' | 'url' | 'oldSecrets'>
// Read from the deliveries, so that taking one in writes nothing besides itself.
const columns =
  'source as id, name, created_at as "createdAt", accounts, (select d.received_at from vp.deliveries d where d.workspace = sources.workspace and d.source = sources.source order by d.received_at desc limit 1) as "lastAt"'
const viewOf = (row: Row, url: string, oldSecrets: readonly OldSecret[]): View => ({
  ...row,
  kind: 'webhook',
  url: `${url}/hooks/${row.id}`,
  oldSecrets: [...oldSecrets],
})
/** As it is shown after a change in this transaction. */
const shown = async (tx: Tx, row: Row, url: string): Promise<View> =>
  viewOf(row, url, (await readOldSecrets(tx)).get(row.id) ?? [])

/** Makes a webhook address. The secret is given once and never again. */
const makeSource = async (
  tx: Tx,
  by: Actor,
  { name, accounts }: { readonly name: string; readonly accounts: readonly string[] },
  { key, url }: { readonly key: Uint8Array; readonly url: string },
): Promise<{ source: View; secret: string } | Refusal> => {
  const { rowCount: taken } = await tx.query(
    'select from vp.sources where workspace = $1 and name = $2 and connection is null and removed_at is null',
    [tx.workspace, name],
  )
  if (taken) return refuse('conflict', { what: `The source ${name}` })
  const id = freshId('src')
  const secret = freshWebhookSecret()
  const { rows } = await tx.query<Row>(
    `insert into vp.sources (workspace, source, name, sealed, created_by, accounts) values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [tx.workspace, id, name, sealSecret(key, id, secret), by.kind === 'person' ? by.id : null, accounts],
  )
  record(tx, { type: 'source.made', by, data: { source: id, name, kind: 'webhook', accounts: [...accounts] } })
  return { source: viewOf(rows[0]!, url, []), secret }
}

/** Makes another secret, given once. The one before is taken `oldHours` longer, for its sender signs with it still. */
const rotateSource = async (
  tx: Tx,
  by: Actor,
  { source, oldHours }: { readonly source: string; readonly oldHours: number },
  { key, url }: { readonly key: Uint8Array; readonly url: string },
): Promise<{ source: View; secret: string } | Refusal> => {
  const { rows: found } = await tx.query<{ name: string; sealed: string }>(
    'select name, sealed from vp.sources where workspace = $1 and source = $2 and connection is null and removed_at is null for update',
    [tx.workspace, source],
  )
  if (!found[0]) return refuse('not_found', { what: 'source', id: source })
  const { name, sealed } = found[0]
  const kept = await replaceSecret(tx, key, { source, name }, openSecret(key, source, sealed), oldHours)
  if (isRefusal(kept)) return kept
  const secret = freshWebhookSecret()
  const { rows } = await tx.query<Row>(
    `update vp.sources set sealed = $3 where workspace = $1 and source = $2 returning ${columns}`,
    [tx.workspace, source, sealSecret(key, source, secret)],
  )
  record(tx, { type: 'source.secret_made', by, data: { source, oldUntil: kept.oldUntil } })
  tx.nudge('delivery', source)
  return { source: await shown(tx, rows[0]!, url), secret }
}

export const sourceAnswers = ({
  db,
  key,
  own,
}: Context): Pick<
  Answers,
  'sources' | 'addSource' | 'changeSource' | 'rotateSource' | 'endOldSecrets' | 'removeSource'
> => ({
  sources: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rows } = await tx.query<Row>(
        `select ${columns} from vp.sources where workspace = $1 and connection is null and removed_at is null order by created_at, source`,
        [tx.workspace],
      )
      const old = await readOldSecrets(tx)
      return { sources: rows.map((row) => viewOf(row, own.url, old.get(row.id) ?? [])) }
    }),
  addSource: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, (tx) => makeSource(tx, asPerson(asker), body, { key, url: own.url })),
  changeSource: ({ asker, params, body: { accounts } }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rows } = await tx.query<Row>(
        `update vp.sources set accounts = $3 where workspace = $1 and source = $2 and connection is null and removed_at is null returning ${columns}`,
        [tx.workspace, params.source, accounts],
      )
      if (!rows[0]) return refuse('not_found', { what: 'source', id: params.source })
      record(tx, { type: 'source.changed', by: asPerson(asker), data: { source: params.source, accounts } })
      return shown(tx, rows[0], own.url)
    }),
  rotateSource: ({ asker, params: { source }, body: { oldHours } }) =>
    inWorkspace(db, asker.workspace, (tx) =>
      rotateSource(tx, asPerson(asker), { source, oldHours }, { key, url: own.url }),
    ),
  endOldSecrets: ({ asker, params: { source } }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rows } = await tx.query<{ name: string }>(
        'select name from vp.sources where workspace = $1 and source = $2 and connection is null and removed_at is null for update',
        [tx.workspace, source],
      )
      if (!rows[0]) return refuse('not_found', { what: 'source', id: source })
      const count = await endOldSecrets(tx, source)
      if (count === 0) return refuse('no_old_secret', { name: rows[0].name })
      record(tx, { type: 'source.old_secrets_ended', by: asPerson(asker), data: { source, count } })
      tx.nudge('delivery', source)
      return undefined
    }),
  removeSource: ({ asker, params }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rowCount } = await tx.query(
        'update vp.sources set removed_at = vp.now_ms() where workspace = $1 and source = $2 and connection is null and removed_at is null',
        [tx.workspace, params.source],
      )
      if (rowCount === 0) return refuse('not_found', { what: 'source', id: params.source })
      await endOldSecrets(tx, params.source)
      record(tx, { type: 'source.removed', by: asPerson(asker), data: { source: params.source } })
      return undefined
    }),
})
