/**
 * With which token do the commands of this machine reach the Viewport that runs on it?
 * `login.json` in its data folder, readable by its owner alone. It is made at every start and its token is revoked at the end, so
 * it opens nothing while Viewport does not run.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const SavedLogin = z.object({ url: z.url(), token: z.string(), handle: z.string(), workspace: z.string() })
type SavedLogin = z.infer<typeof SavedLogin>

export const loginFile = (dataFolder: string): string => path.join(dataFolder, 'login.json')

/** The saved login, or null. One that others can read is not used. */
export const readLogin = (dataFolder: string): SavedLogin | null => {
  const file = loginFile(dataFolder)
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) return null
    return SavedLogin.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

export const writeLogin = (dataFolder: string, login: SavedLogin): void => {
  const file = loginFile(dataFolder)
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}

export const removeLogin = (dataFolder: string): void => rmSync(loginFile(dataFolder), { force: true })
