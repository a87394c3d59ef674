/**
 * What does a driver keep for the next attempt, and how is it read back?
 * In the state folder, which the agent could write to. So nothing in it is trusted to be what was left there: a link, a pipe or a device is not
 * followed, a file that is too long or of another form is no state.
 */
import { constants } from 'node:fs'
import { lstat, open, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { z } from 'zod'
import { stateReplaced } from '../work/failure.ts'

/** Reads a regular file of at most `most` bytes without following a link; null when it is not that. */
export const readPlainFile = async (file: string, most = 4_000_000): Promise<Buffer | null> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
  if (!handle) return null
  try {
    const about = await handle.stat()
    return about.isFile() && about.size <= most ? await handle.readFile() : null
  } finally {
    await handle.close()
  }
}

/** What was kept under this name, or null when nothing of this form is there. */
export const readKept = async <T>(state: string, name: string, form: z.ZodType<T>): Promise<T | null> => {
  if (!(await isRealFolder(state))) return null
  const bytes = await readPlainFile(path.join(state, name))
  try {
    return bytes === null ? null : (form.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null)
  } catch {
    return null
  }
}

/** Keeps a value. Throws WorkFailed when the folder is not the one vpd made any more. */
export const writeKept = async (state: string, name: string, value: unknown): Promise<void> => {
  if (!(await isRealFolder(state))) throw stateReplaced()
  const file = path.join(state, name)
  await rm(file, { recursive: true, force: true })
  await writeFile(file, JSON.stringify(value), { flag: 'wx', mode: 0o600, flush: true })
}

/** A folder itself, and no link to one. */
export const isRealFolder = async (folder: string): Promise<boolean> =>
  (await lstat(folder).catch(() => null))?.isDirectory() ?? false
