// Which files are the project's own sources?
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOMS = ['core', 'server', 'runner', 'web', 'e2e', 'check', 'bench']

const PASSED_OVER = ['node_modules', 'dist', 'web-dist', 'fixtures']

/** Every source file of the rooms below `root`, as paths from there with `/`, in order. */
export function sourceFiles(root: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return PASSED_OVER.includes(entry.name) ? [] : below(path)
      return /\.(ts|tsx|mjs|js)$/.test(entry.name) ? [path] : []
    })
  const present = new Set(readdirSync(root))
  return ROOMS.filter((room) => present.has(room))
    .flatMap(below)
    .toSorted()
}

/** Tests, and what only tests use: files named *.test.ts, everything below a folder called `test` or `testing`, and the bench. */
export const isTest = (path: string): boolean =>
  path.startsWith('bench/') || /\.test\.tsx?$|\/(test|testing)\//.test(path)
