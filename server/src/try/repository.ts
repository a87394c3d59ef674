/**
 * Is this folder a repository that work can begin on, and from which commit?
 * Reads only. What stands in the way is told before anything starts; what a person should know beside it is a note.
 */
import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { submoduleWords } from '@viewportai/core/try/words'
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'
import { askGit, readGit } from './git.ts'

export type OwnRepository = {
  /** As people know it. */
  readonly folder: string
  /** Where its objects and refs are. */
  readonly gitDir: string
  /** Where runners fetch it from and push the approved branch to. */
  readonly url: string
  /** `owner/name`, of its origin where that says so. */
  readonly name: string
  readonly branch: string
  readonly commit: string
  /** Its remotes, `origin (github.com/acme/api)`, none of which is spoken to. */
  readonly remotes: readonly string[]
  /** What a person should know before work begins on it. */
  readonly notes: readonly string[]
}

/** Looks at it. `base`: the branch to begin at; without it the one that is checked out. Throws a `Stop` that says what is in the way. */
export const ownRepository = (asked: string, base: string | undefined): OwnRepository => {
  const given = path.resolve(asked)
  if (!statSync(given, { throwIfNoEntry: false })?.isDirectory())
    throw new Stop('usage', `There is no folder ${inLine(given)}.`, 'Name the folder of a git repository.')
  const bare = isBare(given)
  const gitDir = readGit(given, 'rev-parse', '--absolute-git-dir')!
  const common = path.resolve(given, readGit(given, 'rev-parse', '--git-common-dir')!)
  const top = bare ? gitDir : readGit(given, 'rev-parse', '--show-toplevel')
  if (top === null || top === '')
    throw new Stop('usage', `${inLine(given)} is inside a .git folder.`, 'Name the folder above it.')
  refuseHalf(given, top)
  const { branch, commit } = baseOf(given, base)
  return {
    folder: top,
    gitDir: common,
    url: urlOf(given, realpathSync(gitDir) === realpathSync(common) ? top : common),
    name: nameOf(given, top),
    branch,
    commit,
    remotes: remotesOf(given),
    notes: [
      ...(bare
        ? ['It is bare: it has no files of its own that could differ from the branch.']
        : unsaved(given, branch)),
      ...(path.resolve(top) === realpathSync(given)
        ? []
        : [`${inLine(given)} lies in it; the whole of it is given to the agent.`]),
      ...submodules(given, commit),
    ],
  }
}

const isBare = (folder: string): boolean => {
  const { status, stdout, stderr } = askGit(folder, ['rev-parse', '--is-bare-repository'])
  if (status === 0) return stdout.trim() === 'true'
  if (/dubious ownership/.test(stderr))
    throw new Stop(
      'refused',
      `${inLine(folder)} belongs to another user, so git does not read it.`,
      'Run this as its owner.',
    )
  if (/not a git repository/.test(stderr))
    throw new Stop(
      'usage',
      `${inLine(folder)} is not a git repository.`,
      'Name one, or make one there: git init, git add, git commit.',
    )
  throw new Stop('refused', `git cannot read ${inLine(folder)}: ${inLine(stderr.trim())}`)
}

/** What runners cannot fetch whole is refused here, with what makes it whole. */
const refuseHalf = (folder: string, top: string): void => {
  if (readGit(folder, 'rev-parse', '--show-object-format') === 'sha256')
    throw new Stop(
      'refused',
      `${inLine(top)} uses SHA-256 object ids, which this version cannot read.`,
      'Use a repository with SHA-1 ids.',
    )
  if (readGit(folder, 'rev-parse', '--is-shallow-repository') === 'true')
    throw new Stop(
      'refused',
      `${inLine(top)} is a shallow clone: a part of its history is missing, so no whole clone can be made of it.`,
      'Fetch the rest first: git fetch --unshallow',
    )
  if (readGit(folder, 'config', '--get-regexp', String.raw`^remote\..*\.(promisor|partialclonefilter)$`))
    throw new Stop(
      'refused',
      `${inLine(top)} is a partial clone: it fetches missing files when they are asked for.`,
      'Clone it whole, without --filter, and name that clone.',
    )
}

const baseOf = (folder: string, base: string | undefined): { branch: string; commit: string } => {
  const head = readGit(folder, 'symbolic-ref', '--quiet', 'HEAD')
  const ref = base === undefined ? head : `refs/heads/${base.replace(/^refs\/heads\//, '')}`
  if (ref === null) {
    const at = readGit(folder, 'rev-parse', '--short', 'HEAD') ?? 'a commit'
    throw new Stop(
      'refused',
      `HEAD is detached at ${at}: no branch says what a change would be merged into.`,
      'Check out a branch (git switch NAME), or name one: --base NAME',
    )
  }
  const branch = ref.replace(/^refs\/heads\//, '')
  const commit = readGit(folder, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  if (commit !== null) return { branch, commit }
  throw base === undefined
    ? new Stop('refused', `The branch ${inLine(branch)} has no commit yet.`, 'Commit something first.')
    : new Stop('usage', `There is no branch ${inLine(branch)}.`, 'See `git branch`.')
}

/** Runners take an address that has one spelling; a link whose path has is as good. */
const urlOf = (given: string, place: string): string => {
  const ways = [...(realpathSync(given) === realpathSync(place) ? [given] : []), place]
  const plain = ways.find((one) => /^\/[A-Za-z0-9/._+,=~-]*$/.test(one))
  if (plain === undefined)
    throw new Stop(
      'refused',
      `The path ${inLine(place)} holds a blank or another character that cannot stand in a repository's address.`,
      'Make a link with a plain name (ln -s) and name that.',
    )
  return `file://${plain}`
}

const nameOf = (folder: string, top: string): string => {
  const origin = (readGit(folder, 'config', '--get', 'remote.origin.url') ?? '').split(/[?#]/, 1)[0]!
  const [, owner, name] =
    /[/:]([A-Za-z0-9_-][A-Za-z0-9._-]*)\/([A-Za-z0-9_-][A-Za-z0-9._-]*?)(?:\.git)?\/?$/.exec(origin) ?? []
  if (owner && name && /^[a-z+]+:\/\/|@/.test(origin) && !origin.startsWith('file:')) return `${owner}/${name}`
  const own = path
    .basename(top)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
  return `local/${own || 'repository'}`
}

/** Without what an address may hold of names and passwords. */
const remotesOf = (folder: string): string[] =>
  (readGit(folder, 'config', '--get-regexp', String.raw`^remote\..*\.url$`) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const at = line.indexOf(' ')
      const where = line
        .slice(at + 1)
        .replace(/^[a-z+]+:\/\//, '')
        .replace(/^[^@/]*@/, '')
        .split(/[?#]/, 1)[0]!
      return `${inLine(line.slice('remote.'.length, at - '.url'.length))} (${inLine(where)})`
    })

const unsaved = (folder: string, branch: string): string[] => {
  const rows = (readGit(folder, 'status', '--porcelain=v1', '-z', '--no-renames', '--ignore-submodules') ?? '')
    .split('\0')
    .filter(Boolean)
  if (rows.length === 0) return []
  const files = rows.length === 1 ? 'One file of yours is' : `${rows.length} files of yours are`
  return [
    `${files} not committed (${rows
      .slice(0, 3)
      .map((row) => inLine(row.slice(3)))
      .join(
        ', ',
      )}${rows.length > 3 ? ' …' : ''}). They stay as they are; work begins at the last commit of ${inLine(branch)}, without them.`,
  ]
}

const submodules = (folder: string, commit: string): string[] => {
  const found = (readGit(folder, 'ls-tree', '-r', '-z', '--full-tree', commit) ?? '')
    .split('\0')
    .filter((row) => row.startsWith('160000 '))
  const folders = found.slice(0, 3).map((row) => inLine(row.slice(row.indexOf('\t') + 1)))
  return found.length === 0 ? [] : [submoduleWords({ submodules: folders, submoduleCount: found.length })]
}
