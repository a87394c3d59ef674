// Does the code keep to the rooms? Reads every import of every source file and holds it against the table in
// docs/architecture.md; also circles, what the pure core must not reach for, what of it only tests use, and names that say nothing.
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'

import { cycles } from './cycles.ts'
import { readImportTable, TESTS, type ImportTable } from './import-table.ts'
import { emptyPath, emptyWordIn } from './names.ts'
import { isTest, sourceFiles } from './source-files.ts'
import { readSyntax, type Import, type Syntax } from './syntax.ts'

const CORE = 'core'
const OUR_PACKAGES: Record<string, string> = {
  '@viewportai/core': 'core',
  '@viewportai/viewport': 'server',
  '@viewportai/daemon': 'runner',
  '@viewportai/web': 'web',
}

type File = { path: string; room: string; syntax: Syntax }

/** Every breach below `root`, as sentences that open with `file:line`. */
export function breaches(root: string): string[] {
  const table = readImportTable(root)
  const files = sourceFiles(root).map((path) => ({
    path,
    room: path.split('/')[0] ?? '',
    syntax: readSyntax(path, readFileSync(join(root, path), 'utf8')),
  }))
  return [
    ...files.flatMap((file) => file.syntax.imports.flatMap((one) => importBreach(root, table, file, one) ?? [])),
    ...files.flatMap(impurities),
    ...files.flatMap(emptyNames),
    ...onlyTested(root, files),
    ...circles(root, files),
  ].toSorted()
}

function importBreach(
  root: string,
  table: ImportTable,
  file: File,
  { specifier, line, typeOnly }: Import,
): string | undefined {
  const no = (reason: string) => `${file.path}:${line} imports ${specifier}: ${reason}`
  const rows = [table.get(file.room), ...(isUnshipped(file.path) ? [table.get(TESTS)] : [])].filter(
    (row) => row !== undefined,
  )
  if (rows.length === 0) return no(`docs/architecture.md has no row for ${file.room}`)
  const target = ourFile(root, file.path, specifier)
  if (target !== undefined) {
    const room = target.split('/')[0] ?? ''
    if (specifier.startsWith('.') && room !== file.room) return no('a relative import must not leave its room')
    if (!rows.some((row) => row.rooms.has(room))) return no(`${file.room} must not import ${room}`)
    if (isTest(target) && !isUnshipped(file.path)) return no('only tests import what is made for tests')
    return undefined
  }
  if (isBuiltin(specifier))
    return rows.some((row) => row.node) ? undefined : no(`${file.room} must not import Node's own modules`)
  const name = packageOf(specifier)
  if (rows.some((row) => row.packages.has(name))) return undefined
  if ((typeOnly || isUnshipped(file.path)) && rows.some((row) => row.unshipped.has(name))) return undefined
  return no(`${name} is not in the row of ${file.room}`)
}

/** Tests and configuration: what never leaves the clone. */
const isUnshipped = (path: string): boolean => isTest(path) || path.endsWith('.config.ts')

/** The file an import of ours means, as a path from the root; undefined when it means a package or a part of Node. */
function ourFile(root: string, from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const room = OUR_PACKAGES[packageOf(specifier)]
  if (room === undefined) return undefined
  const inside = specifier.slice(packageOf(specifier).length)
  const found = [`${room}/src${inside}.ts`, `${room}/src${inside}.tsx`].find((path) => existsSync(join(root, path)))
  return found ?? `${room}/src${inside}.ts`
}

const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

function impurities({ path, room, syntax }: File): string[] {
  if (room !== CORE || isTest(path)) return []
  return syntax.reaches.map(
    ({ what, line }) => `${path}:${line} uses ${what}: the core is pure, so it is given what it needs`,
  )
}

function emptyNames({ path, syntax }: File): string[] {
  const wrong = emptyPath(path)
  return [
    ...(wrong === undefined ? [] : [`${path}:1 is badly named: ${wrong}`]),
    ...(syntax.isBarrel ? [`${path}:1 only passes on exports of other files: import from where a thing is`] : []),
    ...syntax.exports.flatMap(({ name, line }) => {
      const word = emptyWordIn(name)
      return word === undefined ? [] : [`${path}:${line} exports ${name}: "${word}" says nothing`]
    }),
  ]
}

/** What the core exports and nothing but tests takes: it looks like a part of the product and is none. */
function onlyTested(root: string, files: File[]): string[] {
  const taken = { shipped: new Set<string>(), tests: new Set<string>() }
  const anything = new Set<string>()
  for (const { path, syntax } of files)
    for (const { specifier, names } of syntax.imports) {
      const target = ourFile(root, path, specifier)
      if (target === undefined) continue
      if (names === null) anything.add(target)
      else for (const name of names) taken[isTest(path) ? 'tests' : 'shipped'].add(`${target} ${name}`)
    }
  return files
    .filter(({ path, room }) => room === CORE && !isTest(path) && !anything.has(path))
    .flatMap(({ path, syntax }) =>
      syntax.exports
        .filter(({ name }) => (syntax.mentions.get(name) ?? 0) <= 1) // a use in its own file is one of the product
        .filter(({ name }) => taken.tests.has(`${path} ${name}`) && !taken.shipped.has(`${path} ${name}`))
        .map(
          ({ name, line }) =>
            `${path}:${line} exports ${name}: only tests use it; let the product use it, or delete both`,
        ),
    )
}

function circles(root: string, files: File[]): string[] {
  const graph = new Map(
    files.map(({ path, syntax }) => [
      path,
      syntax.imports.flatMap(({ specifier }) => ourFile(root, path, specifier) ?? []),
    ]),
  )
  return cycles(graph).map((circle) => `${circle[0]}:1 is in a circle of imports: ${circle.join(' -> ')}`)
}
