/**
 * Which files of a repository take part when a hook or a server runs?
 * Those that its command names, those that stand beside a hook in the settings, and those that these name in turn, by their words: sourced, imported, read.
 * What a name that stands nowhere leads to (a program of PATH, a package, a name that is put together) is not found: see docs/security.md.
 */
import path from 'node:path'
import { git } from '../git/run-git.ts'
import { splitNul } from '../git/tree-listing.ts'
import { filesAt, mentionedIn, settingsPlaces, type PinnedFile } from './files.ts'

/** More files than this are not held against the base before every call. */
const most = 200

/** `folders`: of hooks in the settings, in which no other file may appear. */
export type Reached = { readonly files: readonly PinnedFile[]; readonly folders: readonly string[] }

/** What these commands reach at the commit, or why it cannot be watched (a part of a sentence). */
export const reachedAt = async (
  gitDir: string,
  commit: string,
  commands: readonly string[],
): Promise<Reached | string> => {
  const { out } = await git(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], { gitDir })
  const all = new Set(splitNul(out))
  const named = commands.flatMap(mentionedIn).filter((one) => all.has(one))
  const folders = [...new Set(named.filter(isSetting).map((one) => path.posix.dirname(one)))].filter(
    (one) => one !== '.',
  )
  const beside = [...all].filter((one) => folders.some((folder) => one.startsWith(`${folder}/`)))
  const found = new Map<string, PinnedFile>()
  const asked = new Set<string>()
  for (let next = new Set([...named, ...beside]); next.size > 0;) {
    if (asked.size + next.size > most) return `they reach more than ${most} files`
    for (const one of next) asked.add(one)
    const files = await filesAt(gitDir, commit, [...next])
    for (const file of files) found.set(file.path, file)
    // A link leads to what may be changed behind it.
    const other = [...next].find((one) => !found.has(one))
    if (other !== undefined) return `they reach ${other.slice(0, 200)}, which is a link or too long`
    const further = files.flatMap((file) => namedIn(file.path, file.bytes.toString('utf8'), all))
    next = new Set(further.filter((one) => !asked.has(one)))
  }
  return { files: [...found.values()], folders }
}

const isSetting = (file: string): boolean =>
  settingsPlaces.some((place) => file === place || file.startsWith(`${place}/`))

const modules: Readonly<Record<string, readonly string[]>> = {
  py: ['.py', '/__init__.py'],
  rb: ['.rb'],
  js: ['.js', '.cjs', '.mjs', '.json', '/index.js'],
  ts: ['.ts', '.mts', '.cts', '.js', '.json', '/index.ts'],
}
const language = (file: string): string => {
  const ending = path.posix.extname(file).slice(1)
  return /^[cm]?[jt]sx?$/.test(ending) ? (ending.includes('t') ? 'ts' : 'js') : ending
}

/** Files that a text names: from the top of the repository or from its own folder, with the ending that its language leaves out. */
export const namedIn = (file: string, text: string, all: ReadonlySet<string>): string[] => {
  const folder = path.posix.dirname(file)
  const endings = modules[language(file)] ?? []
  const found = new Set<string>()
  for (const word of new Set(text.replaceAll(/\$\w+/g, ' ').split(/[^\w./@+-]+/))) {
    if (word === '' || word.length > 300) continue
    const bare = word.replace(/^\/+/, '')
    const dotted = language(file) === 'py' ? bare.replace(/^\.+/, '').replaceAll('.', '/') : bare
    for (const from of ['.', folder])
      for (const [name, ending] of [
        [bare, ''],
        ...endings.flatMap((one) => [[bare, one] as const, [dotted, one] as const]),
      ] as const) {
        const one = path.posix.normalize(path.posix.join(from, `${name}${ending}`))
        if (one !== file && all.has(one)) found.add(one)
      }
  }
  return [...found]
}
