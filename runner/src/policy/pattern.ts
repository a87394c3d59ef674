/** Does a text fit one of the owner's patterns? Anchored at both ends: `*` is anything but `/`, `**` anything, all else is itself. */

/** The test of one pattern. */
export const pattern = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split(/(\*\*|\*)/)
      .map((part) => (part === '**' ? '[^]*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')))
      .join('')}$`,
    'u',
  )

/** Does the text fit one of the patterns? No pattern fits nothing. */
export const fits = (text: string, patterns: readonly string[]): boolean =>
  patterns.some((one) => pattern(one).test(text))
