/**
 * Is this command on the list of those that only read?
 * Plain words, known options, names below the working directory. What starts a configured program is not on it: `git status`, `git diff` and `git log` may run
 * monitors, filters, text converters and signature checks that an agent could have planted in the repository's configuration.
 */
import { searchMisfits } from './read-only-search.ts'

/** Why the words behind a program are more than reading, or null. */
type Misfit = (rest: readonly string[]) => string | null

/** Options and names: `options` one by one, `valued` with the word behind them, `others` every further word. */
const form =
  ({
    options = /^$/,
    valued = {},
    others = isBelow,
    least = 0,
    most = Number.POSITIVE_INFINITY,
  }: {
    options?: RegExp
    valued?: Readonly<Record<string, RegExp>>
    others?: (word: string) => boolean
    least?: number
    most?: number
  }): Misfit =>
  (rest) => {
    let count = 0
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at]!
      const value = Object.hasOwn(valued, word) ? valued[word] : undefined
      if (value) {
        if (!value.test(rest[++at] ?? '')) return `the value of ${word} is not a plain one`
      } else if (word.startsWith('-')) {
        if (!options.test(word)) return `the option \`${word}\` is not on the read-only list`
      } else {
        if (!others(word)) return `\`${word}\` is not a plain name below the working directory`
        count++
      }
    }
    return count < least || count > most ? 'it has more or fewer names than it needs for reading' : null
  }

const number = /^\d{1,7}$/
const anything = (): boolean => true
const nothing = form({ others: () => false })
const version =
  (...words: string[]): Misfit =>
  (rest) =>
    rest.length === 1 && words.includes(rest[0]!) ? null : `of it only \`${words[0]}\` is on the read-only list`
const ends = form({ options: /^-(\d{1,5}|[nc]\d{1,7}|q)$/, valued: { '-n': /^[-+]?\d{1,7}$/, '-c': /^[-+]?\d{1,7}$/ } })

const list: Readonly<Record<string, Misfit>> = {
  pwd: form({ options: /^-[LP]$/, others: () => false }),
  true: nothing,
  ls: form({ options: /^-[aA1lhrtSRdF]{1,8}$/ }),
  cat: form({ options: /^-[nbsA]{1,4}$/ }),
  head: ends,
  tail: ends,
  nl: form({ options: /^-ba$/ }),
  wc: form({ options: /^-[lwcm]{1,4}$/ }),
  basename: form({}),
  dirname: form({}),
  stat: form({}),
  file: form({ options: /^-b$/ }),
  du: form({ options: /^-[sh]{1,2}$/ }),
  tree: form({ options: /^-[dF]$/, valued: { '-L': number } }),
  sort: form({ options: /^-([bdfgnrRuVh]{1,8}|k\d{1,3}(,\d{1,3})?[nr]{0,2})$/ }),
  // A second name would be written to.
  uniq: form({ options: /^-[cdiu]{1,4}$/, most: 1 }),
  cut: form({
    options: /^-[fc][0-9,-]{1,40}$/,
    valued: { '-d': /^.$/, '-f': /^[0-9,-]{1,40}$/, '-c': /^[0-9,-]{1,40}$/ },
  }),
  tr: form({ options: /^-[ds]{1,2}$/, others: anything, most: 2 }),
  diff: form({ options: /^-(u|q|w|b|r|U\d{1,3})$/, least: 2, most: 2 }),
  cmp: form({ options: /^-s$/, least: 2, most: 2 }),
  comm: form({ options: /^-[123]{1,3}$/, least: 2, most: 2 }),
  md5sum: form({}),
  sha1sum: form({}),
  sha256sum: form({}),
  which: form({ options: /^-a$/, others: (word) => /^[A-Za-z0-9._-]{1,80}$/.test(word) }),
  uname: form({ options: /^-[amrsn]{1,5}$/, others: () => false }),
  whoami: nothing,
  id: form({ options: /^-u$/, others: () => false }),
  nproc: nothing,
  echo: () => null,
  node: version('--version', '-v'),
  python: version('--version', '-V'),
  python3: version('--version', '-V'),
  java: version('-version', '--version'),
  gcc: version('--version'),
  make: version('--version'),
  ...searchMisfits(isBelow),
}

const gitReads = [
  ['git', '--version'],
  ['git', 'rev-parse', 'HEAD'],
  ['git', 'rev-parse', '--show-toplevel'],
  ['git', 'rev-parse', '--abbrev-ref', 'HEAD'],
  ['git', 'branch', '--show-current'],
  ['git', 'remote'],
  ['git', 'remote', '-v'],
]

/** Is it on the list, and why or why not? */
export const readsOnly = (words: readonly string[]): { yes: boolean; why: string } => {
  const [program = '', ...rest] = words
  if (gitReads.some((known) => known.length === words.length && known.every((word, i) => word === words[i])))
    return { yes: true, why: words.join(' ') }
  const misfit = Object.hasOwn(list, program) ? list[program] : undefined
  if (!misfit)
    return { yes: false, why: `\`${[program, rest[0]].filter(Boolean).join(' ')}\` is not on the read-only list` }
  const why = misfit(rest)
  return why === null ? { yes: true, why: `${program} only reads` } : { yes: false, why: `${program}: ${why}` }
}

/** Do all of these only read? The first may go into a folder below; git is not asked there, where another repository may be. */
export const readOnlyChain = (commands: readonly (readonly string[])[]): { yes: boolean; why: string } => {
  const moved = isMove(commands[0]) && commands.length > 1
  const rest = moved ? commands.slice(1) : commands
  if (moved && rest.some(([program]) => program === 'git'))
    return { yes: false, why: 'git is asked about in another folder' }
  return rest.map(readsOnly).find(({ yes }) => !yes) ?? { yes: true, why: 'all of it only reads' }
}

/** `cd` into a folder below the working directory. */
export const isMove = (words: readonly string[] | undefined): boolean =>
  words?.length === 2 && words[0] === 'cd' && isBelow(words[1]!)

/** A name below the working directory: not absolute, no `..`, nothing hidden (`.env`, `.git`). */
function isBelow(word: string): boolean {
  if (!/^[A-Za-z0-9_./@+][A-Za-z0-9_./@+,-]{0,399}$/.test(word)) return false // an option is no name, wherever it stands
  const names = word.replace(/^\.\//, '').replace(/\/$/, '').split('/')
  return word === '.' || names.every((name) => name !== '' && !name.startsWith('.'))
}
