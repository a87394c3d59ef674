/**
 * Is this command on the tiny list of those that only read?
 * Plain words, known options, names below the working directory. What starts a configured program is not on it: `git status` may run
 * `core.fsmonitor`, `git diff` and `git log` filters and pagers that an agent could have planted.
 */

/** Options each program may have; `paths`: further words are names below the working directory. */
const list: Readonly<Record<string, { options: RegExp; paths: boolean; first?: RegExp }>> = {
  pwd: { options: /^-[LP]$/, paths: false },
  true: { options: /^$/, paths: false },
  ls: { options: /^-[aA1lhrtSRdF]{1,8}$/, paths: true },
  cat: { options: /^-[nbsA]{1,4}$/, paths: true },
  head: { options: /^(-\d{1,5}|-[nc]|-[nc]\d{1,7}|-q)$/, paths: true },
  tail: { options: /^(-\d{1,5}|-[nc]|-[nc]\d{1,7}|-q)$/, paths: true },
  wc: { options: /^-[lwcm]{1,4}$/, paths: true },
  grep: { options: /^-[nilcwEFHhoqsvx]{1,8}$/, paths: true },
  basename: { options: /^$/, paths: true },
  dirname: { options: /^$/, paths: true },
}

const gitReads = [
  ['git', '--version'],
  ['git', 'rev-parse', 'HEAD'],
  ['git', 'rev-parse', '--show-toplevel'],
  ['git', 'rev-parse', '--abbrev-ref', 'HEAD'],
  ['git', 'branch', '--show-current'],
]

/** Is it on the list, and why or why not? */
export const readsOnly = (words: readonly string[]): { yes: boolean; why: string } => {
  const [program = '', ...rest] = words
  if (gitReads.some((known) => known.length === words.length && known.every((word, i) => word === words[i])))
    return { yes: true, why: words.join(' ') }
  const form = Object.hasOwn(list, program) ? list[program] : undefined
  if (!form)
    return { yes: false, why: `\`${[program, rest[0]].filter(Boolean).join(' ')}\` is not on the read-only list` }
  for (const word of rest) {
    if (word.startsWith('-')) {
      if (!form.options.test(word))
        return { yes: false, why: `the option \`${word}\` of ${program} is not on the read-only list` }
    } else if (!form.paths || !below(word))
      return { yes: false, why: `\`${word}\` is not a plain name below the working directory` }
  }
  return { yes: true, why: `${program} only reads` }
}

/** A name below the working directory: not absolute, no `..`, nothing hidden (`.env`, `.git`). */
const below = (word: string): boolean => {
  if (!/^[A-Za-z0-9_./@+,-]{1,400}$/.test(word)) return false
  const names = word.replace(/^\.\//, '').replace(/\/$/, '').split('/')
  return word === '.' || names.every((name) => name !== '' && !name.startsWith('.'))
}
