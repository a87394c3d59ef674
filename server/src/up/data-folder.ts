/**
 * In which folder does a Viewport keep what is its own?
 * --data, else VIEWPORT_DATA_DIR, else `.viewport-data` in the clone it is started from, else ~/.viewport/data. So two clones never
 * share a database, and an installed `viewport` finds its data wherever it is started.
 */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileTrouble } from '../cli/input.ts'

/** The root of the clone these sources are in, or null in the published package. */
const cloneRoot = (): string | null => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  return existsSync(path.join(root, 'setup.mjs')) && existsSync(path.join(root, 'server/src/cli.ts'))
    ? path.resolve(root)
    : null
}

/** How the commands are called where this one was started from. */
export const commandName = (): string => (cloneRoot() ? 'npx viewport' : 'viewport')
export const runnerCommandName = (): string => (cloneRoot() ? 'npx vpd' : 'vpd')

/** The folder, absolute; it need not exist yet. `configured`: VIEWPORT_DATA_DIR, or null. */
export const dataFolderFor = (
  asked: string | undefined,
  configured: string | null,
  clone = cloneRoot(),
  home = os.homedir(),
): string => {
  if (asked) return path.resolve(asked)
  if (configured) return path.resolve(configured)
  return clone ? path.join(clone, '.viewport-data') : path.join(home, '.viewport', 'data')
}

/**
 * Makes the folder. For root others may pass through it, not look around: PostgreSQL runs as another user and has its own folder
 * in it. Everything else in it is for its owner alone. Throws when others may write in it: they could have put a key of theirs
 * there, or put one there later.
 */
export const ensurePrivateFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Error(
      `The data folder ${folder} cannot be used: ${fileTrouble(cause, { EEXIST: 'it is a file', ENOENT: 'it cannot be made' })}. Choose another one with --data, or start Viewport as its owner.`,
      { cause },
    )
  }
  if (process.platform === 'win32') return
  const { mode, uid } = statSync(folder)
  if ((mode & 0o022) !== 0)
    throw new Error(
      `Other users may write into the data folder ${folder}. Look at what is in it, then run "chmod go-w ${folder}".`,
    )
  if (uid !== process.getuid?.() && uid !== 0 && process.getuid?.() !== 0)
    throw new Error(`The data folder ${folder} belongs to another user. Choose another one with --data.`)
}
