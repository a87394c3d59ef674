/**
 * Does a request hold text that cannot be stored and read back as it is?
 * NUL is no character of a PostgreSQL text; half a surrogate pair and a number out of range are read differently by different
 * programs. Refused at the door, so that nothing behind it has to think of them.
 */

/** Why such a request is refused. */
export const unwritableWords = 'it holds NUL, half of a surrogate pair, or a number out of range'

/** The path of the first such text (`body.inputs.ticket`), or null. Keys count as well. `nul`: NUL may be in it, because it goes into facts, which hold any text. */
export const firstUnwritable = (value: unknown, path: string, nul = false): string | null => {
  if (typeof value === 'string') return fine(value, nul) ? null : path
  if (typeof value === 'number') return Number.isFinite(value) ? null : path // of `1e999`, which JSON.stringify would turn into null
  if (typeof value !== 'object' || value === null) return null
  for (const [key, inside] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : `${path}.${fine(key, false) ? key.slice(0, 80) : '?'}`
    const found = fine(key, nul) ? firstUnwritable(inside, here, nul) : here
    if (found !== null) return found
  }
  return null
}

const fine = (text: string, nul: boolean): boolean => (nul || !text.includes('\0')) && text.isWellFormed()
