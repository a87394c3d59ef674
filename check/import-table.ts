// What may each room import? The answer stands in docs/architecture.md and nowhere else; this reads it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a row of the table allows. */
type Allowed = {
  rooms: Set<string>
  packages: Set<string>
  /** Packages allowed to what is not shipped: tests, configuration, and imports of types alone. */
  unshipped: Set<string>
  node: boolean
}

export type ImportTable = Map<string, Allowed>

type Manifest = Partial<Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>>

/** The row that holds for the tests of every room, in addition to the row of their room. */
export const TESTS = 'tests'

/** Reads the table `| room | may import |` of the document below `root`. Throws when there is none. */
export function readImportTable(root: string): ImportTable {
  const lines = readFileSync(join(root, 'docs/architecture.md'), 'utf8').split('\n')
  const head = lines.findIndex((line) => /^\|\s*room\s*\|\s*may import\s*\|/.test(line))
  if (head === -1) throw new Error('docs/architecture.md has no table with the head "| room | may import |".')
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'))
  const rows = lines.slice(head + 2, end === -1 ? undefined : end).map((line) => line.split('|').slice(1, 3))
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  const rooms = new Set(rows.flatMap(([room]) => words(room)))
  return new Map(rows.map(([room, may]) => [words(room)[0] ?? '', allowed(words(may), rooms, root)]))
}

function allowed(words: string[], rooms: Set<string>, root: string): Allowed {
  const row: Allowed = { rooms: new Set(), packages: new Set(), unshipped: new Set(), node: false }
  for (const word of words) {
    if (word === 'node:*') row.node = true
    else if (rooms.has(word)) row.rooms.add(word)
    else if (!word.endsWith('package.json')) row.packages.add(word)
    else {
      const manifest = JSON.parse(readFileSync(join(root, word), 'utf8')) as Manifest
      for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
        row.packages.add(name)
      for (const name of Object.keys(manifest.devDependencies ?? {})) row.unshipped.add(name)
      // Nothing of the root's own package is ever shipped.
      if (word === 'package.json') row.unshipped.forEach((name) => row.packages.add(name))
    }
  }
  return row
}
