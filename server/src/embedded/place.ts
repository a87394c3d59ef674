/**
 * In which folder does the embedded server keep its data?
 * In `postgres` of the data folder; when root started us and the user who runs PostgreSQL cannot enter there (a private
 * home), in a folder below /var/lib/viewport that a file in the data folder names: who removes the data folder and starts
 * again starts anew. The caller says where.
 */
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, linkSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { mayEnter, type LesserUser } from './user.ts'

export type Place = {
  /** Holds `data` (PostgreSQL's own folder) and `postgres.log`; may be entered by the user who runs PostgreSQL. */
  readonly folder: string
  readonly data: string
  readonly log: string
  /** True when it is not inside the data folder. */
  readonly elsewhere: boolean
}

const outside = '/var/lib/viewport'

/** The place for this data folder, made when it is missing. Throws with words when neither folder can be used. */
export const placeFor = (dataFolder: string, user: LesserUser | null, elsewhereRoot = outside): Place => {
  mkdirSync(dataFolder, { recursive: true, mode: user ? 0o711 : 0o700 }) // 711: that user may pass through, not look around
  const real = realpathSync(dataFolder)
  const inside = path.join(real, 'postgres')
  if (user === null || enterable(inside, user)) return at(inside, user, false)
  const away = awayFolder(real, elsewhereRoot, user)
  if (!enterable(away, user))
    throw new Error(
      `PostgreSQL cannot run as root, and the user ${user.name} may enter neither ${real} nor ${away}. Set VIEWPORT_DATA_DIR to a folder that ${user.name} may enter, or start Viewport as another user.`,
    )
  return at(away, user, true)
}

const marker = 'database-is-in'

const awayFolder = (dataFolder: string, elsewhereRoot: string, user: LesserUser): string => {
  const file = path.join(dataFolder, marker)
  try {
    mkdirSync(elsewhereRoot, { recursive: true, mode: 0o755 })
  } catch (cause) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user ${user.name} may not enter ${dataFolder}; ${elsewhereRoot} could not be made either. Set VIEWPORT_DATA_DIR to a folder that ${user.name} may enter, or start Viewport as another user.`,
      { cause },
    )
  }
  if (!existsSync(file)) {
    const fresh = `${file}.${randomBytes(5).toString('hex')}`
    const name = `${path.basename(dataFolder).replaceAll(/[^A-Za-z0-9_-]/g, '')}-${randomBytes(5).toString('hex')}`
    writeFileSync(fresh, `${path.join(elsewhereRoot, name)}\n`, { flag: 'wx', mode: 0o600, flush: true })
    try {
      linkSync(fresh, file) // of two first starts one names the folder for both
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(fresh)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

// A folder that cannot be entered is not left behind empty; one that holds a database is a problem to be told.
const enterable = (folder: string, user: LesserUser): boolean => {
  const existed = existsSync(folder)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  if (mayEnter(user, folder)) return true
  if (existed && existsSync(path.join(folder, 'data')))
    throw new Error(
      `The database in ${folder} cannot be entered by ${user.name}, who runs PostgreSQL. Give that user the right to enter ${path.dirname(folder)} again.`,
    )
  if (!existed) rmSync(folder, { recursive: true, force: true }) // just made, and empty
  return false
}

const at = (folder: string, user: LesserUser | null, elsewhere: boolean): Place => {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  if (user) chownSync(folder, user.uid, user.gid)
  return { folder, data: path.join(folder, 'data'), log: path.join(folder, 'postgres.log'), elsewhere }
}
