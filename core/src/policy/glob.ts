/**
 * Does this glob mean this path?
 * `*` within one name, `**` across names, `?` one character; everything else stands for itself. A text is read once, whatever the pattern: all places of the
 * pattern at which one may be are kept as bits, 32 in one step (Baeza-Yates and Gonnet's Shift-And, with stars as places that one may stay at).
 */

/** Does the whole `text` fit `pattern`? `/` separates names. `**` as a whole name fits any number of names, also none. */
export const globFits = (pattern: string, text: string): boolean => readGlob(pattern)(text)

/** A glob that many texts are held against. */
export const readGlob = (pattern: string): ((text: string) => boolean) => {
  const first = pattern.search(/[*?]/)
  if (first < 0) return (text) => text === pattern
  // Most texts fit neither its beginning nor its end. A `**` beside them may stand for no name, so that its slash is not there.
  const [begins, ends] = [
    pattern.slice(0, first),
    pattern.slice(Math.max(pattern.lastIndexOf('*'), pattern.lastIndexOf('?')) + 1),
  ]
  let places: Places | null = null
  return (text) =>
    `${text}/`.startsWith(begins) && `/${text}`.endsWith(ends) && standsAtEnd((places ??= placesOf(pattern)), text)
}

/** Masks over the places of a pattern: bit n is the place behind its first n characters. Every name, also the last one, ends with a slash here. */
type Places = {
  readonly last: number
  /** To which places this character leads from the one before; any other character but a slash leads to those of `any`. */
  readonly by: ReadonlyMap<number, Int32Array>
  readonly any: Int32Array
  /** Places where one stays with any character but a slash (`*`), and with every character (`**`). */
  readonly star: Int32Array
  readonly gap: Int32Array
  /** Places that are left at the beginning of a name alone: behind it stands the first character of a name. */
  readonly atName: Int32Array
}

const slash = 0x2f
const anyCharacter = 0x3f // ?
const starCharacter = 0x2a // *

const placesOf = (pattern: string): Places => {
  const parts = pattern.split('/').map((part) => (part === '**' ? null : codesOf(part)))
  const last = parts.reduce((sum, part) => sum + (part?.filter((code) => code !== starCharacter).length ?? -1) + 1, 0)
  const none = (): Int32Array => new Int32Array((last >> 5) + 1)
  const [any, star, gap, atName] = [none(), none(), none(), none()]
  const by = new Map<number, Int32Array>([[slash, none()]])
  let at = 0
  for (const [n, part] of parts.entries()) {
    if (part === null) {
      set(gap, at)
      const next = parts.slice(n + 1).find((one) => one !== null)
      if (next !== undefined && next[0] !== starCharacter) set(atName, at) // else the star takes in the beginning of the name
      continue
    }
    for (const code of part)
      if (code === starCharacter) set(star, at)
      else if (code === anyCharacter) set(any, ++at)
      else set(by.get(code) ?? into(by, code, none()), ++at)
    set(by.get(slash)!, ++at)
  }
  for (const [code, mask] of by) if (code !== slash) for (const [word, bits] of any.entries()) mask[word]! |= bits
  return { last, by, any, star, gap, atName }
}

const set = (mask: Int32Array, bit: number): void => void (mask[bit >> 5]! |= 1 << (bit & 31))
const into = (by: Map<number, Int32Array>, code: number, mask: Int32Array): Int32Array => {
  by.set(code, mask)
  return mask
}

const standsAtEnd = ({ last, by, any, star, gap, atName }: Places, text: string): boolean => {
  const here = new Int32Array(any.length)
  here[0] = 1
  let isAtName = true
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? slash : text.codePointAt(at)!
    if (code > 0xffff) at++
    const leads = by.get(code) ?? any
    let carry = 0
    let anywhere = 0
    for (let word = 0; word < here.length; word++) {
      const now = here[word]!
      const leaving = isAtName ? now : now & ~atName[word]!
      const staying = now & (code === slash ? gap[word]! : star[word]! | gap[word]!)
      const next = (((leaving << 1) | carry) & leads[word]!) | staying
      carry = leaving >>> 31
      here[word] = next
      anywhere |= next
    }
    if (anywhere === 0) return false
    isAtName = code === slash
  }
  return (here[last >> 5]! & (1 << (last & 31))) !== 0
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
