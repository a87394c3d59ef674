/**
 * In which folder does the embedded server keep its data?
 * In `postgres` of the data folder; when root started us and the user who runs PostgreSQL cannot enter there (a private
 * home), in a folder of /var/lib/viewport named after the data folder. The caller says where.
 */
import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs'
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
  const away = path.join(elsewhereRoot, createHash('sha256').update(real).digest('hex').slice(0, 12))
  try {
    mkdirSync(elsewhereRoot, { recursive: true, mode: 0o755 })
  } catch (cause) {
    throw new Error(`PostgreSQL cannot run as root, and the user ${user.name} may not enter ${real}; ${elsewhereRoot} could not be made either. Set VIEWPORT_DATA_DIR to a folder that ${user.name} may enter, or start Viewport as another user.`, { cause })
  }
  if (!enterable(away, user)) throw new Error(`PostgreSQL cannot run as root, and the user ${user.name} may enter neither ${real} nor ${away}. Set VIEWPORT_DATA_DIR to a folder that ${user.name} may enter, or start Viewport as another user.`)
  return at(away, user, true)
}

// A folder that cannot be entered is not left behind empty; one that holds a database is a problem to be told.
const enterable = (folder: string, user: LesserUser): boolean => {
  const existed = existsSync(folder)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  if (mayEnter(user, folder)) return true
  if (existed && existsSync(path.join(folder, 'data'))) throw new Error(`The database in ${folder} cannot be entered by ${user.name}, who runs PostgreSQL. Give that user the right to enter ${path.dirname(folder)} again.`)
  if (!existed) rmdirSync(folder)
  return false
}

const at = (folder: string, user: LesserUser | null, elsewhere: boolean): Place => {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  if (user) chownSync(folder, user.uid, user.gid)
  return { folder, data: path.join(folder, 'data'), log: path.join(folder, 'postgres.log'), elsewhere }
}
