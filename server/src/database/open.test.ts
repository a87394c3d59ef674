import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { emptyDatabase, makeWorkspace, testDatabase } from '../../test/database.ts'
import { asEngine } from '../engine/schema.ts'
import { startWatch } from '../engine/watch.ts'
import { startEmbedded } from '../embedded/start.ts'
import { stopEmbedded } from '../embedded/stop.ts'
import type { Nudge } from './nudge.ts'
import { openDatabase, type Database } from './open.ts'
import { urlWith } from './pool.ts'
import { loginsOf } from './roles.ts'
import { inWorkspace } from './tenant.ts'

const made = await testDatabase()
const key = randomBytes(32)
const dropping: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const drop of dropping.toReversed()) await drop()
})
const empty = async () => {
  const fresh = await emptyDatabase()
  dropping.push(fresh.drop)
  return fresh
}
const open = async (url: string, with_ = key): Promise<Database> => {
  const db = await openDatabase({ url, key: with_, warn: () => {} })
  dropping.push(() => db.close())
  return db
}
const admin = async <T>(url: string, fn: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return fn(client).finally(() => client.end())
}

describe('an empty database', () => {
  test('is set up by two replicas at once, with one installation and shared logins', { timeout: 60_000 }, async () => {
    const fresh = await empty()
    const both = await Promise.all([open(fresh.url), open(fresh.url)])
    expect(both[0]!.installation).toBe(both[1]!.installation)
    const workspace = await makeWorkspace(both[0]!)
    expect(
      await inWorkspace(both[1]!, workspace, async (tx) => (await tx.query('select name from vp.workspaces')).rows),
    ).toEqual([{ name: 'Test' }])
    await expect(open(fresh.url, randomBytes(32))).rejects.toThrow(/set up with another key.*VIEWPORT_KEY/)
    expect((await both[0]!.app.query('select 1 as one')).rows).toEqual([{ one: 1 }]) // the wrong key changed no password
  })

  test(
    'is set up by a user who owns it and may create roles; anybody else is told what to grant',
    { timeout: 60_000 },
    async () => {
      const fresh = await empty()
      const user = `vpt_setup_${randomBytes(4).toString('hex')}`
      const url = new URL(fresh.url)
      url.username = user
      url.password = 'pw'
      await admin(inject('postgresUrl'), (client) => client.query(`create role ${user} login password 'pw'`))
      dropping.push(() =>
        admin(inject('postgresUrl'), async (client) => {
          // The groups stay with the server; what this user granted goes with it.
          for (const role of ['vp_owner', 'vp_app', 'vp_engine', 'vp_lookup'])
            await client.query(`revoke ${role} from ${user} cascade`).catch(() => {})
          await client.query(`drop owned by ${user} cascade`)
          await client.query(`drop role ${user}`)
        }),
      )
      await expect(open(url.href)).rejects.toThrow(
        new RegExp(
          `may not create roles: run "ALTER ROLE ${user} CREATEROLE" as a superuser; the user ${user} does not own the database: run "ALTER DATABASE ${fresh.name} OWNER TO ${user}"`,
        ),
      )
      // Made by a superuser before, the groups must be granted; a server that never saw a Viewport has none and this is not needed.
      await admin(inject('postgresUrl'), (client) =>
        client.query(
          `alter role ${user} createrole; alter database ${fresh.name} owner to ${user}; grant vp_owner, vp_app, vp_engine, vp_lookup to ${user} with admin option`,
        ),
      )
      const db = await open(url.href)
      const workspace = await makeWorkspace(db)
      expect(await inWorkspace(db, workspace, async (tx) => (await tx.query('select 1 as one')).rows)).toEqual([
        { one: 1 },
      ])
      await db.close()
      await fresh.drop()
    },
  )

  test('of a server that never saw a Viewport is set up without a superuser', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-virgin-'))
    chmodSync(folder, 0o711)
    const server = await startEmbedded(path.join(folder, 'data'))
    try {
      await admin(server.url, async (client) => {
        await client.query(`create role team login createrole password 'pw'`)
        await client.query('create database plain owner team')
      })
      const url = new URL(server.url)
      url.username = 'team'
      url.password = 'pw'
      url.pathname = '/plain'
      for (const _ of ['first', 'again']) {
        const db = await openDatabase({ url: url.href, key, warn: () => {} })
        const workspace = await makeWorkspace(db)
        expect(
          await inWorkspace(db, workspace, async (tx) => (await tx.query('select name from vp.workspaces')).rows),
        ).toEqual([{ name: 'Test' }])
        expect(
          (
            await db.app.query('select engine.vp_enqueue($1, $2, $3, $4) as id', [
              'task',
              'tasks',
              `x${workspace}`,
              'y',
            ])
          ).rows,
        ).toHaveLength(1)
        await db.close()
      }
    } finally {
      await stopEmbedded(server)
      rmSync(folder, { recursive: true, force: true })
      if (server.place.elsewhere) rmSync(server.place.folder, { recursive: true, force: true })
    }
  })

  test('says what it found when nobody answers', async () => {
    await expect(open('postgresql://u:p@127.0.0.1:1/nowhere')).rejects.toThrow(
      /No connection to PostgreSQL at 127.0.0.1:1\/nowhere: .*ECONNREFUSED.*Check DATABASE_URL/,
    )
  })
})

test('a login whose password was changed gets its own again', async () => {
  const fresh = await empty()
  const first = await open(fresh.url)
  const { user } = loginsOf(fresh.name, key).app
  await admin(fresh.url, (client) => client.query(`alter role ${user} password 'other'`))
  await first.close()
  expect((await (await open(fresh.url)).app.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

describe('nudges', () => {
  test('reach every replica and this one, after the commit only, with ids and nothing else', async () => {
    const other = await made.again()
    const [here, there]: [Nudge[], Nudge[]] = [[], []]
    made.db.nudges.on((nudge) => void here.push(nudge))
    other.nudges.on((nudge) => void there.push(nudge))
    const raw: string[] = []
    const spy = new pg.Client({ connectionString: made.url })
    await spy.connect()
    spy.on('notification', ({ payload }) => void raw.push(payload!))
    await spy.query('listen viewport')
    const workspace = await made.workspace()
    await inWorkspace(made.db, workspace, async (tx) => {
      tx.nudge('run', 'run_1')
      tx.nudge('gate', 'gate_1')
      expect(here).toEqual([])
    })
    await inWorkspace(made.db, workspace, async (tx) => {
      tx.nudge('run', 'run_lost')
      throw new Error('no')
    }).catch(() => {})
    await vi.waitFor(() => expect(there).toHaveLength(2), 20_000)
    expect(here).toEqual([
      { workspace, topic: 'run', id: 'run_1' },
      { workspace, topic: 'gate', id: 'gate_1' },
    ])
    expect(there).toEqual(here)
    await vi.waitFor(() => expect(raw).toHaveLength(1), 20_000)
    expect(raw[0]!.split('\n').slice(1)).toEqual([`run ${workspace} run_1`, `gate ${workspace} gate_1`])
    await spy.end()
  })

  test('fit into what PostgreSQL takes, however many there are', async () => {
    const other = await made.again()
    const there = new Set<string>()
    other.nudges.on((nudge) => void there.add(nudge.id))
    const workspace = await made.workspace()
    await inWorkspace(made.db, workspace, async (tx) => {
      for (let n = 0; n < 2_000; n++) tx.nudge('run', `run_${String(n).padStart(20, '0')}`)
    })
    await vi.waitFor(() => expect(there.size).toBe(2_000), 20_000)
  })

  test('that were missed are made good by "look at everything" when the connection is back', async () => {
    const other = await made.again()
    const topics: string[] = []
    other.nudges.on((nudge) => void topics.push(nudge.topic))
    await admin(made.url, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'viewport nudges' and datname = current_database()`,
      ),
    )
    await vi.waitFor(() => expect(topics).toContain('resync'), { timeout: 20_000 })
    const workspace = await made.workspace()
    await inWorkspace(made.db, workspace, async (tx) => tx.nudge('work', 'local'))
    await vi.waitFor(() => expect(topics).toContain('work'), { timeout: 20_000 })
  })
})

test('a replica that hangs or vanishes gives its locks back', async () => {
  const { rows } = await made.db.app.query(
    `select current_setting('idle_in_transaction_session_timeout') as idle, current_setting('tcp_keepalives_idle') as keepalive`,
  )
  expect(rows).toEqual([{ idle: '15s', keepalive: '5' }])
  const url = new URL(urlWith('postgresql://h/d?options=-c%20jit%3Doff', { a: 1, b: 'x' }))
  expect(url.searchParams.get('options')).toBe('-c jit=off -c a=1 -c b=x')
})

test('a database that vanishes is noticed in seconds, on every connection of a replica', async () => {
  const asked = vi.spyOn(net.Socket.prototype, 'setKeepAlive')
  onTestFinished(() => asked.mockRestore())
  const { url } = await empty()
  const db = await open(url)
  await db.app.query('select 1')
  const watch = await startWatch({
    url: asEngine(db.engineUrl),
    me: 'me',
    everyMillis: 60_000,
    takeOver: async () => 0,
    warn: () => {},
    tell: () => {},
  }).catch(() => null) // there is no schema of the engine yet; it has connected all the same
  await watch?.close()
  expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3) // of requests, of nudges, of the engine's watch
  expect(asked.mock.calls.filter(([, delay]) => delay !== 5_000)).toEqual([])
})

test('a transaction whose connection dies is an error, and the next one works', async () => {
  const workspace = await made.workspace()
  await expect(
    inWorkspace(made.db, workspace, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      await admin(made.url, (client) => client.query('select pg_terminate_backend($1)', [rows[0]!.pid]))
      await tx.query('select 1')
    }),
  ).rejects.toThrow()
  expect(await inWorkspace(made.db, workspace, async (tx) => (await tx.query('select 1 as one')).rows)).toEqual([
    { one: 1 },
  ])
})
