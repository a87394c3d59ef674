/**
 * How is a new, empty database cluster made?
 * In a folder beside, renamed into place when it is whole: a start that was killed leaves nothing half made, and of two
 * starts at once one wins. The password lives inside the cluster's folder, so both always belong together.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Binaries } from './binaries.ts'
import type { Place } from './place.ts'
import { asUser, type LesserUser } from './user.ts'

/** Superuser of the embedded server. */
export const superuser = 'viewport'
const passwordFile = 'viewport-password'

export const clusterExists = (place: Place): boolean => existsSync(path.join(place.data, passwordFile))

/** The superuser's password. Throws when the file cannot be read. */
export const readPassword = (place: Place): string => readFileSync(path.join(place.data, passwordFile), 'utf8').trim()

/** Makes the cluster. Does nothing when another start was first. */
export const makeCluster = async (place: Place, binaries: Binaries, user: LesserUser | null): Promise<void> => {
  removeLeftovers(place)
  const fresh = path.join(place.folder, `new-${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(fresh, { mode: 0o700 })
  if (user) chownSync(fresh, user.uid, user.gid)
  const data = path.join(fresh, 'data')
  const secret = path.join(fresh, 'password')
  try {
    writeFileSync(secret, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (user) chownSync(secret, user.uid, user.gid)
    await initdb(
      path.join(binaries.folder, 'bin/initdb'),
      [
        '-D',
        data,
        '-U',
        superuser,
        '--auth=scram-sha-256',
        `--pwfile=${secret}`,
        '-E',
        'UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-locale',
        '--no-instructions',
      ],
      place,
      user,
    )
    renameSync(secret, path.join(data, passwordFile))
    renameSync(data, place.data)
  } catch (error) {
    if (clusterExists(place)) return
    throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

const initdb = (program: string, args: string[], place: Place, user: LesserUser | null): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...asUser(user), stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The database could not be made: ${initdbWords(words, place)}`)),
    )
  })

const initdbWords = (words: string, place: Place): string => {
  if (isFull(place.folder, words))
    return `the disk is full. Free some space for ${place.folder} (about 100 MB are needed) and start again`
  if (/Permission denied/i.test(words)) return `a folder may not be written: ${lastLine(words)}`
  return lastLine(words)
}

/** Is the disk full? Told by the words, or, when they are vague, by the disk itself. */
export const isFull = (folder: string, words: string): boolean => {
  if (/No space left on device|Disk quota exceeded|Check free disk space/i.test(words)) return true
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < 20_000_000
}

/** The last line that says something, without the program's name. */
export const lastLine = (words: string): string =>
  words
    .split('\n')
    .map((line) => line.replace(/^(initdb|postgres): /, '').trim())
    .filter((line) => line && !/^(initdb|child process|hint|removing)/i.test(line))
    .at(-1) ?? 'no reason was given'

// Folders of starts that were killed: older than any start takes.
const removeLeftovers = (place: Place): void => {
  for (const entry of readdirSync(place.folder)) {
    const folder = path.join(place.folder, entry)
    if (/^new-\d+-[0-9a-f]{8}$/.test(entry) && Date.now() - statSync(folder).mtimeMs > 600_000)
      rmSync(folder, { recursive: true, force: true })
  }
}
