/** The routes about webhook addresses. */
import type { z } from 'zod'
import type { Source } from '@viewportai/core/api/deliveries'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { Answers } from '../http/answers.ts'
import { record } from '../ledger/pending.ts'
import { asPerson } from '../sign-in/asker.ts'
import { freshWebhookSecret, sealSecret } from './secret.ts'

type View = z.infer<typeof Source>
type Row = Omit<View, 'kind' | 'url'>
// Read from the deliveries, so that taking one in writes nothing besides itself.
const columns =
  'source as id, name, created_at as "createdAt", accounts, (select d.received_at from vp.deliveries d where d.workspace = sources.workspace and d.source = sources.source order by d.received_at desc limit 1) as "lastAt"'
const viewOf = (row: Row, url: string): View => ({ ...row, kind: 'webhook', url: `${url}/hooks/${row.id}` })

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
  return { source: viewOf(rows[0]!, url), secret }
}

export const sourceAnswers = ({
  db,
  key,
  own,
}: Context): Pick<Answers, 'sources' | 'addSource' | 'changeSource' | 'removeSource'> => ({
  sources: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      sources: (
        await tx.query<Row>(
          `select ${columns} from vp.sources where workspace = $1 and connection is null and removed_at is null order by created_at, source`,
          [tx.workspace],
        )
      ).rows.map((row) => viewOf(row, own.url)),
    })),
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
      return viewOf(rows[0], own.url)
    }),
  removeSource: ({ asker, params }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rowCount } = await tx.query(
        'update vp.sources set removed_at = vp.now_ms() where workspace = $1 and source = $2 and connection is null and removed_at is null',
        [tx.workspace, params.source],
      )
      if (rowCount === 0) return refuse('not_found', { what: 'source', id: params.source })
      record(tx, { type: 'source.removed', by: asPerson(asker), data: { source: params.source } })
      return undefined
    }),
})
