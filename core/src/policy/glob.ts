/**
 * Does this glob mean this path?
 * `*` within one name, `**` across names, `?` one character; everything else stands for itself. Linear in the text: it never backtracks without bound.
 */

/** Does the whole `text` fit `pattern`? `/` separates names. `**` as a whole name fits any number of names, also none. */
export const globFits = (pattern: string, text: string): boolean => {
  const names = text.split('/')
  const parts = pattern.split('/')
  return fits(
    parts,
    names,
    (part, name) => (part === '**' ? true : nameFits(part, name)),
    (part) => part === '**',
  )
}

/** Does one name fit a pattern without `/`? `**` inside a name is the same as `*`. */
export const nameFits = (pattern: string, name: string): boolean =>
  fits(
    [...pattern],
    [...name],
    (part, char) => part === '?' || part === char,
    (part) => part === '*',
  )

/** The greedy match with one point of return: after a star only the last star needs to be tried again. */
const fits = (
  pattern: string[],
  items: string[],
  one: (part: string, item: string) => boolean,
  star: (part: string) => boolean,
): boolean => {
  let p = 0
  let i = 0
  let backP = -1
  let backI = 0
  while (i < items.length) {
    const part = pattern[p]
    if (part !== undefined && star(part)) {
      backP = p++
      backI = i
    } else if (part !== undefined && one(part, items[i]!)) {
      p++
      i++
    } else if (backP >= 0) {
      p = backP + 1
      i = ++backI
    } else return false
  }
  while (p < pattern.length && star(pattern[p]!)) p++
  return p === pattern.length
}

/** Why a glob cannot name paths inside a repository, or null when it can. */
export const globRefusal = (pattern: string): string | null => {
  if (pattern === '' || pattern.length > 300) return 'it is empty or longer than 300 characters'
  if (pattern.startsWith('/')) return 'it begins with /; paths are relative to the repository'
  if (pattern.includes('\\')) return 'it holds a backslash; names are separated by /'
  if (pattern.startsWith('!')) return 'it begins with !; there is no negation'
  if (pattern.split('/').some((part) => part === '..' || part === '.' || part === ''))
    return 'it holds an empty name, . or ..'
  if (/[[\]{}]/.test(pattern)) return 'it holds brackets or braces; only *, ** and ? have a meaning'
  return null
}
