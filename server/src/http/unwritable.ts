/**
 * Does a request hold text that cannot be stored and read back as it is?
 * NUL is no character of a PostgreSQL text; half a surrogate pair and a number out of range are read differently by different
 * programs. Refused at the door, so that nothing behind it has to think of them.
 */

/** Why such a request is refused. */
export const unwritableWords = 'it holds NUL, half of a surrogate pair, or a number out of range'

/** The path of the first such text (`body.inputs.ticket`), or null. Keys count as well. `nul`: NUL may be in it, because it goes into facts, which hold any text. */
export const firstUnwritable = (value: unknown, path: string, nul = false): string | null => {
  const below = unwritableBelow(value, nul)
  return below === null ? null : path + below
}

/** Where below this value, as the end of a path; '' is the value itself. A path is only made for what is found: most messages have none. */
const unwritableBelow = (value: unknown, nul: boolean): string | null => {
  if (typeof value === 'string') return fine(value, nul) ? null : ''
  if (typeof value === 'number') return Number.isFinite(value) ? null : '' // of `1e999`, which JSON.stringify would turn into null
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const below = unwritableBelow(value[at], nul)
      if (below !== null) return `[${at}]${below}`
    }
    return null
  }
  for (const key of Object.keys(value)) {
    const below = fine(key, nul) ? unwritableBelow((value as Record<string, unknown>)[key], nul) : ''
    if (below !== null) return `.${fine(key, false) ? key.slice(0, 80) : '?'}${below}`
  }
  return null
}

const fine = (text: string, nul: boolean): boolean => (nul || !text.includes('\0')) && text.isWellFormed()
