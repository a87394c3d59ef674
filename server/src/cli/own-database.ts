/** How does a command get at the database itself, whether a Viewport runs on it or not? */
import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { claim, takenWords } from '../embedded/claim.ts'
import { startEmbedded } from '../embedded/start.ts'
import { stopEmbedded } from '../embedded/stop.ts'
import { installationKey } from '../keys/installation-key.ts'
import { readSettings } from '../settings.ts'
import { dataFolderFor, ensurePrivateFolder } from '../up/data-folder.ts'
import { Stop } from './exit.ts'

type OwnDatabase = { readonly url: string; readonly key: Buffer; readonly dataFolder: string }

/** Calls `fn` with the database of a data folder (or of DATABASE_URL), started for it when it does not run. `alone`: refuses while a Viewport runs on it, and makes what is not there yet; else there must be one. */
export const withOwnDatabase = async <T>(
  data: string | undefined,
  alone: boolean,
  fn: (own: OwnDatabase) => Promise<T>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<T> => {
  const dataFolder = dataFolderFor(data, env.VIEWPORT_DATA_DIR || null)
  const settings = readSettings({ ...env, VIEWPORT_DATA_DIR: dataFolder })
  // A mistyped folder would else become a new, empty installation, and its backup a file without anything in it.
  const isHere =
    (settings.databaseUrl !== null && settings.key !== null) ||
    ['key', 'postgres', 'database-is-in'].some((name) => existsSync(path.join(dataFolder, name)))
  if (!alone && !isHere)
    throw new Stop(
      'refused',
      `There is no Viewport in ${dataFolder}${settings.databaseUrl === null ? '' : ', and no VIEWPORT_KEY'}.`,
      'Name its data folder with --data or VIEWPORT_DATA_DIR, or its database with DATABASE_URL and VIEWPORT_KEY.',
    )
  // Where both are given nothing is kept in a folder, and none is made.
  if (settings.databaseUrl === null || settings.key === null) ensurePrivateFolder(dataFolder)
  const { key } = installationKey(dataFolder, settings.key)
  if (settings.databaseUrl !== null) {
    if (!alone && !(await isSetUp(settings.databaseUrl)))
      throw new Stop(
        'refused',
        'There is no Viewport in the database of DATABASE_URL.',
        'Name the database it runs on.',
      )
    return fn({ url: settings.databaseUrl, key, dataFolder })
  }
  const running = await startEmbedded(dataFolder)
  try {
    const claimed = alone ? await claim(running.url, () => {}) : null
    if (claimed && !('release' in claimed)) throw new Stop('refused', takenWords(dataFolder, claimed))
    try {
      return await fn({ url: running.url, key, dataFolder })
    } finally {
      await claimed?.release()
    }
  } finally {
    await stopEmbedded(running)
  }
}

/** Has a Viewport ever run on this database? A connection that fails is told by whoever opens the database next. */
const isSetUp = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ there: boolean }>(
      "select exists (select from pg_namespace where nspname = 'vp') as there",
    )
    return rows[0]!.there
  } catch {
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
