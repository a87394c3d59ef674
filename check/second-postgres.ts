// Does the server hold on a PostgreSQL it did not bring? Its tests that reach one (server/test/reaches-database.ts) run once more, on one the
// system brings, or on the one VIEWPORT_TEST_DATABASE_URL names; the stage `server` runs them on the built-in one, with all others.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { command } from './command.ts'
import { skipped, type Stage, type StageContext } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

/** What the server's tests read: where they may make databases. Without it they start the built-in PostgreSQL. */
export const ADDRESS = 'VIEWPORT_TEST_DATABASE_URL'

const DEBIANS = '/usr/lib/postgresql'

/** Beside the stage `server`, so with fewer files at once than alone. */
const tests = vitestStage('server', 'wait')

export const secondPostgres: Stage = {
  name: 'postgres',
  run: async (context) => {
    const given = context.env[ADDRESS]
    const version = await newestVersion()
    if (given === undefined && version === undefined) {
      return skipped(`no second PostgreSQL in ${DEBIANS} (sudo apt-get install -y postgresql)`, context.env)
    }
    const database = given ?? (await start(version ?? '', context))
    const found = await tests.run({ ...context, env: { ...context.env, [ADDRESS]: database } })
    return { ...found, words: `${found.words}, on ${given === undefined ? `version ${version}` : ADDRESS}` }
  },
}

async function newestVersion(): Promise<string | undefined> {
  const versions = await readdir(DEBIANS).catch(() => [])
  return versions.filter((name) => /^\d+$/.test(name)).toSorted((a, b) => Number(b) - Number(a))[0]
}

/** Starts a server of this version in an empty folder, to be ended with the check. Gives the address of its owner. */
async function start(version: string, { atEnd }: StageContext): Promise<string> {
  const programs = join(DEBIANS, version, 'bin')
  const owner = ownerOfServer()
  const folder = await mkdtemp(join(tmpdir(), 'viewport-postgres-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  const [cluster, passwordFile, password] = [
    join(folder, 'cluster'),
    join(folder, 'password'),
    randomBytes(16).toString('hex'),
  ]
  await writeFile(passwordFile, password)
  if (owner) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const plain = { cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' }, ...owner }

  const initialise = [
    '-D',
    cluster,
    '-U',
    'viewport',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--no-sync',
  ]
  const made = await command(join(programs, 'initdb'), initialise, plain)
  if (made.code !== 0) throw new Error(`initdb ended with ${made.code}:\n${made.output}`)

  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port,
    max_connections: 400,
    fsync: 'off',
  }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(programs, 'postgres'), ['-D', cluster, ...words], {
    ...plain,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()))
  atEnd(async () => {
    server.kill('SIGINT') // PostgreSQL's fast shutdown: it does not wait for clients
    await ended
  })

  let log = ''
  const ready = new Promise<boolean>((resolve) => {
    server.on('error', (error) => {
      log += error.message
      resolve(false)
    })
    server.on('exit', () => resolve(false))
    server.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000)
      if (log.includes('ready to accept connections')) resolve(true)
    })
  })
  if (!(await ready)) throw new Error(`PostgreSQL ${version} did not start:\n${log}`)
  return `postgres://viewport:${password}@127.0.0.1:${port}/postgres`
}

/** PostgreSQL refuses to run as root, so root hands it to the user made for it, or to nobody. */
function ownerOfServer(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ask = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
    try {
      return { uid: ask('-u'), gid: ask('-g') }
    } catch {
      continue // no such user here
    }
  }
  throw new Error('Running as root, and there is neither a user postgres nor nobody to run PostgreSQL as.')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
