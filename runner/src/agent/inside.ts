/** Does a path that an agent wants to write lie in its working directory, links considered? */
import { realpathSync } from 'node:fs'
import path from 'node:path'

/**
 * True when the file is (or would be made) below the folder, and is not git's own. Looked at before the agent writes: it says which asks are
 * agreed to; what holds an agent that writes elsewhere is the wall.
 */
export const liesInside = (folder: string, file: string): boolean => {
  const wanted = path.resolve(folder, file)
  if (!isBelow(path.resolve(folder), wanted)) return false
  if (path.relative(folder, wanted).split(path.sep).includes('.git')) return false
  for (let at = wanted; ; at = path.dirname(at)) {
    const real = realOf(at)
    if (real !== null) return real === realOf(folder) || isBelow(realOf(folder) ?? folder, real)
    if (at === path.dirname(at)) return false
  }
}

const isBelow = (folder: string, file: string): boolean => {
  const way = path.relative(folder, file)
  return way !== '' && way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}

/** null: there is nothing. A link that leads nowhere counts as leading away. */
const realOf = (file: string): string | null => {
  try {
    return realpathSync(file)
  } catch {
    return null
  }
}
