/** Which path does a line of a patch name? Undoes git's C-style quoting; never changes a path that is not quoted. */

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }
const utf8 = new TextEncoder()
const readUtf8 = new TextDecoder()

/** `"a/\303\244"` becomes `a/ä`. Octal escapes are bytes of UTF-8. */
export const unquoted = (text: string): string => {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  const bytes: number[] = []
  const inner = text.slice(1, -1)
  for (const [part, octal, letter] of inner.matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255)
    else if (letter !== undefined) bytes.push(...(letter in escapes ? [escapes[letter]!] : utf8.encode(part)))
    else bytes.push(...utf8.encode(part))
  }
  return readUtf8.decode(new Uint8Array(bytes))
}

/**
 * The new path in `a/OLD b/NEW`, the line after `diff --git`. For a file without rename both are equal, which settles where the blank is;
 * renames name their paths again in lines of their own.
 */
export const pathIn = (names: string): string => {
  if (names.endsWith('"')) {
    const start = names.lastIndexOf(' "')
    return unquoted(names.slice(start + 1)).replace(/^b\//, '')
  }
  const middle = (names.length - 1) / 2
  if (Number.isInteger(middle) && names[middle] === ' ' && names.slice(2, middle) === names.slice(middle + 3))
    return names.slice(middle + 3)
  const split = names.lastIndexOf(' b/')
  return split < 0 ? names : names.slice(split + 3)
}
