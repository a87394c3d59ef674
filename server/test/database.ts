/** A database of one's own for a test: a copy of the migrated template, dropped at the end of the file. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { openDatabase, type Database } from '../src/database/open.ts'
import { loginsOf } from '../src/database/roles.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { freshId } from '../src/fresh-id.ts'

export type TestDatabase = {
  readonly db: Database
  /** URL of the user that may set Viewport up, on this database. */
  readonly url: string
  readonly key: Uint8Array
  /** Another opening of the same database, as a second replica would have it; closed at the end. */
  again(): Promise<Database>
  /** Makes an empty workspace and returns its id. */
  workspace(name?: string): Promise<string>
  /** What was warned about so far. */
  readonly warnings: { words: string; about: Record<string, unknown> }[]
}

/** Makes it now; closes and drops it after all tests of the file. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const { url, drop } = await emptyDatabase(inject('template'))
  const key = Buffer.from(inject('key'), 'base64')
  const warnings: TestDatabase['warnings'] = []
  const opened: Database[] = []
  // The template was made with the same key, but its logins belong to its own name: opening makes this copy's.
  const open = async (): Promise<Database> => {
    const db = await openDatabase({ url, key, warn: (words, about) => void warnings.push({ words, about }) })
    opened.push(db)
    return db
  }
  const db = await open()
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()))
    await drop()
  })
  return { db, url, key, warnings, again: open, workspace: (name) => makeWorkspace(db, name) }
}

/** A database (copied from `template`, or empty) whose dropping is yours to call. */
export const emptyDatabase = async (
  template = 'template0',
): Promise<{ url: string; name: string; drop(): Promise<void> }> => {
  const server = inject('postgresUrl')
  const name = `${inject('prefix')}${randomBytes(5).toString('hex')}`
  await onServer(server, async (client) => {
    // Only one copy of a template can be made at a time; test files run side by side.
    await client.query(`select pg_advisory_lock(hashtext('viewport test template'))`)
    await client.query(`create database ${name} template ${template}`)
  })
  const url = new URL(server)
  url.pathname = `/${name}`
  const drop = (): Promise<void> =>
    onServer(server, async (client) => {
      await client.query(`drop database if exists ${name} with (force)`)
      for (const { user } of Object.values(loginsOf(name, new Uint8Array(32))))
        await client.query(`drop role if exists ${user}`)
    })
  return { url: url.href, name, drop }
}

const onServer = async (url: string, fn: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await fn(client).finally(() => client.end())
}

/** An empty workspace. */
export const makeWorkspace = async (db: Database, name = 'Test'): Promise<string> => {
  const workspace = freshId('ws')
  await inWorkspace(db, workspace, async (tx) => {
    await tx.query('insert into vp.workspaces (workspace, slug, name) values ($1, $2, $3)', [
      workspace,
      workspace.slice(3),
      name,
    ])
    await tx.query('insert into vp.heads (workspace, hash) values ($1, $2)', [workspace, '0'.repeat(64)])
    await tx.query('insert into vp.numbers (workspace) values ($1)', [workspace])
  })
  return workspace
}
