import { createHash, createHmac, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { idFrom } from '@viewportai/core/ids'
import { planned, specOf } from '@viewportai/core/run/testing/play'
import { emptyDatabase, makeWorkspace } from '../../test/database.ts'
import { Story } from '../../test/story.ts'
import { tablesOf } from '../database/catalog.ts'
import { migrate, ownMigrations } from '../database/migrate.ts'
import { openDatabase, type Database } from '../database/open.ts'
import { types } from '../database/pool.ts'
import { ensureGroupRoles } from '../database/roles.ts'
import { inWorkspace } from '../database/tenant.ts'
import { startEmbedded, type Running } from '../embedded/start.ts'
import { stopEmbedded } from '../embedded/stop.ts'
import { seal } from '../keys/box.ts'
import { oldSecretPurpose } from '../keys/sealed.ts'
import { loadSigningKeys, rotateSigningKey } from '../keys/signing-keys.ts'
import { act } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import { loadRun } from '../ledger/read.ts'
import { rebuild } from '../ledger/rebuild.ts'
import { verifyWorkspace } from '../ledger/verify.ts'
import { openOldSecret } from '../sources/old-secrets.ts'
import { openSecret, sealSecret, signingBytes } from '../sources/secret.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-backup-'))
chmodSync(folder, 0o711)
const key = randomBytes(32)
const by = { kind: 'person', id: 'usr_sam', name: 'sam' } as const
const file = (name: string): string => path.join(folder, name)
const open = (url: string, with_: Uint8Array = key): Promise<Database> =>
  openDatabase({ url, key: with_, warn: () => {} })

let source: Awaited<ReturnType<typeof emptyDatabase>>
let other: Running // another PostgreSQL: with VIEWPORT_TEST_DATABASE_URL of another make and version
let db: Database
const runs: { workspace: string; run: string }[] = []
const dropping: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  source = await emptyDatabase()
  other = await startEmbedded(file('other'))
  db = await open(source.url)
  await loadSigningKeys(db, key)
  await rotateSigningKey(db, key)
  for (const name of ['One', 'Two']) runs.push({ workspace: await filled(name), run: lastRun })
})
afterAll(async () => {
  await db.close()
  for (const drop of dropping) await drop()
  await source.drop()
  await stopEmbedded(other)
  if (other.place.elsewhere) rmSync(other.place.folder, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

let lastRun = ''
/** A workspace with a bit of everything, hard text and bytes included. */
const filled = async (name: string): Promise<string> => {
  const workspace = await makeWorkspace(db, name)
  const spec = specOf()
  const text = 'tab\t "quoted" \\ back, ünïcödé 🎉, NUL \0, {1,2}'
  const story = await new Story(db, workspace).start({ ...spec, event: { ...spec.event, text } }, 'dlv_1')
  await story.finishes('plan', planned)
  lastRun = story.run
  await inWorkspace(db, workspace, async (tx) => {
    record(tx, { type: 'team.added', by, data: { team: 'team_1', slug: 'payments', name } })
    await tx.query(
      `insert into vp.people (workspace, person, handle, name, role) values ($1, 'usr_sam', 'sam', 'Sam', 'admin')`,
      [workspace],
    )
    await tx.query(`insert into vp.sources (workspace, source, name, sealed) values ($1, $2, 'hook', $3)`, [
      workspace,
      `src_${workspace.slice(3)}`,
      sealSecret(key, `src_${workspace.slice(3)}`, `whsec_${Buffer.from(`secret of ${name}`).toString('base64')}`),
    ])
    await tx.query(
      'insert into vp.old_secrets (workspace, source, secret, sealed, until) values ($1, $2, 1, $3, vp.now_ms() + 3600000)',
      [
        workspace,
        `src_${workspace.slice(3)}`,
        seal(
          key,
          oldSecretPurpose(`src_${workspace.slice(3)}`),
          `whsec_${Buffer.from(`old of ${name}`).toString('base64')}`,
        ),
      ],
    )
    await tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, own_body, headers, runs) values ($1, 'dlv_1', 'src_1', 'id 1', $2, '{"a": 1,  "a": 2}', array['run_1', 'x"y,z'])`,
      [workspace, Buffer.from([0, 1, 255, 10, 13, 92])],
    )
    await tx.query(`insert into vp.delivery_bodies (workspace, source, body) values ($1, 'src_1', $2)`, [
      workspace,
      Buffer.from([0, 255, 92, 10]),
    ])
    await tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, body_digest) select $1, 'dlv_part' || n, 'src_1', 'part ' || n, encode(sha256($2), 'hex') from generate_series(1, 2) n`,
      [workspace, Buffer.from([0, 255, 92, 10])],
    )
    await tx.query(`insert into vp.orders (workspace, "order", runner, body) values ($1, 'ord_1', 'rnr_1', '{}')`, [
      workspace,
    ])
    await tx.query(`insert into vp.due (workspace, kind, key) values ($1, 'task', $1)`, [workspace])
    await tx.query(
      `insert into vp.settings (workspace, name, value) select $1, 's' || n, '{"x":   1}' from generate_series(1, 1200) n`,
      [workspace],
    )
  })
  return workspace
}

/** Every row of every table as PostgreSQL writes it; the secrets sealed anew and the key's check left out. */
const everything = async (of: Database): Promise<Record<string, unknown[]>> =>
  of.asOwner(async (owner) => {
    const found: Record<string, unknown[]> = {}
    const workspaces = (await owner.query<{ id: string }>('select workspace_ids as id from vp.workspace_ids()')).rows
      .map((row) => row.id)
      .sort()
    for (const table of await tablesOf(owner)) {
      if (table.name === 'migrations') continue
      const columns = table.columns
        .map((column) => column.name)
        .filter((column) => !['sealed', 'key_check', 'engine'].includes(column))
      for (const workspace of table.tenant ? workspaces : ['']) {
        await owner.query(`select set_config('vp.workspace', $1, false)`, [workspace])
        found[`${table.name} ${workspace}`] = (
          await owner.query(
            `select ${columns.map((column) => `"${column}"::text`).join(', ')} from vp."${table.name}" ${table.tenant ? `where workspace = '${workspace}'` : ''} order by ${table.key.map((column) => `"${column}"`).join(', ')}`,
          )
        ).rows
      }
    }
    return found
  })

/** An empty database in the other PostgreSQL. */
const elsewhere = async (): Promise<string> => {
  const name = `to_${randomBytes(4).toString('hex')}`
  const client = new pg.Client({ connectionString: other.url })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const url = new URL(other.url)
  url.pathname = `/${name}`
  return url.href
}
const opened = async (url: string, with_?: Uint8Array): Promise<Database> => {
  const one = await open(url, with_)
  dropping.push(() => one.close())
  return one
}

describe('a backup', () => {
  test('goes to another PostgreSQL and back, and every row is the same', { timeout: 60_000 }, async () => {
    const before = await everything(db)
    const done = await backup(db, file('there'), { key })
    expect(done).toMatchObject({ workspaces: 2, words: expect.stringContaining('is not in it') })
    expect(statSync(file('there')).mode & 0o777).toBe(0o600)
    const url = await elsewhere()
    expect(await restore(file('there'), { url, key })).toMatchObject({
      workspaces: 2,
      rows: done.rows,
      facts: 10,
      migrated: [],
    })
    const there = await opened(url)
    expect(await everything(there)).toEqual(before)
    expect(there.installation).toBe(db.installation)

    await backup(there, file('back'), { key })
    const home = await emptyDatabase()
    dropping.push(home.drop)
    await restore(file('back'), { url: home.url, key })
    const back = await open(home.url)
    expect(await everything(back)).toEqual(before)
    // and it goes on from there
    const { workspace, run } = runs[0]!
    expect(await inWorkspace(back, workspace, (tx) => loadRun(tx, run))).toEqual(
      await inWorkspace(db, workspace, (tx) => loadRun(tx, run)),
    )
    expect(
      (await act(back, { workspace, run, command: { do: 'cancel', by, reason: 'enough' } })).state?.finished,
    ).not.toBeNull()
    await inWorkspace(back, workspace, (tx) =>
      tx.query(`insert into vp.orders (workspace, "order", runner, body) values ($1, 'ord_2', 'rnr_1', '{}')`, [
        workspace,
      ]),
    )
    expect(
      await inWorkspace(
        back,
        workspace,
        async (tx) => (await tx.query('select position from vp.orders order by position')).rows.length,
      ),
    ).toBe(2)
    expect((await inWorkspace(back, workspace, verifyWorkspace)).faults).toEqual([])
    expect((await rebuild(back, workspace)).different).toEqual([])
    expect((await loadSigningKeys(back, key)).current.kid).toBe((await loadSigningKeys(db, key)).current.kid)
    await back.close()
  })

  test(
    'with its key goes to an installation with another one, where every secret opens',
    { timeout: 60_000 },
    async () => {
      const done = await backup(db, file('whole'), { key, includeKey: true })
      expect(done.words).toMatch(/holds the installation key/)
      const newKey = randomBytes(32)
      const url = await elsewhere()
      await restore(file('whole'), { url, key: newKey })
      const there = await opened(url, newKey)
      const keys = await loadSigningKeys(there, newKey)
      expect(keys.all).toEqual((await loadSigningKeys(db, key)).all)
      expect(keys.sign(Buffer.from('x')).equals((await loadSigningKeys(db, key)).sign(Buffer.from('x')))).toBe(true)
      const { rows } = await there.app.query<{ sealed: string; old: { sealed: string }[] }>(
        'select sealed, old from vp.source_of($1)',
        [`src_${runs[1]!.workspace.slice(3)}`],
      )
      expect(signingBytes(openSecret(newKey, `src_${runs[1]!.workspace.slice(3)}`, rows[0]!.sealed)).toString()).toBe(
        'secret of Two',
      )
      const [old] = rows[0]!.old
      expect(signingBytes(openOldSecret(newKey, `src_${runs[1]!.workspace.slice(3)}`, old!.sealed)).toString()).toBe(
        'old of Two',
      )
    },
  )

  test(
    'without its key is refused where the key is another one, unless that is given',
    { timeout: 60_000 },
    async () => {
      await backup(db, file('sealed'), { key })
      expect(gunzipSync(readFileSync(file('sealed'))).toString()).not.toContain(key.toString('base64'))
      const url = await elsewhere()
      const newKey = randomBytes(32)
      await expect(restore(file('sealed'), { url, key: newKey })).rejects.toThrow(
        /sealed with another key, which is not in the file/,
      )
      await restore(file('sealed'), { url, key: newKey, oldKey: key })
      await loadSigningKeys(await opened(url, newKey), newKey)
    },
  )

  test('is of one moment while work goes on', { timeout: 60_000 }, async () => {
    const { workspace } = runs[0]!
    let going = true
    const working = (async () => {
      while (going)
        await act(db, {
          workspace,
          run: idFrom('run', randomBytes(13)),
          command: { do: 'start', by, spec: specOf(), delivery: null, tainted: false },
        })
    })()
    await backup(db, file('moment'), { key })
    going = false
    await working
    const url = await elsewhere()
    await restore(file('moment'), { url, key }) // verifies every chain and position
    expect((await rebuild(await opened(url), workspace)).different).toEqual([])
  })

  test('of an older schema is restored as it was and then brought up to date', { timeout: 60_000 }, async () => {
    const own = ownMigrations()
    const url = await elsewhere()
    const client = new pg.Client({ connectionString: url, types })
    await client.connect()
    await ensureGroupRoles(client)
    await migrate(client, own.slice(0, 1))
    await client.query(`insert into vp.installation (id, key_check) values ('old', $1)`, [
      createHmac('sha256', key).update('viewport key check').digest('hex'),
    ])
    await client.query(`begin; set local vp.workspace = 'ws_old'`)
    await client.query(`insert into vp.workspaces (workspace, slug, name) values ('ws_old', 'old', 'Old')`)
    await client.query(`insert into vp.heads (workspace, hash) values ('ws_old', repeat('0', 64))`)
    await client.query('commit')
    const old = file('of an older schema')
    await backup({ asOwner: async (fn) => fn(client) }, old, { key })
    await client.end()
    const to = await elsewhere()
    expect(await restore(old, { url: to, key })).toMatchObject({
      workspaces: 1,
      migrated: own.slice(1).map((one) => one.number),
    })
    const db = await opened(to)
    expect(
      await inWorkspace(db, 'ws_old', async (tx) => (await tx.query('select name from vp.workspaces')).rows),
    ).toEqual([{ name: 'Old' }])
  })

  test('never leaves half a file, and never writes over one', async () => {
    writeFileSync(file('busy.part'), '')
    await expect(backup(db, file('busy'), { key })).rejects.toThrow(/another backup is being written there/)
    await expect(backup(db, file('no/such/folder/x'), { key })).rejects.toThrow(/ENOENT/)
    // A database that fails at once: before the file is there, and before it is known whether it is another backup's.
    const failing = { asOwner: <T>(fn: (client: pg.Client) => Promise<T>) => fn(gone) }
    const gone = new pg.Client({ connectionString: db.engineUrl })
    await gone.connect()
    await gone.end()
    await expect(backup(failing, file('early'), { key })).rejects.toThrow(/closed/)
    await expect(backup(failing, file('busy'), { key })).rejects.toThrow()
    expect(readdirSync(path.dirname(file('early'))).filter((name) => name.endsWith('.part'))).toEqual(['busy.part'])
  })
})

describe('a restore refuses, and changes nothing:', () => {
  test('a database that is used, unless it is to be replaced', { timeout: 60_000 }, async () => {
    await backup(db, file('used'), { key })
    const url = await elsewhere()
    await restore(file('used'), { url, key })
    await expect(restore(file('used'), { url, key })).rejects.toThrow(/holds a Viewport with 2 workspaces/)
    expect((await restore(file('used'), { url, key, replace: true })).workspaces).toBe(2)
    const running = await open(url)
    await expect(restore(file('used'), { url, key, replace: true })).rejects.toThrow(
      /A Viewport is connected to this database. Stop it first/,
    )
    await running.close()
  })

  test.each([
    ['a cut file', (text: string) => text.slice(0, text.length - 200), /it was cut or changed here/],
    [
      'a file without its end',
      (text: string) => `${text.trim().split('\n').slice(0, -1).join('\n')}\n`,
      /its end is missing/,
    ],
    ['a changed byte', (text: string) => text.replace('usr_sam', 'usr_eve'), /its checksum does not fit/],
    ['a missing row', (text: string) => text.split('\n').toSpliced(-3, 1).join('\n'), /rows and has/],
    ['something else', () => '{"hello":1}\n', /does not begin like one/],
    ['a file of the future', (text: string) => text.replace('"format":1', '"format":2'), /written by a newer Viewport/],
  ])('%s', async (name, spoil, words) => {
    const good = file(`spoil ${name}`)
    await backup(db, good, { key })
    writeFileSync(`${good}.bad`, gzipSync(spoil(gunzipSync(readFileSync(good)).toString())))
    const url = await elsewhere()
    await expect(restore(`${good}.bad`, { url, key })).rejects.toThrow(words)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    expect((await client.query(`select to_regnamespace('vp') as vp`)).rows).toEqual([{ vp: null }])
    await client.end()
  })

  test('no file at all, and no gzip', async () => {
    const url = await elsewhere()
    await expect(restore(file('nowhere'), { url, key })).rejects.toThrow(/There is no file/)
    writeFileSync(file('text'), 'not a backup')
    await expect(restore(file('text'), { url, key })).rejects.toThrow(/is not a whole backup of Viewport/)
    writeFileSync(
      file('end alone'),
      gzipSync(`${JSON.stringify({ end: true, rows: 0, sha256: createHash('sha256').digest('hex') })}\n`),
    )
    await expect(restore(file('end alone'), { url, key })).rejects.toThrow(/its first line is missing/)
    await backup(db, file('whole gzip'), { key })
    const whole = readFileSync(file('whole gzip'))
    writeFileSync(file('half gzip'), whole.subarray(0, whole.length / 2))
    await expect(restore(file('half gzip'), { url, key })).rejects.toThrow(/is not a whole backup of Viewport/)
  })

  test('facts that do not hold, whoever made the file look whole', { timeout: 60_000 }, async () => {
    await backup(db, file('good'), { key })
    const lines = gunzipSync(readFileSync(file('good')))
      .toString()
      .trim()
      .split('\n')
      .slice(0, -1)
    const at = lines.findIndex((line) => line.includes('step.started'))
    lines[at] = lines[at]!.replaceAll('laptop', 'Laptop')
    const text = `${lines.join('\n')}\n`
    const rows = lines.filter((line) => line.startsWith('[')).length
    writeFileSync(
      file('forged'),
      gzipSync(
        `${text}${JSON.stringify({ end: true, rows, sha256: createHash('sha256').update(text).digest('hex') })}\n`,
      ),
    )
    const url = await elsewhere()
    await expect(restore(file('forged'), { url, key })).rejects.toThrow(
      /The facts in this backup do not hold, so nothing was restored:[^]*step.started/,
    )
    expect((await restore(file('good'), { url, key })).workspaces).toBe(2)
    // What stands there stays, also when it was to be replaced and all of it had been put aside.
    await expect(restore(file('forged'), { url, key, replace: true })).rejects.toThrow(/nothing was restored/)
    const kept = await open(url)
    const { rows: slugs } = await kept.asOwner((owner) =>
      owner.query('select count(*)::int as n from vp.workspace_ids()'),
    )
    expect(slugs).toEqual([{ n: 2 }])
    await kept.close()
  })
})
