/** Where is a program on PATH? Without starting anything. */
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** The absolute path of an executable file, or null. A name with a slash is taken as a path. */
export const findProgram = (name: string, search = process.env['PATH'] ?? ''): string | null => {
  const candidates = name.includes('/')
    ? [path.resolve(name)]
    : search.split(path.delimiter).map((folder) => path.join(folder || '.', name))
  return candidates.find(isExecutable) ?? null
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
