/** Does a path that an agent names lie in one of these folders, links followed? */
import { lstatSync, realpathSync } from 'node:fs'
import path from 'node:path'

/**
 * True when the file is, or would be made, in one of the folders or is one of them. `cwd`: where a relative name begins. It says which asks are
 * agreed to; what holds an agent that does otherwise is the wall.
 */
export const isInside = (file: string, cwd: string, folders: readonly string[]): boolean => {
  const real = realPlace(path.resolve(cwd, file))
  return real !== null && folders.some((folder) => contains(realPlace(path.resolve(folder)) ?? folder, real))
}

const contains = (folder: string, file: string): boolean => {
  const way = path.relative(folder, file)
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}

/** Where a path really is, or would be; null when a link on the way leads to what is not there (what is written would be made there), or nobody can tell. */
const realPlace = (file: string): string | null => {
  const missing: string[] = []
  for (let at = file; ; at = path.dirname(at)) {
    try {
      return path.join(realpathSync(at), ...missing)
    } catch {
      if (!isNothing(at) || at === path.dirname(at)) return null
      missing.unshift(path.basename(at))
    }
  }
}

const isNothing = (file: string): boolean => {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined
  } catch {
    return false // a file where a folder should be
  }
}
