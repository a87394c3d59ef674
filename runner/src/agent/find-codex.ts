/**
 * Where is the owner's Codex?
 * On PATH or in the usual places. npm puts a script there that starts the platform's binary; that binary is started directly: it is faster, and
 * nothing is left when it ends.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { findProgram } from '../process/find-program.ts'

/** `at`: where it was found. `program`: what is started. */
export type Found = { readonly at: string; readonly program: string }

/** Finds it, or null. `search`: folders as in PATH; by default vpd's own and where installers put programs. */
export const findCodex = (search = usualPlaces()): Found | null => {
  const found = findProgram('codex', search)
  if (found === null) return null
  const real = realpathSync(found)
  const binary = real.endsWith('.js') ? binaryOf(path.dirname(path.dirname(real))) : null
  return { at: found, program: binary ?? real }
}

/** PATH, and where installers put programs for one user or for all. */
export const usualPlaces = (first = process.env['PATH'] ?? ''): string =>
  [
    first,
    ...['.local/bin', '.npm-global/bin', '.volta/bin', '.bun/bin', 'bin'].map((each) => path.join(homedir(), each)),
    '/opt/homebrew/bin',
    '/usr/local/bin',
  ].join(path.delimiter)

/** The binary for this platform beside or below the package: `@openai/codex-linux-x64/vendor/TRIPLE/bin/codex`. */
const binaryOf = (codexPackage: string): string | null => {
  const name = `codex-${process.platform}-${process.arch}`
  const vendors = [
    path.join(codexPackage, 'node_modules', '@openai', name, 'vendor'),
    path.join(path.dirname(codexPackage), name, 'vendor'),
    path.join(codexPackage, 'vendor'),
  ]
  for (const vendor of vendors.filter((each) => existsSync(each)))
    for (const triple of readdirSync(vendor)) {
      const binary = path.join(vendor, triple, 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex')
      if (existsSync(binary)) return binary
    }
  return null
}
