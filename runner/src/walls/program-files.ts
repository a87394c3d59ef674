/**
 * Which files does a program need that lies outside the system's folders?
 * Its installation, as narrow as it can be told from its path: never a home folder, nor one above it.
 */
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { isSeenAnyway } from './system-mounts.ts'

/** Folders that are bound whole would give away everything that lies in them. */
const tooWide = (folder: string, homes: readonly string[]): boolean =>
  folder === '/' ||
  path.dirname(folder) === '/' || // /opt, /home, /srv, /tmp …
  homes.some((home) => home === folder || home.startsWith(`${folder}/`) || path.join(home, '.local') === folder)

/**
 * What must be readable so that `file` can run: the file as it was named, and its installation. `homes`: folders never given whole.
 * A file below `node_modules` needs the outermost of these; one in `PREFIX/bin` beside `PREFIX/lib` its prefix; any other its folder.
 */
export const filesOfProgram = (file: string, homes: readonly string[]): string[] => {
  let real: string
  try {
    real = realpathSync(file)
  } catch {
    return []
  }
  const found = [file, installationOf(real, homes)].filter((one) => !isSeenAnyway(one))
  return [...new Set(found)]
}

const installationOf = (real: string, homes: readonly string[]): string => {
  const modules = real.indexOf('/node_modules/')
  if (modules > 0) return real.slice(0, modules + '/node_modules'.length)
  const folder = path.dirname(real)
  const prefix = path.dirname(folder)
  if (path.basename(folder) === 'bin' && existsSync(path.join(prefix, 'lib')) && !tooWide(prefix, homes)) return prefix
  return tooWide(folder, homes) ? real : folder
}

/** What must be readable so that programs are found in a folder of PATH. */
export const filesOfPath = (search: string, homes: readonly string[]): string[] =>
  search
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder) && existsSync(folder))
    .flatMap((folder) => {
      const real = realpathSync(folder)
      if (isSeenAnyway(real)) return []
      const modules = real.indexOf('/node_modules/')
      if (modules > 0) return [real.slice(0, modules + '/node_modules'.length)]
      const prefix = path.dirname(real)
      if (path.basename(real) === 'bin' && existsSync(path.join(prefix, 'lib')) && !tooWide(prefix, homes))
        return [folder, prefix]
      return tooWide(real, homes) ? [] : [folder]
    })
