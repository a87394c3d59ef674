/**
 * Which user id does a step get, and what is left of it for the next one?
 * One that nobody else on the machine has: of a reserved range, locked machine-wide while the step lives, whichever vpd it is. Before and after
 * its processes are ended and what it left in places that everybody may write to is removed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { takeLock } from '../identity/lock.ts'
import { bareEnvironment } from '../process/environment.ts'

/** Ids that neither users, services nor containers of usual systems are given (between 65536 and the first of /etc/subuid, 100000). */
const firstId = 70_000
const ids = 20_000
/** Locks of all vpds of this machine; of root alone, and gone when the machine starts anew, as the processes are. */
const locks = '/run/vpd-users'
/** Where everybody may write, on usual systems. */
const shared = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue', '/run/lock', '/var/crash', '/run/shm']

const run = promisify(execFile)

/** A user id that is the step's alone until `release`, which leaves nothing of it behind. */
export type StepUser = {
  readonly id: number
  /** Says that the step works in this folder of vpd's. Whoever gets the id next does not come into it, even when this vpd is killed. */
  worksIn(folder: string): Promise<void>
  release(): Promise<void>
}

/** Takes a free one. `from`: where to begin to look, for tests. Throws when none can be had. */
export const takeStepUser = async (from = Math.floor(Math.random() * ids)): Promise<StepUser> => {
  await mkdir(locks, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(locks)
  if (uid !== 0 || (mode & 0o077) !== 0) throw new Error(`${locks} is not root's alone`)
  for (let n = 0; n < ids; n++) {
    const id = firstId + ((from + n) % ids)
    const folder = path.join(locks, String(id))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const lock = await takeLock(folder)
    if (lock.held) continue
    // A vpd that was killed may have left something of it; a name of the system's is somebody else.
    if ((await isNamed(id)) || !(await leaveNothing(id))) {
      await lock.release()
      continue
    }
    return {
      id,
      async worksIn(folder) {
        const known = await foldersOf(id)
        if (!known.includes(folder))
          await writeFile(path.join(locks, String(id), 'folders'), [...known, folder].join('\0'))
      },
      async release() {
        // An id that something still runs under is not given out again by this vpd, nor by another while this one lives.
        if (await leaveNothing(id)) await lock.release()
      },
    }
  }
  throw new Error('every user id that is kept for steps is in use')
}

const isNamed = async (id: number): Promise<boolean> =>
  (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').some((line) => line.split(':')[2] === String(id))

/** Ends its processes and removes its files where everybody may write. False: something still runs. */
const leaveNothing = async (id: number): Promise<boolean> => {
  const folders = await foldersOf(id)
  for (const folder of folders) await takeBack(folder)
  for (const until = Date.now() + 5_000; (await processesOf(id)).length > 0;) {
    if (Date.now() > until) return false
    // As that user, to all that it may end: in one go, so that none can be born in between.
    await asUser(id, 'kill -KILL -1').catch(() => {})
  }
  const kept = folders.flatMap((folder) => ['-path', folder, '-prune', '-o']) // vpd reads in there, and removes it
  const remove = ['-uid', String(id), '-prune', '-exec', 'rm', '-rf', '--one-file-system', '--', '{}', '+']
  const places = shared.filter((folder) => existsSync(folder))
  await run('find', ['-P', ...places, '-xdev', '-mindepth', '1', ...kept, ...remove], {
    env: bareEnvironment(),
  }).catch(() => {}) // a file that went by itself
  await rm(path.join(locks, String(id), 'folders'), { force: true })
  return true
}

const foldersOf = async (id: number): Promise<string[]> =>
  (await readFile(path.join(locks, String(id), 'folders'), 'utf8').catch(() => '')).split('\0').filter(Boolean)

/** A step's folder is vpd's alone again, whatever lies in it. */
const takeBack = async (folder: string): Promise<void> => {
  await chown(folder, 0, 0).catch(() => {}) // it is gone already
  await chmod(folder, 0o700).catch(() => {})
}

const asUser = (id: number, script: string): Promise<unknown> =>
  run('setpriv', ['--reuid', String(id), '--regid', String(id), '--clear-groups', '--', '/bin/sh', '-c', script], {
    env: bareEnvironment(),
  })

/** Living processes of which any user id (real, effective, saved, of files) is this one. */
const processesOf = async (id: number): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const users = /^Uid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? []
      return users.includes(String(id)) && !/^State:\t[ZX]/m.test(status) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
