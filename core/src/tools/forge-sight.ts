/**
 * What do looks at a pull request at GitHub and at a merge request at GitLab have in common?
 * How words of others are cut to size, which names are names, and by which words a commit says that it takes a merge back.
 */
import type { CheckSeen } from '../run/pull-seen.ts'
import { URL } from './url.ts'

/** At most so many characters, and no half ones. */
export const short = (said: string, most: number): string => said.slice(0, most).toWellFormed()

/** An address that a page may link to, or null: written as a server gets it, so that no words with blanks and line breaks stand in it. */
export const address = (url: string | null | undefined): string | null => {
  if (!url || url.length > 2_000 || !URL.canParse(url)) return null
  const { protocol, href } = new URL(url)
  return /^https?:$/.test(protocol) && href.length <= 2_000 ? href : null
}

/** A whole name of a commit, or null. */
export const commitIn = (text: string | null | undefined): string | null =>
  /^[0-9a-f]{40,64}$/.test(text ?? '') ? text! : null

/** Whoever may write to the repository names a status as they like, and it is read to an agent: a name is a name, and no sentence. */
export const plainName = (name: string): string =>
  /^[\w.:/()[\]#+-]+( [\w.:/()[\]#+-]+){0,5}$/.test(name) && name.length <= 60 ? name : 'a check with an unusual name'

/** Checks that there are and that were not looked at: they have not passed. `more`: nobody says how many. */
export const notSeen = (many: number | 'more'): CheckSeen[] => {
  const name = `${many === 'more' ? many : `${many} more`} checks, which were not looked at`
  return many === 0 ? [] : [{ name, state: 'running', conclusion: '', url: null, text: '', intent: null }]
}

/** Words of several parts, without the empty ones. */
export const joined = (parts: readonly (string | null | undefined)[], between: string, most: number): string =>
  short(parts.filter((part) => (part ?? '').trim() !== '').join(between), most)

/** Does a commit with this message take back what one of these words names? `#12` is not found in `#123`. */
export const takesBack = (message: string, words: readonly string[]): boolean =>
  words.some((word) => {
    const at = message.indexOf(word)
    return at >= 0 && !/^[0-9a-z]/i.test(message.slice(at + word.length))
  })
