/**
 * Which settings does the control plane have? All of them, once: name, meaning, default, and how the text is read.
 * The one file of the server that reads the environment. `viewport settings` prints this table.
 */
import { dataFolderFor } from './up/data-folder.ts'

type Setting<T> = {
  readonly name: string
  readonly says: string
  readonly shownDefault: string
  read(text: string | undefined): T
}

const text = (name: string, says: string, shownDefault: string, value: () => string): Setting<string> => ({
  name,
  says,
  shownDefault,
  read: (given) => given || value(),
})
const optional = (
  name: string,
  says: string,
  shownDefault: string,
  check: (given: string) => void = () => {},
): Setting<string | null> => ({
  name,
  says,
  shownDefault,
  read(given) {
    if (!given) return null
    check(given)
    return given
  },
})
const whole = (
  name: string,
  says: string,
  fallback: number,
  least: number,
  most: number,
  shownDefault = String(fallback),
): Setting<number> => ({
  name,
  says,
  shownDefault,
  read(given) {
    if (!given) return fallback
    const value = Number(given)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new Error(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(given)}.`)
    return value
  },
})

const url =
  (name: string, schemes: string[]) =>
  (given: string): void => {
    if (!URL.canParse(given) || !schemes.includes(new URL(given).protocol))
      throw new Error(`${name} must be a URL like ${schemes[0]}//host, and is not one.`)
  }

const hosts = (name: string, says: string): Setting<readonly string[]> => ({
  name,
  says,
  shownDefault: 'none',
  read(given) {
    const named = (given ?? '').split(/[\s,]+/).filter((one) => one !== '')
    const wrong = named.find((one) => !/^(?:[a-z0-9.-]+|[0-9a-f:]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(one))
    if (wrong !== undefined)
      throw new Error(`${name} names hosts, as in "forge.acme.example:8443"; ${JSON.stringify(wrong)} is none.`)
    return named.map((one) => one.toLowerCase())
  },
})

/** Every setting. Keys are the names in the program. */
export const settingTable = {
  dataFolder: text(
    'VIEWPORT_DATA_DIR',
    'Folder for the key file, and for the embedded database when there is no DATABASE_URL.',
    '.viewport-data in the clone it is started from, else ~/.viewport/data',
    () => dataFolderFor(undefined, null),
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    'PostgreSQL 15 or newer to use instead of the embedded one: postgresql://user:password@host/database. The user must be a superuser, or own the database and have CREATEROLE.',
    'none: the embedded PostgreSQL',
    url('DATABASE_URL', ['postgresql:', 'postgres:']),
  ),
  key: optional(
    'VIEWPORT_KEY',
    '32 random bytes (base64 or hex) that seal the secrets in the database. Every replica needs the same one.',
    'the file "key" in the data folder, made at the first start',
  ),
  host: text(
    'VIEWPORT_HOST',
    'Address to listen on. Anything but a loopback address needs TLS in front.',
    '127.0.0.1',
    () => '127.0.0.1',
  ),
  port: whole(
    'VIEWPORT_PORT',
    'Port to listen on, this one or none; 0 takes any free one.',
    7_171,
    0,
    65_535,
    'the one of last time, else 7171, else the next one that is free',
  ),
  publicUrl: optional(
    'VIEWPORT_PUBLIC_URL',
    'The address people and runners use, when it is not the one listened on.',
    'http://HOST:PORT',
    url('VIEWPORT_PUBLIC_URL', ['https:', 'http:']),
  ),
  replicaUrl: optional(
    'VIEWPORT_REPLICA_URL',
    'The address at which runners reach this very replica, when several stand behind one public address.',
    'the public address',
    url('VIEWPORT_REPLICA_URL', ['https:', 'http:']),
  ),
  nearHosts: hosts(
    'VIEWPORT_NEAR_HOSTS',
    'Hosts on this machine or its network that connections and webhook targets may reach, as name or name:port; plain http too. All others there are refused.',
  ),
  logLevel: text('VIEWPORT_LOG', 'How much is logged: error, warn, info or debug.', 'info', () => 'info'),
  leaseSeconds: whole(
    'VIEWPORT_LEASE_SECONDS',
    'How long a runner may be silent before its work is taken from it.',
    45,
    5,
    3_600,
  ),
  liveLogDays: whole(
    'VIEWPORT_LIVE_LOG_DAYS',
    'How many days after the end of a run its live logs are kept, where a workspace stores the bodies of its runs.',
    30,
    1,
    36_500,
  ),
  connections: whole(
    'VIEWPORT_DB_CONNECTIONS',
    'Database connections of one replica for requests; the engine takes up to eight more.',
    12,
    4,
    200,
  ),
} as const satisfies Record<string, Setting<unknown>>

export type Settings = { readonly [K in keyof typeof settingTable]: ReturnType<(typeof settingTable)[K]['read']> }

/** Reads all settings. Throws one error that names every wrong one. */
export const readSettings = (environment: Readonly<Record<string, string | undefined>> = process.env): Settings => {
  const problems: string[] = []
  const entries = Object.entries(settingTable).map(([name, setting]) => {
    try {
      return [name, setting.read(environment[setting.name])]
    } catch (error) {
      problems.push((error as Error).message)
      return [name, null]
    }
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return Object.fromEntries(entries) as Settings
}

/** The table as text, one setting per paragraph: for `viewport settings` and the documentation. */
export const describeSettings = (): string =>
  Object.values(settingTable)
    .map((setting) => `${setting.name}\n  ${setting.says}\n  Default: ${setting.shownDefault}`)
    .join('\n\n')
