/**
 * Does this glob mean this path?
 * `*` within one name, `**` across names, `?` one character; everything else stands for itself. A name is read once, whatever the pattern:
 * what stands between two stars is looked for from where the last piece ended, all its places at once (Baeza-Yates and Gonnet's Shift-And).
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
export const nameFits = (pattern: string, name: string): boolean => {
  if (pattern === name) return true
  if (!pattern.includes('*')) return pattern.includes('?') && startsAt(codesOf(pattern), codesOf(name), 0, true)
  const pieces = pattern.split(/\*+/).map(codesOf)
  const codes = codesOf(name)
  const [first, last] = [pieces.shift()!, pieces.pop()!]
  const end = codes.length - last.length
  if (end < first.length || !startsAt(first, codes, 0) || !startsAt(last, codes, end)) return false
  let from = first.length
  for (const piece of pieces) {
    from = endOf(piece, codes, from, end)
    if (from < 0) return false
  }
  return true
}

const anyCharacter = 0x3f // ?
const codesOf = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0)!)

/** Does the piece stand at this place? `whole`: and nothing behind it. */
const startsAt = (piece: readonly number[], codes: readonly number[], at: number, whole = false): boolean =>
  (whole ? codes.length === at + piece.length : codes.length >= at + piece.length) &&
  piece.every((code, i) => code === anyCharacter || code === codes[at + i])

/** Where the first place of the piece between `from` and `to` ends; -1: it stands nowhere there. Bit i of `open`: the last characters are the first i + 1 of the piece. */
const endOf = (piece: readonly number[], codes: readonly number[], from: number, to: number): number => {
  if (piece.length === 0) return from
  const words = Math.ceil(piece.length / 32)
  const anyAt = new Int32Array(words)
  const placesOf = new Map<number, Int32Array>()
  piece.forEach((code, i) => {
    if (code === anyCharacter) anyAt[i >> 5]! |= 1 << (i & 31)
    else placesOf.set(code, new Int32Array(words))
  })
  for (const [code, places] of placesOf)
    piece.forEach((one, i) => {
      if (one === code || one === anyCharacter) places[i >> 5]! |= 1 << (i & 31)
    })
  const open = new Int32Array(words)
  const [lastWord, lastBit] = [words - 1, 1 << ((piece.length - 1) & 31)]
  for (let at = from; at < to; at++) {
    const places = placesOf.get(codes[at]!) ?? anyAt
    let carry = 1 // the piece may begin at every character
    for (let word = 0; word < words; word++) {
      const moved = (open[word]! << 1) | carry
      carry = open[word]! >>> 31
      open[word] = moved & places[word]!
    }
    if (open[lastWord]! & lastBit) return at + 1
  }
  return -1
}

/** The greedy match of whole names with one point of return: after `**` only the last one needs to be tried again. */
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
