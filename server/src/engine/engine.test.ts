import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import pg from 'pg'
import { idFrom } from '@viewportai/core/ids'
import { testDatabase } from '../../test/database.ts'
import { types } from '../database/pool.ts'
import { inWorkspace } from '../database/tenant.ts'
import { enqueue } from './due.ts'
import { asEngine, engineRelease } from './schema.ts'

const made = await testDatabase()
const { db } = made
const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-engine-'))
const children: ChildProcess[] = []
const engine = new pg.Pool({ connectionString: asEngine(db.engineUrl), max: 2, types })

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await engine.end()
  rmSync(folder, { recursive: true, force: true })
})

type Said = { what: string; about: Record<string, unknown> }
type Engine = { child: ChildProcess; said: Said[]; gone: Promise<void> }

const startEngine = async (calls: string, name: string): Promise<Engine> => {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../../test/engine-alone.ts', import.meta.url)),
      made.url,
      Buffer.from(made.key).toString('base64'),
      calls,
      name,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH, HOME: folder } },
  )
  children.push(child)
  const said: Said[] = []
  let errors = ''
  child.stderr!.on('data', (text) => (errors += text))
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (line.startsWith('{')) said.push(JSON.parse(line) as Said)
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await vi.waitFor(
    () =>
      expect(
        said.map(({ what }) => what),
        errors,
      ).toContain('ready'),
    { timeout: 20_000, interval: 50 },
  )
  return { child, said, gone }
}

const rows = async <R extends object>(workspace: string, text: string): Promise<R[]> =>
  inWorkspace(db, workspace, async (tx) => (await tx.query<R & Record<string, unknown>>(text)).rows)
const until = (check: () => Promise<void> | void, timeout = 30_000) => vi.waitFor(check, { timeout, interval: 50 })
const count = async (workspace: string, text: string): Promise<number> =>
  (await rows<{ count: number }>(workspace, `select count(*) as count from ${text}`))[0]!.count

test('the release whose schema is made is the one that is installed', () => {
  const own = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(own.dependencies['@dbos-inc/dbos-sdk']).toBe(engineRelease)
})

describe('who may do what', () => {
  test.each([
    ['read its rows', 'select * from engine.workflow_status'],
    ['enqueue past the door', `select engine.enqueue_workflow('effect', 'effects')`],
    ['change its rows', `update engine.workflow_status set status = 'SUCCESS'`],
  ])('the application may not %s', async (_, text) => {
    await expect(db.app.query(text)).rejects.toThrow(/permission denied/)
  })
  test.each([
    ['our tables', 'select * from vp.facts'],
    ['our look-ups', 'select vp.workspace_ids()'],
  ])('the engine sees none of %s', async (_, text) => {
    await expect(engine.query(text)).rejects.toThrow(/permission denied/)
  })
  test('what is enqueued in a transaction goes with it', async () => {
    const workspace = await made.workspace()
    const ids = async () =>
      (
        await engine.query<{ id: string }>(
          `select workflow_uuid as id from engine.workflow_status where workflow_uuid like 'effect:int_roll%' order by 1`,
        )
      ).rows.map(({ id }) => id)
    await expect(
      inWorkspace(db, workspace, async (tx) => {
        await enqueue(tx, 'effect', 'int_rolled-1:1')
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await ids()).toEqual([])
    for (const _ of [1, 2]) await inWorkspace(db, workspace, (tx) => enqueue(tx, 'effect', 'int_rolls-1:1'))
    expect(await ids()).toEqual(['effect:int_rolls-1:1'])
    expect(await count(workspace, 'vp.due')).toBe(1)
    await engine.query(`delete from engine.workflow_status where workflow_uuid = 'effect:int_rolls-1:1'`)
    await rows(workspace, 'delete from vp.due')
  })
})

test.each(['intake', 'effects'])(
  'of two engines one is killed amid the %s of 50 deliveries: each is taken in once, every effect has one receipt',
  { timeout: 90_000 },
  async (amid) => {
    const workspace = await made.workspace()
    const calls = path.join(folder, `calls-${amid}`)
    writeFileSync(calls, '')
    const [a, b] = await Promise.all([startEngine(calls, 'a'), startEngine(calls, 'b')])
    await inWorkspace(db, workspace, async (tx) => {
      for (let n = 0; n < 50; n++)
        await tx.query(
          `insert into vp.deliveries (workspace, delivery, source, provider_id) values ($1, $2, 'src_1', $3)`,
          [workspace, idFrom('dlv', randomBytes(13)), `id ${n}`],
        )
      tx.nudge('delivery', 'all')
    })
    const workers = () =>
      new Set(
        readFileSync(calls, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[0]),
      )
    if (amid === 'effects') await until(() => expect(workers()).toEqual(new Set(['a', 'b'])))
    else await until(async () => expect(await count(workspace, 'vp.runs')).toBeGreaterThan(5))
    a.child.kill('SIGKILL')
    await a.gone
    const killedAt = Date.now()
    const before = {
      receipts: await count(workspace, `vp.settings where name like 'receipt %'`),
      runs: await count(workspace, 'vp.runs'),
    }
    expect(amid === 'effects' ? before.receipts : before.runs).toBeLessThan(amid === 'effects' ? 100 : 50) // it was killed amid the work
    await until(async () => expect(await count(workspace, `vp.settings where name like 'receipt %'`)).toBe(100))
    await until(async () => expect(await count(workspace, 'vp.due where done_at is null')).toBe(0))
    const millis = Date.now() - killedAt
    expect(await count(workspace, 'vp.runs')).toBe(50)
    expect(
      await rows(workspace, 'select count(distinct delivery) as deliveries, max(number) as last from vp.runs'),
    ).toEqual([{ deliveries: 50, last: 50 }])
    expect(await count(workspace, `vp.deliveries where state <> 'processed'`)).toBe(0)
    const called = readFileSync(calls, 'utf8').trim().split('\n')
    expect(new Set(called.map((line) => line.split(' ')[1])).size).toBe(100)
    await until(async () =>
      expect(
        (
          await engine.query(
            `select status, count(*) from engine.workflow_status where status <> 'SUCCESS' group by status`,
          )
        ).rows,
      ).toEqual([]),
    )
    expect(b.said.filter(({ what }) => what.startsWith('warn: A piece'))).toEqual([])
    console.log(JSON.stringify({ killedAfter: before, doneMillisAfterKill: millis, calls: called.length }))
    b.child.stdin!.write('stop\n')
    await b.gone
    expect(b.said.map(({ what }) => what)).toContain('stopped')
  },
)

describe('one engine', () => {
  test(
    'tells retries and giving up, waits for the time, does not do what was cancelled, finds what was left behind, ends calmly',
    { timeout: 60_000 },
    async () => {
      const workspace = await made.workspace()
      const calls = path.join(folder, 'calls-one')
      writeFileSync(calls, '')
      const lines = () =>
        readFileSync(calls, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ').slice(1).join(' '))
      const c = await startEngine(calls, 'c')
      const now = async () => (await rows<{ now: number }>(workspace, 'select vp.now_ms() as now'))[0]!.now
      const at = (await now()) + 2_000
      await inWorkspace(db, workspace, async (tx) => {
        await enqueue(tx, 'task', 'fails-2')
        await enqueue(tx, 'task', 'fails-99')
        await enqueue(tx, 'task', 'later', { at })
        await enqueue(tx, 'task', 'never', { at })
        await tx.query(`insert into vp.due (workspace, kind, key) values ($1, 'task', 'left-behind')`, [workspace]) // its enqueueing was lost
      })
      c.child.stdin!.write(`cancel ${workspace} never\n`)
      await until(() =>
        expect(lines()).toEqual(
          expect.arrayContaining([
            'fails-2 1',
            'fails-2 2',
            'fails-2 3',
            'fails-99 4',
            'gave up fails-99: attempt 4',
            'left-behind 1',
          ]),
        ),
      )
      const retries = c.said
        .filter(({ what, about }) => what === 'warn: A piece of work failed.' && about.key === 'fails-2')
        .map(({ about }) => about.attempt)
      expect(retries).toEqual([1, 2])
      expect(c.said.filter(({ what }) => what === 'warn: A piece of work was given up.')).toHaveLength(1)
      await until(() => expect(lines()).toContain('later 1'))
      expect(await now()).toBeGreaterThanOrEqual(at)
      // What was given up is closed as well, long before the sweep would look at it.
      await until(async () => expect(await count(workspace, 'vp.due where done_at is null')).toBe(0), 10_000)
      expect(lines()).not.toContain('never 1')
      await until(async () => {
        c.child.stdin!.write('state\n')
        expect(c.said.findLast(({ what }) => what === 'state')?.about).toMatchObject({
          leads: true,
          waiting: 0,
          running: 0,
        })
      })
      c.child.stdin!.write('stop\n')
      await c.gone
      expect(c.said.map(({ what }) => what).slice(-1)).toEqual(['stopped'])
    },
  )

  test('goes on where it stopped when the database was away', { timeout: 60_000 }, async () => {
    const workspace = await made.workspace()
    const calls = path.join(folder, 'calls-away')
    writeFileSync(calls, '')
    const d = await startEngine(calls, 'd')
    await inWorkspace(db, workspace, async (tx) => {
      for (let n = 0; n < 60; n++) await enqueue(tx, 'effect', `int_away-${n}:1`)
    })
    await until(() => expect(readFileSync(calls, 'utf8')).not.toBe(''))
    // Every connection of the engine is cut, several times, amid its work: as a restart of the database does it.
    for (let n = 0; n < 4; n++) {
      await admin('select pg_sleep(0.15)')
      await admin(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'viewport%'`,
      )
    }
    await until(async () => expect(await count(workspace, `vp.settings where name like 'receipt %'`)).toBe(60))
    await until(async () => expect(await count(workspace, 'vp.due where done_at is null')).toBe(0))
    await until(async () =>
      expect((await engine.query(`select count(*) from engine.workflow_status where status = 'PENDING'`)).rows).toEqual(
        [{ count: 0 }],
      ),
    )
    d.child.stdin!.write('stop\n')
    await d.gone
  })
})

const admin = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: made.url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}
