/**
 * Which files of a change need one approver more, and which may not be changed at all?
 * Decided from names and modes alone, fail closed. It never reads a file.
 */
import type { ChangedFile } from '../gate/subject.ts'
import type { RepoUse } from '../workflow/compiled.ts'
import { globRefusal, readGlob } from './glob.ts'
import { firstHidden } from './hidden.ts'
import { alwaysProtected } from './protected.ts'

/** Paths (old and new names) that are protected, in order of the files, with the glob that says so. What is always protected holds whatever the workflow says. */
export const protectedPaths = (
  files: readonly Pick<ChangedFile, 'path' | 'from'>[],
  repo: Pick<RepoUse, 'protect'>,
): { path: string; rule: string }[] => {
  const rules = [...new Set([...repo.protect, ...alwaysProtected])].map((rule) => ({
    rule,
    holds: readGlob(fold(rule)),
  }))
  const found: { path: string; rule: string }[] = []
  for (const path of namesOf(files)) {
    const folded = fold(path)
    const rule = rules.find(({ holds }) => holds(folded))
    if (rule) found.push({ path, rule: rule.rule })
  }
  return found
}

/** The same paths of a change of one of these repositories; of another one only what is always protected. */
export const protectedIn = (
  repos: readonly RepoUse[],
  { repo, files }: { repo: string; files: readonly Pick<ChangedFile, 'path' | 'from'>[] },
): string[] => protectedPaths(files, repos.find((use) => use.name === repo) ?? { protect: [] }).map(({ path }) => path)

/** Files that may not be in a change, each with why: outside the write globs, unsafe names, symlinks, submodules, odd modes, two names that differ by case only. Empty: all may. */
export const refusedPaths = (
  files: readonly Pick<ChangedFile, 'path' | 'from' | 'mode'>[],
  repo: Pick<RepoUse, 'access' | 'write'>,
): { path: string; why: string }[] => {
  const refused: { path: string; why: string }[] = []
  const writable = repo.write.filter((glob) => globRefusal(glob) === null).map(readGlob)
  const seen = new Map<string, string>()
  for (const { path, from, mode } of files) {
    const why =
      (repo.access === 'write' ? null : 'the repository may only be read') ??
      nameRefusal(path) ??
      (from === null ? null : nameRefusal(from)) ??
      modeRefusal(mode) ??
      outside([path, ...(from === null ? [] : [from])], writable, repo.write)
    if (why !== null) refused.push({ path, why })
    const twin = seen.get(fold(path))
    if (why === null && twin !== undefined && twin !== path)
      refused.push({ path, why: `it differs from ${twin} by case or form only` })
    seen.set(fold(path), path)
  }
  return refused
}

/** Why a path may not be in a change, or null. */
export const nameRefusal = (path: string): string | null => {
  if (path === '' || path.length > 1_000) return 'its name is empty or longer than 1000 characters'
  if (!path.isWellFormed()) return 'its name holds half a character'
  const hidden = firstHidden(path)
  if (hidden || /[\n\r\t]/.test(path))
    return `its name holds a hidden character (${hidden?.code ?? 'a line break or tab'})`
  if (path.startsWith('/') || path.includes('\\') || /^[A-Za-z]:/.test(path))
    return 'its name is not relative to the repository'
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'its name holds an empty part, . or ..'
  // git's own folder in every spelling that a file system may fold to it, short names of Windows included.
  if (names.some((name) => /^(\.git|git~\d+)[ .]*(:.*)?$/.test(fold(name)))) return 'it would write into .git'
  if (names.some((name) => /[ .]$/.test(name))) return 'a part of its name ends with a blank or a dot'
  return null
}

/** Only regular files: a symlink can point outside, a submodule brings code nobody looked at. */
const modeRefusal = (mode: string | null): string | null => {
  if (mode === null || mode === '100644' || mode === '100755' || mode === '000000') return null
  if (mode === '120000') return 'it is a symbolic link'
  if (mode === '160000') return 'it is a submodule'
  return `its mode ${mode} is not that of a file`
}

const outside = (
  paths: string[],
  writable: readonly ((path: string) => boolean)[],
  write: readonly string[],
): string | null => {
  const stray = paths.find((path) => !writable.some((fits) => fits(path)))
  return stray === undefined ? null : `the workflow does not let ${stray} be written (${write.join(', ') || 'nothing'})`
}

const namesOf = (files: readonly Pick<ChangedFile, 'path' | 'from'>[]): string[] => [
  ...new Set(files.flatMap(({ path, from }) => (from === null || from === path ? [path] : [path, from]))),
]

/** As the most forgiving file system would read it: compatibility forms and case folded, ignorable characters dropped. */
const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g, '')
    .toLowerCase()
    .normalize('NFKC')
