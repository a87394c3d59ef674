// A PostgreSQL that Viewport did not bring: the system's own, in a folder of the test's own.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type SecondPostgres = {
  url: string
  /** Breaks every connection, is not there for so long, and comes back on the same port. */
  away(millis: number): Promise<void>
  stop(): Promise<void>
}

/** The programs of the newest one that Debian's packages brought, or undefined. */
export function secondPostgresPrograms(root = '/usr/lib/postgresql'): string | undefined {
  try {
    const newest = readdirSync(root)
      .filter((name) => /^\d+$/.test(name))
      .toSorted((a, b) => Number(b) - Number(a))[0]
    return newest && join(root, newest, 'bin')
  } catch {
    return undefined
  }
}

/** Starts it empty. Root hands it to the user that Debian made for it. */
export async function startSecondPostgres(programs: string): Promise<SecondPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'viewport-second-'))
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined
  const [password, passwordFile, cluster] = [
    randomBytes(16).toString('hex'),
    join(folder, 'password'),
    join(folder, 'cluster'),
  ]
  writeFileSync(passwordFile, password)
  if (owner) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const plain = { cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' }, ...owner }
  execFileSync(
    join(programs, 'initdb'),
    ['-D', cluster, '-U', 'viewport', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-sync'],
    { ...plain, stdio: ['ignore', 'ignore', 'pipe'] }, // what it complains about stands in the error
  )
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
  const words = ['-D', cluster, '-p', String(port), ...settings.flatMap((one) => ['-c', one])]
  /** Starts it; the answer ends it, by this signal. */
  const begin = async (): Promise<(signal: NodeJS.Signals) => Promise<void>> => {
    const server = spawn(join(programs, 'postgres'), words, { ...plain, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    // Heard from the start: one that ended by itself is not waited for at the stop.
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      void ended.then(() => reject(new Error(`The second PostgreSQL did not start:\n${said}`)))
      server.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-10_000)
        if (said.includes('ready to accept connections')) resolve()
      })
    })
    return async (signal) => {
      server.kill(signal)
      await ended
    }
  }
  let end = await begin()
  return {
    url: `postgresql://viewport:${password}@127.0.0.1:${port}/postgres`,
    async away(millis) {
      await end('SIGQUIT')
      await new Promise((resolve) => setTimeout(resolve, millis))
      end = await begin()
    },
    async stop() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const idOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
