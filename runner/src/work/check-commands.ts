/**
 * Which commands prove a change of this repository?
 * `.viewport/checks.yaml`, else what the repository plainly declares. Read from the cache at the base: a change cannot choose its own checks.
 */
import { readChecksFile, whyUnreadable } from '@viewportai/core/workflow/repository-files'
import { git, GitFailed } from '../git/run-git.ts'
import { splitNul } from '../git/tree-listing.ts'
import { failed } from './failure.ts'
import { ownRegistries } from './own-registries.ts'

const checksFile = '.viewport/checks.yaml'

/** The commands in order, and where they were found; none and null when the repository declares none. Throws WorkFailed `checks_unreadable`. */
export const checkCommands = async (
  gitDir: string,
  commit: string,
): Promise<{ commands: string[]; from: string | null }> => {
  const { names, read } = await filesAt(gitDir, commit)
  const own = await read(checksFile)
  if (own !== null) return { commands: readChecks(own), from: checksFile }
  for (const [from, find] of declarations) {
    const text = await read(from)
    const commands = text === null ? null : find(text, names)
    if (commands) return { commands, from }
  }
  return { commands: [], from: null }
}

/** What a person is told of them: with where npm and its like would get packages from, by the repository's own settings. */
export const checksWithRegistries = async (
  gitDir: string,
  commit: string,
): Promise<{ commands: string[]; from: string | null; registries: string[] }> => {
  const { names, read } = await filesAt(gitDir, commit)
  // A hint beside the commands: settings that are no such file, or too large for one, name nothing.
  const [npm, yarn] = await Promise.all(['.npmrc', '.yarnrc.yml'].map((name) => read(name).catch(() => null)))
  return {
    ...(await checkCommands(gitDir, commit)),
    registries: ownRegistries({ npm: npm ?? null, yarn: yarn ?? null, usesYarn: names.has('yarn.lock') }),
  }
}

/** The names of the commit's uppermost folder, and a reader of its files: null where there is none, or a folder. */
const filesAt = async (
  gitDir: string,
  commit: string,
): Promise<{ names: ReadonlySet<string>; read: (name: string) => Promise<string | null> }> => {
  const { out } = await git(['ls-tree', '-z', '--name-only', '--full-tree', commit], { gitDir })
  const names = new Set(splitNul(out))
  const read = async (name: string): Promise<string | null> => {
    if (!names.has(name.split('/')[0] ?? '')) return null
    const file = { gitDir, most: mostBytes, accept: [128] } // 128: it is not there, or a folder
    const { exit, out } = await git(['cat-file', 'blob', `${commit}:${name}`], file).catch((error: unknown) => {
      if (error instanceof GitFailed && error.tooMuch) throw tooLarge(name)
      throw error
    })
    return exit === 0 ? out.toString('utf8') : null
  }
  return { names, read }
}

/** A file that says how a repository is tested is small; a larger one is not read into memory. */
const mostBytes = 4 * 1024 * 1024
const tooLarge = (name: string) =>
  failed(
    'checks',
    'checks_unreadable',
    `${name} is larger than ${mostBytes / 1024 / 1024} MB and was not read.`,
    `Name the checks in ${checksFile} on the base branch; it is a list of commands.`,
    { retrySafe: false },
  )

const readChecks = (text: string): string[] => {
  const read = readChecksFile(text, checksFile)
  if (read.ok) return read.commands
  throw failed(
    'checks',
    'checks_unreadable',
    `${checksFile} cannot be read: ${whyUnreadable(read.errors)}`,
    'Mend the file on the base branch; it is a list of commands.',
    { retrySafe: false },
  )
}

/** Files in which repositories plainly say how they are tested, in the order of preference. */
const declarations: readonly (readonly [
  file: string,
  find: (text: string, names: ReadonlySet<string>) => string[] | null,
])[] = [
  ['package.json', nodeChecks],
  ['Makefile', (text) => (/^test\s*:(?!=)/m.test(text) ? ['make test'] : null)],
  ['pytest.ini', () => ['python3 -m pytest']],
  ['pyproject.toml', (text) => (/^\[tool\.pytest(\.|\])/m.test(text) ? ['python3 -m pytest'] : null)],
  ['setup.cfg', (text) => (/^\[tool:pytest\]/m.test(text) ? ['python3 -m pytest'] : null)],
  ['tox.ini', (text) => (/^\[pytest\]/m.test(text) ? ['python3 -m pytest'] : null)],
  ['go.mod', () => ['go test ./...']],
  ['Cargo.toml', () => ['cargo test']],
  [
    'composer.json',
    (text) => (jsonOf(text)?.scripts?.['test'] ? ['composer install --no-interaction', 'composer test'] : null),
  ],
]

type Package = {
  scripts?: Record<string, unknown>
  dependencies?: object
  devDependencies?: object
  packageManager?: string
}

const jsonOf = (text: string): Package | null => {
  try {
    return JSON.parse(text) as Package | null
  } catch {
    return null
  }
}

/** npm's own placeholder is no test. Installs first where there is something to install, with the tool whose lock file is there. */
function nodeChecks(text: string, names: ReadonlySet<string>): string[] | null {
  const found = jsonOf(text)
  const test = found?.scripts?.['test']
  if (typeof test !== 'string' || /Error: no test specified/.test(test)) return null
  const hasAny = Object.keys({ ...found?.dependencies, ...found?.devDependencies }).length > 0
  if (names.has('pnpm-lock.yaml')) return [...(hasAny ? ['pnpm install --frozen-lockfile'] : []), 'pnpm test']
  if (names.has('yarn.lock')) return [...(hasAny ? ['yarn install --immutable'] : []), 'yarn test']
  const locked = names.has('package-lock.json') || names.has('npm-shrinkwrap.json')
  return [...(hasAny ? [locked ? 'npm ci' : 'npm install --no-audit --no-fund'] : []), 'npm test']
}
