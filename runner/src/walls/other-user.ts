/**
 * How does a step run as another user, where vpd is root and there is no sandbox?
 * Each step as a user id of its own that nobody else on the machine has, without groups, capabilities or a way to get them. What lies in the step's
 * folder is handed over to it; vpd's own files are readable by root alone. It holds neither the network nor what everybody on the machine may read.
 */
import { execFile } from 'node:child_process'
import { chmod, chown, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Isolation } from '@viewportai/core/run/facts'
import { bareEnvironment } from '../process/environment.ts'
import type { Holding } from '../process/isolation.ts'
import { heldWall } from './held.ts'
import { writableIn } from './step-mounts.ts'
import { takeStepUser } from './step-users.ts'
import { ownHome } from './system-mounts.ts'
import { wallFailed } from './wall-failed.ts'
import type { Wall } from './wall.ts'

/** The group that may pass through vpd's folders to the step's. */
const passingGroup = 69_999

/** The isolation it gives. */
export const userIsolation = (holding: Holding): Isolation => ({
  level: 'user',
  processes: holding.processes,
  modelGateway: false,
  gitGateway: true,
  network: 'open',
})

/** The wall of a step that runs as another user. `home`: the runner's. Throws WorkFailed `wall_failed` when no user is to be had. */
export const userWall = async (holding: Holding, home: string): Promise<Wall> => {
  const user = await takeStepUser().catch((error: unknown) => {
    throw wallFailed(error instanceof Error ? error.message : String(error), error)
  })
  const id = String(user.id)
  return {
    isolation: userIsolation(holding),
    enclose: async (program) => {
      await user.worksIn(program.folder)
      await letPass(program.folder, home, user.id).catch((error: unknown) => {
        throw wallFailed(error instanceof Error ? error.message : String(error), error)
      })
      await handOver(program.folder, id)
      const become = `setpriv --reuid ${id} --regid ${id} --groups ${passingGroup} --inh-caps=-all --bounding-set=-all --no-new-privs --`
      return heldWall(holding).enclose({ ...program, argv: [...become.split(' '), ...program.argv] })
    },
    close: () => user.release(),
  }
}

const run = promisify(execFile)

/**
 * Gives what vpd laid out for the step to its user. Links are not followed, and what is not vpd's stays as it is. A file with a second name is not given:
 * where the system lets anybody make hard links (fs.protected_hardlinks), the other name may be that of a file of root's.
 */
const handOver = async (folder: string, id: string): Promise<void> => {
  const roots = writableIn(folder)
  if (roots.length === 0) return
  const plain = ['-uid', '0', '(', '-type', 'd', '-o', '-links', '1', ')']
  const give = ['-exec', 'chown', '-h', '--from=0', `${id}:${id}`, '--', '{}', '+']
  await run('find', ['-P', ...roots, ...plain, ...give], { env: bareEnvironment() }).catch((error: unknown) => {
    throw wallFailed('the files of the step could not be handed over to its user', error)
  })
}

/** Lets the steps' users through to the step's folder: vpd's own folders on the way get their group. Throws when another folder is in the way. */
const letPass = async (folder: string, home: string, id: number): Promise<void> => {
  const { closed, inTheWay } = await wayTo(folder, home, id)
  if (inTheWay !== null) throw new Error(inTheWay)
  for (const { at, mode } of closed) {
    await chown(at, 0, at === folder ? id : passingGroup) // no other step comes into this one's folder
    await chmod(at, (mode & 0o7700) | 0o010)
  }
}

/** Why steps of another user cannot get to a runner's home, or null. */
export const obstacle = async (home: string): Promise<string | null> =>
  (await wayTo(home, home, passingGroup).catch((error: Error) => ({ inTheWay: error.message }))).inTheWay

/** The folders on the way that are closed to others: vpd's own can be opened. */
const wayTo = async (folder: string, home: string, id: number) => {
  const own = new Set([folder, path.dirname(folder), home, path.dirname(home), path.dirname(path.dirname(home))])
  const closed: { at: string; mode: number }[] = []
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const isOpen = at === folder ? gid === id : (mode & 0o001) !== 0 || gid === passingGroup
    if (isOpen && (mode & 0o011) !== 0) continue
    if (uid !== 0 || !own.has(at) || at === ownHome() || path.dirname(at) === '/')
      return {
        closed,
        inTheWay: `other users cannot pass through ${at}; vpd needs its home elsewhere (--home /var/lib/vpd)`,
      }
    closed.push({ at, mode })
  }
  return { closed, inTheWay: null }
}
