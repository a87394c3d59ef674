/**
 * How does the embedded PostgreSQL get to run, whatever happened before?
 * Make the cluster when there is none; adopt the server that already runs on it; else start one and wait until it answers.
 * Two starts at once end on one server. It listens on 127.0.0.1 only, on a port of its own, with a password of its own.
 */
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findBinaries, type Binaries } from './binaries.ts'
import { clusterExists, makeCluster, readPassword, superuser } from './cluster.ts'
import { explain, judge, launch } from './launch.ts'
import { placeFor, type Place } from './place.ts'
import { isOurs, readPostmaster, removeStale } from './postmaster.ts'
import { lesserUser, type LesserUser } from './user.ts'

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
  /** Settings that go before its own (`name=value`), for tests: many control planes share one server there. */
  readonly settings?: readonly string[]
}

/** Starts or adopts the server of a data folder. Throws with words a person can act on. */
export const startEmbedded = async (
  dataFolder: string,
  { patienceMillis = 60_000, elsewhereRoot, port, settings = [] }: StartOptions = {},
): Promise<Running> => {
  const user = lesserUser()
  const place = placeFor(path.resolve(dataFolder), user, elsewhereRoot)
  const binaries = findBinaries(user, place.folder)
  if (!clusterExists(place)) await makeCluster(place, binaries, user)
  const found = await untilItAnswers(place, binaries, user, performance.now() + patienceMillis, port ?? null, settings)
  await ensureDatabase(found.url)
  return {
    ...found,
    place,
    version: binaries.version,
    programs: path.join(binaries.folder, 'bin'),
    notes: notesOf(place, binaries, user),
  }
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

const untilItAnswers = async (
  place: Place,
  binaries: Binaries,
  user: LesserUser | null,
  deadline: number,
  only: number | null,
  settings: readonly string[],
): Promise<Found> => {
  const url = (port: number): string =>
    `postgresql://${superuser}:${encodeURIComponent(readPassword(place))}@127.0.0.1:${port}/${database}`
  let last = 'it did not answer in time'
  let port = readPostmaster(place.data)?.port ?? null // the port of last time, when it is still free
  while (performance.now() < deadline) {
    const running = readPostmaster(place.data)
    if (running && isOurs(running.pid, place.data)) {
      if (await answers(url(running.port)))
        return { url: url(running.port), port: running.port, pid: running.pid, started: false }
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
    const attempt = launch(place, binaries, user, port, settings)
    for (;;) {
      if (await answers(url(port), place, attempt.pid)) {
        attempt.letGo()
        return { url: url(port), port, pid: attempt.pid, started: true }
      }
      if (attempt.ended() || performance.now() > deadline) break
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

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net
      .createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = net
      .createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as net.AddressInfo
        probe.close(() => resolve(port))
      })
  })
