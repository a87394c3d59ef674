/**
 * How does the embedded PostgreSQL get to run, whatever happened before?
 * Make the cluster when there is none; adopt the server that already runs on it; else start one and wait until it answers.
 * Two starts at once end on one server. It listens on 127.0.0.1 only, on a port of its own, with a password of its own.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findBinaries, type Binaries } from './binaries.ts'
import { clusterExists, isFull, lastLine, makeCluster, readPassword, superuser } from './cluster.ts'
import { placeFor, type Place } from './place.ts'
import { isOurs, readPostmaster, removeStale } from './postmaster.ts'
import { serverSettings } from './settings.ts'
import { asUser, lesserUser, type LesserUser } from './user.ts'

export type Running = {
  /** URL of the superuser on the database `viewport`. Holds the password: never log it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** False when a server that was already running was taken over. */
  readonly started: boolean
  readonly place: Place
  readonly version: string
  /** Folder of its programs. */
  readonly programs: string
  /** Sentences a person should read: where the data is, as whom it runs. */
  readonly notes: readonly string[]
}

export type StartOptions = {
  readonly patienceMillis?: number
  /** Where the data goes when the data folder will not do; for tests. */
  readonly elsewhereRoot?: string
  /** This port or none: a restart under a program that uses it. */
  readonly port?: number
}

/** Starts or adopts the server of a data folder. Throws with words a person can act on. */
export const startEmbedded = async (dataFolder: string, { patienceMillis = 60_000, elsewhereRoot, port }: StartOptions = {}): Promise<Running> => {
  const user = lesserUser()
  const place = placeFor(path.resolve(dataFolder), user, elsewhereRoot)
  const binaries = findBinaries(user, place.folder)
  if (!clusterExists(place)) await makeCluster(place, binaries, user)
  const found = await untilItAnswers(place, binaries, user, Date.now() + patienceMillis, port ?? null)
  await ensureDatabase(found.url)
  return { ...found, place, version: binaries.version, programs: path.join(binaries.folder, 'bin'), notes: notesOf(place, binaries, user) }
}

const database = 'viewport'

const ensureDatabase = async (url: string): Promise<void> => {
  const server = new URL(url)
  server.pathname = '/postgres'
  const client = new pg.Client({ connectionString: server.href, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query('select from pg_database where datname = $1', [database])
    if (rows.length > 0) return
    await client.query(`create database ${database}`).catch((error: { code?: string }) => {
      if (error.code !== '42P04' && error.code !== '23505') throw error // another start was first
    })
  } finally {
    await client.end().catch(() => {})
  }
}

const notesOf = (place: Place, binaries: Binaries, user: LesserUser | null): string[] => [
  ...(user ? [`PostgreSQL does not run as root, so it runs as the user ${user.name}.`] : []),
  ...(place.elsewhere ? [`That user may not enter the data folder, so the database is kept in ${place.data}.`] : []),
  ...(binaries.copied ? [`Its programs were copied to ${path.dirname(binaries.folder)}, where they can be run.`] : []),
]

type Found = Pick<Running, 'url' | 'port' | 'pid' | 'started'>

const untilItAnswers = async (place: Place, binaries: Binaries, user: LesserUser | null, deadline: number, only: number | null): Promise<Found> => {
  const url = (port: number): string => `postgresql://${superuser}:${encodeURIComponent(readPassword(place))}@127.0.0.1:${port}/${database}`
  let last = 'it did not answer in time'
  let port = readPostmaster(place.data)?.port ?? null // the port of last time, when it is still free
  while (Date.now() < deadline) {
    const running = readPostmaster(place.data)
    if (running && isOurs(running.pid, place.data)) {
      if (await answers(url(running.port))) return { url: url(running.port), port: running.port, pid: running.pid, started: false }
      await sleep(50) // it starts up, recovers or shuts down
      continue
    }
    removeStale(place.data)
    if (only !== null && !(await isFree(only))) {
      last = `port ${only}, on which it ran, was taken by another program`
      await sleep(100)
      continue
    }
    port = only ?? (port !== null && (await isFree(port)) ? port : await freePort())
    const attempt = launch(place, binaries, user, port)
    for (;;) {
      if (await answers(url(port), place, attempt.pid)) {
        attempt.letGo()
        return { url: url(port), port, pid: attempt.pid, started: true }
      }
      if (attempt.ended() || Date.now() > deadline) break
      await sleep(25)
    }
    last = attempt.words()
    const verdict = judge(last)
    if (verdict === 'fatal') throw new Error(`The embedded PostgreSQL does not start: ${explain(last, place)}`)
    if (verdict === 'other port') port = null
    await sleep(100)
  }
  throw new Error(`The embedded PostgreSQL does not start: ${explain(last, place)}`)
}

/** Does our server answer there? With a pid: only when the data folder says that this process is the one. */
const answers = async (database: string, place?: Place, pid?: number): Promise<boolean> => {
  if (place && readPostmaster(place.data)?.pid !== pid) return false
  const url = new URL(database)
  url.pathname = '/postgres' // ours may not exist yet
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    client.end().catch(() => {})
  }
}

const launch = (place: Place, binaries: Binaries, user: LesserUser | null, port: number) => {
  if ((statSync(place.log, { throwIfNoEntry: false })?.size ?? 0) > 8_000_000) truncateSync(place.log, 0)
  const log = openSync(place.log, 'a', 0o600)
  const from = statSync(place.log).size
  // detached: in a session of its own, so that Ctrl-C in our terminal does not reach it before we have finished with it
  const child = spawn(path.join(binaries.folder, 'bin/postgres'), ['-D', place.data, '-p', String(port), ...serverSettings.flatMap((setting) => ['-c', setting])], { ...asUser(user), stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  let ended = false
  let failure = ''
  child.once('exit', () => (ended = true))
  child.once('error', (error) => {
    failure = error.message
    ended = true
  })
  return { pid: child.pid ?? 0, ended: () => ended, letGo: () => child.unref(), words: () => failure || readFrom(place.log, from) }
}

const readFrom = (file: string, from: number): string => {
  const log = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(16_384)
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, from))
  } finally {
    closeSync(log)
  }
}

const judge = (words: string): 'again' | 'other port' | 'fatal' => {
  if (/could not bind|Address already in use|could not create any TCP/i.test(words)) return 'other port'
  if (/lock file "[^"]*" already exists|pre-existing shared memory block|is another postmaster/i.test(words)) return 'again' // another start, or children of a killed server still leave
  if (/FATAL|PANIC|cannot|could not/i.test(words)) return 'fatal'
  return 'again'
}

const explain = (words: string, place: Place): string => {
  if (/Permission denied|wrong ownership|must be owned by|has invalid permissions/i.test(words)) return `its folder ${place.data} does not belong to the user who runs it (was Viewport started as another user before?). ${fatalLine(words)}`
  if (/initialized by PostgreSQL version/i.test(words)) return `the data in ${place.data} was made by another PostgreSQL version. Use the Viewport version that made it, run "viewport backup", and restore with this one.`
  if (/could not create shared memory|No space left.*shared|out of memory|Cannot allocate memory/i.test(words)) return `the system does not give it memory. ${fatalLine(words)}`
  if (isFull(place.folder, words)) return `the disk is full. Free some space for ${place.folder} and start again; nothing is lost.`
  return `${fatalLine(words)}. The whole story is in ${place.log}.`
}

const fatalLine = (words: string): string => words.split('\n').find((line) => /FATAL|PANIC/.test(line))?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? lastLine(words)

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net.createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
