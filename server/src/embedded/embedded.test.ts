import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { findBinaries, ownPackage } from './binaries.ts'
import { claim, takenWords, type Claim } from './claim.ts'
import { keepEmbedded } from './keep.ts'
import { placeFor } from './place.ts'
import { alive, isOurs, readPostmaster } from './postmaster.ts'
import { startEmbedded, type Running } from './start.ts'
import { stopEmbedded } from './stop.ts'
import { lesserUser } from './user.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'viewport-embedded-'))
chmodSync(root, 0o711)
const user = lesserUser()
let n = 0
const folder = (): string => path.join(root, `home-${++n}`)
/** A home with a cluster that was made once and stopped: half a second less per test. */
const made = (): string => {
  const home = folder()
  spawnSync('cp', ['-a', path.join(root, 'made'), home])
  return home
}
const running: Running[] = []
const children: ChildProcess[] = []
const start = async (...args: Parameters<typeof startEmbedded>): Promise<Running> => {
  const found = await startEmbedded(...args)
  running.push(found)
  return found
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const one of running.splice(0)) await stopEmbedded(one)
})
beforeAll(async () => {
  await stopEmbedded(await startEmbedded(path.join(root, 'made')))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const ask = async <R extends object = Record<string, unknown>>(url: string, text: string): Promise<R[]> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<R & Record<string, unknown>>(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

const holder = async (
  home: string,
): Promise<{ child: ChildProcess; pid: number; port: number; started: boolean; url: string }> => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../test/embedded-holder.ts', import.meta.url)), home],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, HOME: root } },
  )
  children.push(child)
  let errors = ''
  child.stderr.on('data', (text) => (errors += text))
  const said = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', () => reject(new Error(errors)))
  })
  return { child, ...(JSON.parse(said) as { pid: number; port: number; started: boolean; url: string }) }
}
const killed = async (child: ChildProcess): Promise<void> => {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'unknown',
  )

describe('a server of its own', () => {
  test('is made, adopted, stopped and started again with what it held', async () => {
    const home = folder()
    const first = await start(home)
    expect(first.started).toBe(true)
    await ask(first.url, 'create table kept (n int); insert into kept values (7)')
    const second = await startEmbedded(home)
    expect(second).toMatchObject({ started: false, pid: first.pid, port: first.port, url: first.url })
    expect(await stopEmbedded(first)).toBe(true)
    // It has ended; whoever inherits it takes its number away a moment later.
    await expect.poll(() => alive(first.pid), { timeout: 15_000 }).toBe(false)
    const third = await start(home)
    expect(third.started).toBe(true)
    expect(await ask(third.url, 'select n from kept')).toEqual([{ n: 7 }])
  })

  test('lets in only who has the password, on loopback only, without a socket file, and syncs every commit', async () => {
    const one = await start(folder())
    const wrong = new URL(one.url)
    wrong.password = 'wrong'
    expect(await code(ask(wrong.href, 'select 1'))).toBe('28P01')
    const file = path.join(one.place.data, 'viewport-password')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(one.place.data).mode & 0o777).toBe(0o700)
    expect(decodeURIComponent(new URL(one.url).password)).toHaveLength(32)
    expect(
      await ask(
        one.url,
        `select current_setting('unix_socket_directories') as sockets, current_setting('listen_addresses') as on, current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync, current_setting('data_checksums') as checksums, left(rolpassword, 13) as stored from pg_authid where rolname = 'viewport'`,
      ),
    ).toEqual([{ sockets: '', on: '127.0.0.1', fsync: 'on', sync: 'on', checksums: 'on', stored: 'SCRAM-SHA-256' }])
    expect(
      readFileSync(path.join(one.place.data, 'pg_hba.conf'), 'utf8')
        .split('\n')
        .filter((line) => /^(local|host)/.test(line))
        .every((line) => line.trim().endsWith('scram-sha-256')),
    ).toBe(true)
    const outer = Object.values(os.networkInterfaces())
      .flatMap((list) => list ?? [])
      .find((one) => !one.internal && one.family === 'IPv4')
    if (outer) {
      const reached = await new Promise<boolean>((resolve) =>
        net
          .connect(one.port, outer.address)
          .once('connect', () => resolve(true))
          .once('error', () => resolve(false)),
      )
      expect(reached).toBe(false)
    }
    const log = readFileSync(one.place.log, 'utf8')
    expect(log).not.toContain(decodeURIComponent(new URL(one.url).password))
  })

  test.skipIf(!user)('runs as another user when root starts it, and says so', async () => {
    const one = await start(folder())
    expect(one.notes).toEqual([`PostgreSQL does not run as root, so it runs as the user ${user!.name}.`])
    expect(statSync(`/proc/${one.pid}`).uid).toBe(user!.uid)
  })

  test.skipIf(!user)('is kept where its user may write when the data folder is private, and says where', async () => {
    const private_ = path.join(root, 'private')
    mkdirSync(private_, { mode: 0o700 })
    const elsewhereRoot = path.join(root, 'elsewhere')
    const one = await start(path.join(private_, 'home'), { elsewhereRoot })
    expect(one.place.folder.startsWith(elsewhereRoot)).toBe(true)
    expect(one.notes.join('\n')).toContain(one.place.data)
    expect(existsSync(path.join(private_, 'home/postgres'))).toBe(false)
    expect((await startEmbedded(path.join(private_, 'home'), { elsewhereRoot })).pid).toBe(one.pid) // found again
    await ask(one.url, 'create table kept (n int)')
    rmSync(path.join(private_, 'home'), { recursive: true })
    const anew = await start(path.join(private_, 'home'), { elsewhereRoot })
    expect(anew.place.folder).not.toBe(one.place.folder)
    expect(await ask(anew.url, `select to_regclass('kept') as kept`)).toEqual([{ kept: null }])
  })
})

describe('after a crash', () => {
  test('of node the orphan is adopted', async () => {
    const home = made()
    const first = await holder(home)
    expect(first.started).toBe(true)
    await ask(first.url, 'create table kept (n int); insert into kept values (1)')
    await killed(first.child)
    expect(alive(first.pid)).toBe(true)
    const second = await start(home)
    expect(second).toMatchObject({ started: false, pid: first.pid })
    expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 1 }])
  })

  test('of PostgreSQL every committed row is there', { timeout: 60_000 }, async () => {
    const home = made()
    const first = await start(home)
    await ask(first.url, 'create table kept (n int)')
    let committed = 0
    const client = new pg.Client({ connectionString: first.url })
    client.on('error', () => {})
    await client.connect()
    const writing = (async () => {
      for (;;) {
        await client.query('insert into kept values ($1)', [committed + 1])
        committed++
        if (committed === 200) process.kill(first.pid, 'SIGKILL')
      }
    })()
    await expect(writing).rejects.toThrow()
    await client.end().catch(() => {})
    const second = await start(home)
    expect(second.started).toBe(true)
    const [{ count }] = (await ask<{ count: string }>(second.url, 'select count(*) from kept')) as [{ count: string }]
    expect(Number(count)).toBeGreaterThanOrEqual(committed)
    expect(Number(count)).toBeLessThanOrEqual(committed + 1) // the answer to one commit may have been lost
  })

  test('of the machine a stranger may have its process number', async () => {
    const home = made()
    const first = await start(home)
    const file = path.join(first.place.data, 'postmaster.pid')
    const lines = readFileSync(file, 'utf8').split('\n')
    await stopEmbedded(first)
    const stranger = spawn('sleep', ['60'], user ? { uid: user.uid, gid: user.gid } : {})
    children.push(stranger)
    writeFileSync(file, [String(stranger.pid), ...lines.slice(1)].join('\n'), { mode: 0o600 })
    if (user) chownSync(file, user.uid, user.gid)
    expect(isOurs(stranger.pid!, first.place.data)).toBe(false)
    expect((await start(home)).started).toBe(true)
    expect(alive(stranger.pid!)).toBe(true)
  })

  test('amid making the cluster the next start makes it whole', async () => {
    const home = folder()
    mkdirSync(path.join(home, 'postgres/new-1-00000000/data'), { recursive: true })
    writeFileSync(path.join(home, 'postgres/new-1-00000000/data/PG_VERSION'), '18\n')
    expect((await start(home)).started).toBe(true)
  })

  test('of PostgreSQL under a running Viewport it is started again where it was', { timeout: 60_000 }, async () => {
    const warned: string[] = []
    const kept = await keepEmbedded(made(), {
      everyMillis: 100,
      warn: (words) => void warned.push(words),
      lost: (words) => void warned.push(`lost: ${words}`),
    })
    try {
      const { url, pid } = kept.running
      await ask(url, 'create table kept (n int); insert into kept values (3)')
      process.kill(pid, 'SIGKILL')
      await vi.waitFor(async () => expect(await ask(url, 'select n from kept')).toEqual([{ n: 3 }]), {
        timeout: 20_000,
        interval: 100,
      })
      await vi.waitFor(() => expect(kept.running.pid).not.toBe(pid), 20_000)
      expect(kept.running.url).toBe(url)
      expect(warned).toEqual([
        'The embedded PostgreSQL ended; it is started again.',
        'The embedded PostgreSQL runs again.',
      ])
    } finally {
      expect(await kept.stop()).toBe(true)
    }
  })
})

describe('two at once', () => {
  test('start on an empty folder and end on one server', { timeout: 60_000 }, async () => {
    const home = folder()
    const both = await Promise.all([holder(home), holder(home), holder(home)])
    expect(new Set(both.map(({ pid }) => pid)).size).toBe(1)
    expect(both.filter(({ started }) => started)).toHaveLength(1)
    expect(new Set(both.map(({ url }) => url)).size).toBe(1)
    await ask(both[0].url, 'select 1')
    for (const { child } of both) await killed(child)
    await start(home)
  })

  test('the second is told who is there, and gets the folder when the first is gone', async () => {
    const home = made()
    const { url } = await start(home)
    const never = vi.fn()
    const first = (await claim(url, never)) as Claim
    await first.announce('http://127.0.0.1:7800')
    const second = await claim(url, never)
    expect(second).toEqual({ pid: process.pid, address: 'http://127.0.0.1:7800' })
    expect(takenWords(home, second as { pid: number; address: string })).toBe(
      `Viewport already runs on ${home} (process ${process.pid}, http://127.0.0.1:7800). Use that one (\`npx viewport sign-in-link @HANDLE\` lets you in), or stop it first; nothing was changed.`,
    )
    await first.release()
    const third = (await claim(url, never)) as Claim
    expect(third).toHaveProperty('release')
    await third.release()
  })

  test('a claim outlives a restart of the database; who lost it meanwhile is told', { timeout: 60_000 }, async () => {
    const home = made()
    const { url, pid, port } = await start(home)
    const lost = vi.fn()
    const first = (await claim(url, lost)) as Claim
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(isOurs(pid, path.join(home, 'postgres/data'))).toBe(false), 20_000)
    await start(home, { port })
    await vi.waitFor(async () => expect(await claim(url, lost)).toHaveProperty('pid', process.pid), {
      timeout: 20_000,
      interval: 200,
    })
    expect(lost).not.toHaveBeenCalled()
    await first.release()
  })

  test('a server that others still use is left running', async () => {
    const home = made()
    const one = await start(home)
    const client = new pg.Client({ connectionString: one.url })
    client.on('error', () => {})
    await client.connect()
    expect(await stopEmbedded(one)).toBe(false)
    expect(readPostmaster(one.place.data)?.pid).toBe(one.pid)
    await client.end()
    await vi.waitFor(async () => expect(await stopEmbedded(one)).toBe(true), 20_000)
  })
})

describe('programs', () => {
  test('without symlinks (install scripts off) get them; in a folder nobody else may enter they are copied', () => {
    const own = ownPackage()
    const bare = path.join(root, 'bare')
    cpSync(own.root, bare, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !existsSync(source) || !statSyncLink(source),
    })
    const place = path.join(root, 'place')
    mkdirSync(place, { mode: 0o755 })
    expect(findBinaries(user, place, { root: bare, version: own.version })).toMatchObject({
      folder: path.join(bare, 'native'),
      copied: false,
    })
    if (!user) return
    chmodSync(bare, 0o700)
    const copied = findBinaries(user, place, { root: bare, version: own.version })
    expect(copied).toMatchObject({ folder: path.join(place, `postgresql-${own.version}`, 'native'), copied: true })
    expect(findBinaries(user, place, { root: bare, version: own.version })).toEqual(copied)
  })
})

const statSyncLink = (source: string): boolean => spawnSync('test', ['-L', source]).status === 0

describe('what can go wrong is said', () => {
  test.skipIf(!user)('a data folder of another user', async () => {
    const home = made()
    const one = await start(home)
    await stopEmbedded(one)
    spawnSync('chown', ['-R', 'root', one.place.data])
    await expect(startEmbedded(home)).rejects.toThrow(
      /does not start: its folder .* does not belong to the user who runs it/,
    )
    spawnSync('chown', ['-R', String(user!.uid), one.place.data])
  })

  test('data of another PostgreSQL version', async () => {
    const home = made()
    const one = await start(home)
    await stopEmbedded(one)
    writeFileSync(path.join(one.place.data, 'PG_VERSION'), '17\n')
    await expect(startEmbedded(home)).rejects.toThrow(/made by another PostgreSQL version.*viewport backup/)
    writeFileSync(path.join(one.place.data, 'PG_VERSION'), '18\n')
  })

  test('a port that was taken meanwhile', async () => {
    const home = made()
    const one = await start(home)
    await stopEmbedded(one)
    const squatter = net.createServer()
    await new Promise<void>((resolve) => squatter.listen(one.port, '127.0.0.1', resolve))
    await expect(startEmbedded(home, { port: one.port, patienceMillis: 1_000 })).rejects.toThrow(
      `port ${one.port}, on which it ran, was taken by another program`,
    )
    expect((await start(home)).port).not.toBe(one.port) // a new start takes another one
    squatter.close()
  })

  const small = path.join(root, 'small')
  const mounted =
    user !== null &&
    process.platform === 'linux' &&
    (mkdirSync(small), spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=711', 'tmpfs', small]).status === 0)
  test.skipIf(!mounted)('a full disk', async () => {
    try {
      await expect(startEmbedded(path.join(small, 'home'))).rejects.toThrow(
        /The database could not be made: the disk is full/,
      )
      expect(existsSync(path.join(small, 'home/postgres/data'))).toBe(false)
    } finally {
      spawnSync('umount', [small])
    }
  })

  test.skipIf(!user)('no place that its user may enter', () => {
    const locked = path.join(root, 'locked')
    mkdirSync(locked, { mode: 0o700 })
    expect(() => placeFor(path.join(locked, 'home'), user, path.join(locked, 'away'))).toThrow(
      /may enter neither .* nor .*Set VIEWPORT_DATA_DIR/,
    )
  })
})
