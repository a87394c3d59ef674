/**
 * Does a request hold text that cannot be stored and read back as it is?
 * NUL is no character of a PostgreSQL text, and half a surrogate pair is read differently by different programs. Refused at
 * the door, so that nothing behind it has to think of them.
 */

/** The path of the first such text (`body.inputs.ticket`), or null. Keys count as well. */
export const firstUnwritable = (value: unknown, path: string): string | null => {
  if (typeof value === 'string') return fine(value) ? null : path
  if (typeof value !== 'object' || value === null) return null
  for (const [key, inside] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : `${path}.${fine(key) ? key.slice(0, 80) : '?'}`
    const found = fine(key) ? firstUnwritable(inside, here) : here
    if (found !== null) return found
  }
  return null
}

const fine = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
