/**
 * Where would a command run, and what would it find there?
 * The same words do another thing in another folder, repository or environment. What can differ is shown to the person who is asked, and is part of
 * what they allowed; it is looked at again when the command runs. What the agent does inside the place afterwards the wall holds, not this.
 */
import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { AgentTask } from './driver.ts'

/** Paths are from the agent's working directory, links followed; `.` is the directory itself. */
export type Place = {
  readonly cwd: string
  /** What git would take for its repository there, with where its files lie when that is elsewhere; null: none. */
  readonly repository: string | null
  /** Names of the variables that vpd gives, sorted. */
  readonly environment: readonly string[]
  /** Of the values as well, where these say how programs are found and read (PATH and its like), and are nobody's secret. */
  readonly environmentDigest: string
}

/** Names whose values are compared. Values of others may be secrets, and a digest of a short one could be guessed. */
const compared = ['PATH', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'USER', 'LOGNAME', 'TERM', 'CI', 'NO_COLOR']

/** The place of a command that runs in `cwd`. */
export const placeOf = (task: Pick<AgentTask, 'cwd' | 'env'>, cwd: string): Place => {
  const base = real(task.cwd)
  const at = real(path.resolve(task.cwd, cwd))
  const environment = Object.keys(task.env).toSorted()
  const values = environment.map((name) => [name, compared.includes(name) ? task.env[name] : null])
  return {
    cwd: from(base, at),
    repository: repositoryAt(base, at),
    environment,
    environmentDigest: createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 12),
  }
}

const real = (file: string): string => {
  try {
    return realpathSync(file)
  } catch {
    return file // nothing runs in a folder that is not there; should it come to be, it is another place
  }
}

const from = (base: string, file: string): string => path.relative(base, file) || '.'

/** As git looks: upwards, for `.git` (a folder, or a file or link that says where it is), or a folder that is a repository itself. */
const repositoryAt = (base: string, cwd: string): string | null => {
  for (let at = cwd; ; at = path.dirname(at)) {
    const elsewhere = gitIn(at)?.replaceAll(base, '.') ?? null
    if (elsewhere !== null) return elsewhere === '' ? from(base, at) : `${from(base, at)} (${elsewhere})`
    if (isBare(at)) return `${from(base, at)} (bare)`
    if (at === path.dirname(at)) return null
  }
}

/** Null: there is no `.git`; '': it is a folder; else where it leads. */
const gitIn = (folder: string): string | null => {
  const git = path.join(folder, '.git')
  const found = lstatSync(git, { throwIfNoEntry: false })
  if (!found) return null
  if (found.isDirectory()) return ''
  if (found.isSymbolicLink()) return `.git leads to ${readlinkSync(git)}`
  if (!found.isFile()) return null // git asks for no pipes either
  const head = found.size > 4_096 ? '' : readFileSync(git, 'utf8').trim()
  return `.git says ${head === '' ? 'nothing that vpd reads' : head}`
}

const isBare = (folder: string): boolean => {
  const is = (name: string, kind: 'isFile' | 'isDirectory'): boolean => {
    try {
      return statSync(path.join(folder, name))[kind]()
    } catch {
      return false
    }
  }
  return is('HEAD', 'isFile') && is('objects', 'isDirectory') && is('refs', 'isDirectory')
}
