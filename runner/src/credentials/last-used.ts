/** When was a credential used last? One small file each, so that workers side by side do not write over each other. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createHash } from 'node:crypto'
import type { CredentialClass } from './classes.ts'

/** `folder`: the home for keys of models, the runner's folder for those of repositories. */
const fileOf = (folder: string, kind: CredentialClass, scope: string): string =>
  path.join(folder, 'credentials', 'used', createHash('sha256').update(`${kind} ${scope}`).digest('hex').slice(0, 32))

/** Notes that it is used now. Work never fails for it. */
export const noteUse = async (folder: string, kind: CredentialClass, scope: string): Promise<void> => {
  const file = fileOf(folder, kind, scope)
  const now = new Date()
  try {
    await utimes(file, now, now)
  } catch {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 }).catch(() => {})
    await writeFile(file, '', { mode: 0o600 }).catch(() => {})
  }
}

/** When that was, as an ISO time, or null. */
export const lastUse = async (folder: string, kind: CredentialClass, scope: string): Promise<string | null> =>
  stat(fileOf(folder, kind, scope)).then(
    ({ mtime }) => mtime.toISOString(),
    () => null,
  )
