/**
 * As whom does the embedded PostgreSQL run?
 * PostgreSQL refuses to run as root, so root steps down to `postgres` where that user exists, else to `nobody`; everybody else runs it as themselves.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The user a root process steps down to, or null when this process is not root. Ids are POSIX numbers. */
export type LesserUser = { readonly name: string; readonly uid: number; readonly gid: number }

/** Reads /etc/passwd, which every system where one can be root has. */
export const lesserUser = (): LesserUser | null => {
  if (process.getuid?.() !== 0) return null
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = lines.find(([entry]) => entry === wanted) ?? []
    if (name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return { name: 'user 65534', uid: 65_534, gid: 65_534 }
}

/** Options for a child process that runs as that user, with an environment of our own and none of ours. */
export const asUser = (
  user: LesserUser | null,
): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } => ({
  ...(user ? { uid: user.uid, gid: user.gid } : {}),
  cwd: process.platform === 'win32' ? process.cwd() : '/',
  env: {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot ?? '' } : {}),
  },
})

/** May that user walk into this folder? Asked of the system itself, so that ACLs and mounts count. */
export const mayEnter = (user: LesserUser | null, folder: string): boolean =>
  user === null ||
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...asUser(user), stdio: 'ignore' }).status === 0
