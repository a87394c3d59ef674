/**
 * Which files of tests reach the PostgreSQL of a run, and must therefore hold on every PostgreSQL? Those that import test/database.ts, by
 * themselves or by a helper of tests. The others are given no PostgreSQL at all (vitest.alone.config.ts), so one that is judged wrongly is red.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'

const room = path.join(import.meta.dirname, '..')
const door = path.join(import.meta.dirname, 'database.ts')
const isForTests = (file: string): boolean => /(?:^|[\\/])(?:test|testing)[\\/]|\.test\.ts$/.test(file)

/** `import type … from` and `export type … from`: nothing of the file is there when the tests run. */
const forTypes = /^(?:import|export) type\b[^'"]*\bfrom\s*(['"])[^'"]*\1/gm
const imported = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.[^'"]*)\1/g

/** The files that the text of one imports by a relative path, also amid a test; as whole paths. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').replaceAll(forTypes, '').matchAll(imported)]
    .map(([, , name]) => path.resolve(path.dirname(file), name!))
    .filter((one) => existsSync(one))

/** Whether a file, given by its whole path, comes to `test/database.ts` by imports. What is shipped is not followed: it may import no test. */
export const reachesDatabase = (file: string, seen = new Set<string>()): boolean => {
  if (file === door) return true
  if (seen.has(file)) return false
  seen.add(file)
  return importsOf(file).some((one) => isForTests(path.relative(room, one)) && reachesDatabase(one, seen))
}

/** The server's files of tests that reach no PostgreSQL of the run, as paths from the room. */
export const testsWithoutDatabase = (): string[] =>
  globSync('{src,test}/**/*.test.ts', { cwd: room })
    .filter((file) => !file.endsWith('.described.test.ts') && !reachesDatabase(path.join(room, file)))
    .toSorted()
