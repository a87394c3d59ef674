/**
 * How does work get into the engine from a transaction, and how is it closed? Rows of vp.due; the engine is told through its one door.
 * Its queue is one for all workspaces, so of each it holds a few pieces only: the rest waits as rows, and follows as those are done.
 */
import type { Tx } from '../database/tenant.ts'
import type { Kind } from './port.ts'

/** Queue of a kind. The name of the engine's workflow is the kind. */
export const queueOf: Readonly<Record<Kind, string>> = { intake: 'intake', effect: 'effects', task: 'tasks' }

/** The engine's id of a piece of work. */
export const workflowId = (kind: Kind, workspace: string, key: string): string =>
  kind === 'effect' ? `effect:${key}` : `${kind}:${workspace}:${key}`

/**
 * So many pieces of one workspace are with the engine, over all replicas: more than are carried out at once, so that the next one is at hand when one is done. Two
 * transactions at the same moment may each find room; that makes some more, once.
 */
export const withEngineAtMost = 8

/** How many more the engine may be told of. `$1`: the workspace. */
export const roomLeft = `greatest(0, ${withEngineAtMost} - (select count(*) from vp.due where workspace = $1 and done_at is null and enqueued_at is not null))`
/** Tells the engine of a row of `due`, whatever its kind. */
const tell = `engine.vp_enqueue(due.kind, case due.kind ${Object.entries(queueOf)
  .map(([kind, queue]) => `when '${kind}' then '${queue}'`)
  .join(
    ' ',
  )} end, case due.kind when 'effect' then 'effect:' || due.key else due.kind || ':' || due.workspace || ':' || due.key end, due.workspace || ' ' || due.key)`

const dueNow = {
  name: 'due now',
  text: `insert into vp.due (workspace, kind, key, run, enqueued_at) select $1, $2, $3, $4, case when ${roomLeft} > 0 then vp.now_ms() end
    on conflict do nothing returning case when enqueued_at is not null then ${tell} end`,
}
const dueLater = {
  name: 'due later',
  text: 'insert into vp.due (workspace, kind, key, run, at) values ($1, $2, $3, $4, $5) on conflict do nothing',
}

/** Writes the due row and tells the engine, both in the caller's transaction. With `at` in the future, or where the engine has enough of this workspace, only the row is written; it is told then. */
export const enqueue = async (
  tx: Tx,
  kind: Kind,
  key: string,
  { run = null, at = null }: { run?: string | null; at?: number | null } = {},
): Promise<void> => {
  if (at === null) await tx.query(dueNow, [tx.workspace, kind, key, run])
  else await tx.query(dueLater, [tx.workspace, kind, key, run, at])
}

/** Tells the engine about a row that is due and was not told, or whose telling was lost. Saying it twice does nothing. */
export const enqueueAgain = async (tx: Tx, kind: Kind, key: string): Promise<void> => {
  await tx.query(
    `update vp.due set enqueued_at = vp.now_ms() where workspace = $1 and kind = $2 and key = $3 and done_at is null returning ${tell}`,
    [tx.workspace, kind, key],
  )
}

/** What waits longest of this workspace takes the room that is left. */
const tellNext = {
  name: 'due next',
  text: `update vp.due set enqueued_at = vp.now_ms() from (
      select kind, key from vp.due where workspace = $1 and done_at is null and enqueued_at is null and at <= vp.now_ms() order by at, key limit ${roomLeft} for update skip locked
    ) next where due.workspace = $1 and due.kind = next.kind and due.key = next.key returning ${tell}`,
}

/** Closes the row: the work is done, or will not be done. The next one of its workspace follows. */
export const closeDue = async (tx: Tx, kind: Kind, key: string): Promise<void> => {
  tx.send(
    {
      name: 'due done',
      text: 'update vp.due set done_at = vp.now_ms() where workspace = $1 and kind = $2 and key = $3 and done_at is null',
    },
    [tx.workspace, kind, key],
  )
  await tx.query(tellNext, [tx.workspace])
}
