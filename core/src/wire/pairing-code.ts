/**
 * What does a pairing code look like, and which code did a person type?
 * It never makes randomness: the caller passes bytes in. It never knows whether a code is valid now.
 */

/** No 0 O D (alike), and of each other pair of look-alikes only one: 1 (not I L), 2 (not Z), 5 (not S), 6 (not G), 8 (not B), V (not U). */
export const codeAlphabet = '123456789ACEFHJKMNPQRTVWXY'
const codeLength = 8
const lookAlikes: Readonly<Record<string, string>> = { I: '1', L: '1', Z: '2', S: '5', G: '6', B: '8', U: 'V' }

/** A code such as `A4X917QH` from random bytes (32 are plenty; each symbol is equally likely). Throws when they run out. */
export const pairingCodeFrom = (random: Uint8Array): string => {
  const fair = 256 - (256 % codeAlphabet.length)
  let code = ''
  for (const byte of random) {
    if (byte < fair) code += codeAlphabet[byte % codeAlphabet.length]
    if (code.length === codeLength) return code
  }
  throw new RangeError('a pairing code needs more random bytes')
}

/** How a code is shown: `A4X917QH` as `A4-X91-7QH`. */
export const formatPairingCode = (code: string): string => `${code.slice(0, 2)}-${code.slice(2, 5)}-${code.slice(5)}`

/**
 * The code a person typed, or null when it cannot be one. Any case, dashes and spaces anywhere;
 * a look-alike that codes never hold is read as the symbol it looks like.
 */
export const readPairingCode = (typed: string): string | null => {
  const bare = typed.replace(/[\s\p{Pd}]/gu, '').toUpperCase()
  const code = [...bare].map((symbol) => lookAlikes[symbol] ?? symbol).join('')
  const known = code.length === codeLength && [...code].every((symbol) => codeAlphabet.includes(symbol))
  return known ? code : null
}
