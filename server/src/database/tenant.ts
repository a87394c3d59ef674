/**
 * How does a query stay inside one workspace?
 * `inWorkspace` opens a transaction, names the workspace for row-level security, and forgets it at the end, so that a pooled
 * connection never carries one tenant into the next. Without it every table looks empty.
 */
import type { Writable } from 'node:stream'
import type { PoolClient, QueryResult, QueryResultRow } from 'pg'
import type { Database } from './open.ts'
import type { Topic } from './nudge.ts'

/** A transaction inside one workspace. */
export type Tx = {
  readonly workspace: string
  /** A named statement is planned once per connection. */
  query<R extends QueryResultRow = QueryResultRow>(
    text: string | { name: string; text: string },
    values?: unknown[],
  ): Promise<QueryResult<R>>
  /**
   * Sends a statement whose answer nobody needs before the commit, without waiting for it. When it fails, or touches another number of
   * rows than `rows`, the transaction fails.
   */
  send(statement: { name: string; text: string }, values: unknown[], rows?: number): void
  /** Says "look now" to every replica after the commit; nothing is said when the transaction fails. Ids only. */
  nudge(topic: Topic, id: string): void
  /** Runs `fn` right before the commit, after everything else: for locks that must be held shortly. */
  atEnd(fn: () => Promise<void>): void
  /** Sends this SQL in one message with the commit: what it locks is held for no round trip. No parameters: escape every literal. */
  withCommit(sql: string): void
}

const workspaceId = /^ws_[0-9a-z]{1,26}$/

/**
 * Runs `fn` in one transaction of one workspace and commits; rolls back and rethrows when it throws.
 * Throws a RangeError for something that is not a workspace id. Serialization failures and deadlocks are the caller's to repeat.
 */
export const inWorkspace = async <T>(db: Database, workspace: string, fn: (tx: Tx) => Promise<T>): Promise<T> => {
  if (!workspaceId.test(workspace)) throw new RangeError(`not a workspace id: ${JSON.stringify(workspace)}`)
  const client: PoolClient = await db.app.connect()
  const nudges: [Topic, string][] = []
  const last: (() => Promise<void>)[] = []
  const closing: string[] = []
  const sent: Promise<unknown>[] = []
  let first: unknown
  // Nobody waits for these where they are sent. What fails after them says only that the transaction is over: the first failure tells why.
  const unwatched = (one: Promise<unknown>): void => {
    sent.push(one)
    one.catch((error: unknown) => (first ??= error))
  }
  let broken: Error | undefined
  const gather = gathering(client)
  try {
    gather()
    unwatched(client.query(`begin; set local vp.workspace = '${workspace}'`)) // travels with the first query; the pattern above makes the text safe
    const result = await fn({
      workspace,
      query: (text, values) => {
        gather()
        return typeof text === 'string'
          ? client.query(text, values)
          : client.query({ ...text, ...(values ? { values } : {}) })
      },
      send: (statement, values, rows) => {
        gather()
        unwatched(
          client.query({ ...statement, values }).then(({ rowCount }) => {
            if (rows !== undefined && rowCount !== rows)
              throw new Error(`${statement.name} touched ${rowCount} rows and should touch ${rows}.`)
          }),
        )
      },
      nudge: (topic, id) => void nudges.push([topic, id]),
      atEnd: (step) => void last.push(step),
      withCommit: (sql) => void closing.push(sql),
    })
    for (const step of last) await step()
    await Promise.all(sent)
    const ended = await client.query<never>([...closing, 'commit'].join(';\n'))
    // After a failure that somebody caught, `commit` rolls back and says nothing else.
    if ([ended].flat().at(-1)?.command !== 'COMMIT')
      throw new Error('The transaction was rolled back, because a statement in it had failed.')
    for (const [topic, id] of nudges) db.nudges.send({ workspace, topic, id })
    return result
  } catch (error) {
    try {
      await client.query('rollback')
    } catch (lost) {
      broken = lost as Error // the connection is gone: the pool must not hand it out again
    }
    throw first ?? error
  } finally {
    client.release(broken)
  }
}

/** Statements of one moment leave in one packet: every packet wakes the server's process once. */
const gathering = (client: PoolClient): (() => void) => {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  let held = false
  return () => {
    if (held) return
    held = true
    stream.cork()
    process.nextTick(() => {
      held = false
      stream.uncork()
    })
  }
}
