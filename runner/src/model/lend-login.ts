/**
 * How is an agent lent the login that its owner has on this machine, without vpd reading it?
 * As a second name of the same file (a hard link) in the step, gone with the step. Programs renew a login by writing in its place or by putting a new
 * file there: the first changes the owner's own file, the second is brought back to it.
 */
import { chmod, link, lstat, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { Wall } from '../walls/wall.ts'
import { failed } from '../work/failure.ts'

export type Lent = {
  /** Takes it out of the step again; what the agent renewed is the owner's from then on. */
  takeBack(): Promise<void>
}

// A login is a few kilobytes; whatever else an agent puts there is not brought back.
const atMost = 65_536

/** Throws WorkFailed behind a wall of another user: everything in the step is handed to that user there, and the owner's own file must not be. */
export const mayLend = (agent: string, provider: string, wall: Wall): void => {
  if (wall.isolation.level !== 'user') return
  throw failed(
    'agent',
    'login_not_supported',
    `${agent} cannot be lent its login behind a wall of another user.`,
    `Set a key: \`vpd credentials set model ${provider}\`; or install bubblewrap on the runner.`,
    { retrySafe: true },
  )
}

/** Lends a file under another name. Throws WorkFailed where the file system cannot. */
export const lendLogin = async (file: string, as: string): Promise<Lent> => {
  const own = await realpath(file)
  try {
    await rm(as, { force: true }) // of an attempt that was killed
    await link(own, as)
  } catch (cause) {
    throw failed(
      'agent',
      'login_not_lent',
      "The owner's login cannot be lent to this step: it must lie on the same file system as the runner's home, and belong to the runner's user.",
      'Move the home of vpd (--home), or set a key: `vpd credentials set model …`.',
      { retrySafe: true, cause },
    )
  }
  return {
    async takeBack() {
      // The agent could write there: a link in place of the folder would lead to a file of the owner's, which is not the step's to take.
      if (!(await lstat(path.dirname(as)).catch(() => null))?.isDirectory()) return
      const now = await lstat(as).catch(() => null)
      if (!now) return // signed out in there: the owner's own stays as it was
      const before = await stat(own).catch(() => null)
      const same = before !== null && now.ino === before.ino && now.dev === before.dev
      const mayReturn = now.isFile() && now.nlink === 1 && now.size > 0 && now.size <= atMost && before?.uid === now.uid
      if (same || !mayReturn) return unlink(as).catch(() => {})
      await chmod(as, 0o600)
      await rename(as, own)
    },
  }
}
