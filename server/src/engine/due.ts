/** How does work get into the engine from a transaction, and how is it closed? Rows of vp.due; the engine is told through its one door. */
import type { Tx } from '../database/tenant.ts'
import type { Kind } from './port.ts'

/** Queue of a kind. The name of the engine's workflow is the kind. */
export const queueOf: Readonly<Record<Kind, string>> = { intake: 'intake', effect: 'effects', task: 'tasks' }

/** The engine's id of a piece of work. */
export const workflowId = (kind: Kind, workspace: string, key: string): string =>
  kind === 'effect' ? `effect:${key}` : `${kind}:${workspace}:${key}`

const dueNow = {
  name: 'due now',
  text: `insert into vp.due (workspace, kind, key, run, enqueued_at) values ($1, $2, $3, $4, vp.now_ms())
    on conflict do nothing returning engine.vp_enqueue($2, $5, $6, $1 || ' ' || $3)`,
}
const dueLater = {
  name: 'due later',
  text: 'insert into vp.due (workspace, kind, key, run, at) values ($1, $2, $3, $4, $5) on conflict do nothing',
}

/** Writes the due row and tells the engine, both in the caller's transaction. With `at` in the future only the row is written; the sweep enqueues it then. */
export const enqueue = async (
  tx: Tx,
  kind: Kind,
  key: string,
  { run = null, at = null }: { run?: string | null; at?: number | null } = {},
): Promise<void> => {
  if (at === null)
    await tx.query(dueNow, [tx.workspace, kind, key, run, queueOf[kind], workflowId(kind, tx.workspace, key)])
  else await tx.query(dueLater, [tx.workspace, kind, key, run, at])
}

/** Tells the engine about a row that is due and was not told, or whose telling was lost. Saying it twice does nothing. */
export const enqueueAgain = async (tx: Tx, kind: Kind, key: string): Promise<void> => {
  await tx.query(
    `update vp.due set enqueued_at = vp.now_ms() where workspace = $1 and kind = $2 and key = $3 and done_at is null returning engine.vp_enqueue($2, $4, $5, $1 || ' ' || $3)`,
    [tx.workspace, kind, key, queueOf[kind], workflowId(kind, tx.workspace, key)],
  )
}

/** Closes the row: the work is done, or will not be done. */
export const closeDue = async (tx: Tx, kind: Kind, key: string): Promise<void> => {
  await tx.query(
    {
      name: 'due done',
      text: 'update vp.due set done_at = vp.now_ms() where workspace = $1 and kind = $2 and key = $3 and done_at is null',
    },
    [tx.workspace, kind, key],
  )
}
