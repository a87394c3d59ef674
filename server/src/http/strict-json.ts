/**
 * Is this text JSON that two readers cannot read in two ways?
 * Refuses what JSON.parse lets through: a key twice in one object, `__proto__`, and nesting deeper and objects larger than a sane
 * document has (lists: json-crowd.ts). An object of a million keys is a few megabytes of text and seconds of a processor.
 */
import { crowdIn, endOfString } from '@viewportai/core/wire/json-crowd'

/** Deepest nesting taken; a run's largest real document has 12 levels. */
export const deepest = 64
/** Most keys taken in one object; the largest real one is a map of a few hundred names. */
export const mostKeysOfOne = 10_000
/** Most keys taken in a whole document; the report of a change of 5,000 files has about 50,000. */
export const mostKeys = 250_000

type StrictJson = { ok: true; value: unknown } | { ok: false; why: string }

/** Reads JSON text. Never throws. */
export const readStrictJson = (text: string): StrictJson => {
  const crowd = crowdIn(text)
  const why = crowd === null ? flawIn(text) : `it has ${crowd}`
  if (why !== null) return { ok: false, why }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, why: 'it is not JSON' }
  }
}

const [quote, colon, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d]

/** One pass over the text before it is parsed. What is not JSON at all may pass here: the parser says so afterwards. */
const flawIn = (text: string): string | null => {
  const open: (Set<string> | null)[] = [] // keys of each open object, null for an array
  let lastFrom = -1
  let lastTo = -1
  let keysRead = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = endOfString(text, at)
      if (end < 0) return 'a text does not end'
      lastFrom = at
      lastTo = end
      at = end
    } else if (code === openBrace || code === openBracket) {
      if (open.length === deepest) return `it is nested deeper than ${deepest} levels`
      open.push(code === openBrace ? new Set() : null)
    } else if (code === closeBrace || code === closeBracket) {
      open.pop()
    } else if (code === colon) {
      const keys = open.at(-1)
      if (!keys || lastFrom < 0) continue
      const key = unescaped(text.slice(lastFrom, lastTo + 1))
      if (key === '__proto__') return 'a key is called __proto__'
      if (keys.has(key)) return `the key ${JSON.stringify(key.slice(0, 80))} stands twice in one object`
      keys.add(key)
      if (keys.size > mostKeysOfOne) return `an object has more than ${mostKeysOfOne} keys`
      if (++keysRead > mostKeys) return `it has more than ${mostKeys} keys`
    }
  }
  return null
}

const unescaped = (quoted: string): string => {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}
