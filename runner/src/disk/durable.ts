/** How does a file get onto the disk so that a crash or a full disk leaves the old one or the new one, never a torn one? */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** Makes a folder that only this user can look into. Throws when it belongs to someone else. */
export const privateFolder = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await stat(folder)
  const me = process.getuid?.()
  if (me !== undefined && found.uid !== me && me !== 0)
    throw new Error(`${folder} belongs to another user (uid ${found.uid}). Choose another home with --home.`)
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700)
  return folder
}

/** Replaces a file in one step: written beside, flushed, renamed. `mode` is that of the new file. */
export const writeDurably = async (file: string, content: string | Uint8Array, mode = 0o600): Promise<void> => {
  const beside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  try {
    const handle = await open(beside, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}

/** Flushes a folder's list of names. A file system that cannot do this (Windows) is left alone. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Is this the error of a full disk or a used-up quota, or was it caused by one? */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code))) || isDiskFull(error.cause))

/** Is this the error of a file that is not there? */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
