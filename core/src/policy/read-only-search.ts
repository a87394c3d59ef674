/**
 * Which uses of programs that search and pick (grep, rg, find, sed, jq) only read?
 * Each of these can also run programs or write; only the options and the words that do neither are known here.
 */

type Misfit = (rest: readonly string[]) => string | null
type IsName = (word: string) => boolean

const other = (word: string): string => `\`${word}\` is not on the read-only list`

/** The checks by program. `isName`: is it a plain name below the working directory? */
export const searchMisfits = (isName: IsName): Readonly<Record<string, Misfit>> => ({
  grep: grepMisfit(isName),
  egrep: grepMisfit(isName),
  fgrep: grepMisfit(isName),
  rg: rgMisfit(isName),
  find: findMisfit(isName),
  sed: sedMisfit(isName),
  jq: jqMisfit(isName),
})

/** One pattern, then names. Recursion only below named folders: `.` holds hidden files. */
const grepMisfit =
  (isName: IsName): Misfit =>
  (rest) => {
    let pattern: string | null = null
    let deep = false
    let names = 0
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at]!
      if (/^-[ABC]$/.test(word) || word === '-m') {
        if (!/^\d{1,4}$/.test(rest[++at] ?? '')) return other(word)
      } else if (/^-[nilcwEFHhoqsvxr]{1,10}$|^-[ABCm]\d{1,4}$|^--include=[A-Za-z0-9.*_-]{1,60}$/.test(word))
        deep ||= /^-[a-zA-Z]*r/.test(word)
      else if (word.startsWith('-')) return other(word)
      else if (pattern === null) pattern = word
      else if (!isName(word) || (deep && word === '.'))
        return `\`${word}\` is not a plain name below the working directory`
      else names++
    }
    return pattern === null || (deep && names === 0) ? 'it does not say what it searches' : null
  }

/** One pattern, then names. `--pre`, `-z`, `-f` and hidden files are not known. */
const rgMisfit =
  (isName: IsName): Misfit =>
  (rest) => {
    let pattern = rest.includes('--files')
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at]!
      if (/^-[ABCm]$/.test(word)) {
        if (!/^\d{1,4}$/.test(rest[++at] ?? '')) return other(word)
      } else if (word === '-g' || word === '-t' || word === '--type' || word === '--glob') {
        if (!/^!?[A-Za-z0-9._*/{},-]{1,100}$/.test(rest[++at] ?? '')) return other(word)
      } else if (
        /^-[nilcwFSsvoNH]{1,10}$|^-[ABCm]\d{1,4}$|^--(files|files-with-matches|count|ignore-case|line-number|no-heading|sort=path)$/.test(
          word,
        )
      )
        continue
      else if (word.startsWith('-')) return other(word)
      else if (!pattern) pattern = true
      else if (!isName(word)) return `\`${word}\` is not a plain name below the working directory`
    }
    return pattern ? null : 'it does not say what it searches'
  }

/** Names to begin at, then tests. Nothing that runs, deletes or writes is a test here. */
const findMisfit =
  (isName: IsName): Misfit =>
  (rest) => {
    let at = 0
    while (at < rest.length && !/^[-!]/.test(rest[at]!)) if (!isName(rest[at++]!)) return other(rest[at - 1]!)
    for (; at < rest.length; at++) {
      const word = rest[at]!
      const value = Object.hasOwn(tests, word) ? tests[word] : undefined
      if (value === undefined) return other(word)
      if (value !== null && !value.test(rest[++at] ?? '')) return other(word)
    }
    return null
  }
const glob = /^[A-Za-z0-9._*?/@+-]{1,200}$/
const tests: Readonly<Record<string, RegExp | null>> = {
  '-name': glob,
  '-iname': glob,
  '-path': glob,
  '-type': /^[fdl]$/,
  '-maxdepth': /^\d{1,3}$/,
  '-mindepth': /^\d{1,3}$/,
  '-size': /^[-+]?\d{1,9}[ckMG]?$/,
  '-mtime': /^[-+]?\d{1,5}$/,
  '-not': null,
  '!': null,
  '-o': null,
  '-print': null,
}

/** `-n` and lines to print, then names: `sed -n 1,80p file`. */
const sedMisfit =
  (isName: IsName): Misfit =>
  ([quiet = '', script = '', ...names]) => {
    if (quiet !== '-n' || !/^\d{1,7}(,(\d{1,7}|\$))?p$/.test(script))
      return 'only `sed -n 1,80p` is on the read-only list'
    const wrong = names.find((name) => !isName(name))
    return wrong === undefined ? null : other(wrong)
  }

/** A filter that looks at its input alone: no environment, other files or modules. */
const jqMisfit =
  (isName: IsName): Misfit =>
  (rest) => {
    const words = rest.filter((word) => !/^-[rcMSe]{1,5}$/.test(word))
    const [filter = '', ...names] = words
    if (filter.startsWith('-')) return other(filter)
    if (
      !/^[A-Za-z0-9_.[\]|(),:"'=<>?+* -]{1,300}$/.test(filter) ||
      /\b(env|import|include|inputs?|input_filename|debug|stderr|halt\w*)\b/.test(filter)
    )
      return 'its filter is more than a plain one'
    const wrong = names.find((name) => !isName(name))
    return wrong === undefined ? null : other(wrong)
  }
