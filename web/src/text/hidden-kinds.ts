/**
 * Which characters does a reader not see, or see wrongly?
 * Ranges of code points by what they do to a reader. It never decides whether a text is safe: it only names what is there.
 */

const hiddenKinds = [
  'bidi',
  'zero-width',
  'tag',
  'variation',
  'control',
  'space',
  'private',
  'broken',
  'look-alike',
  'stack',
  'blanks',
] as const
export type HiddenKind = (typeof hiddenKinds)[number]

type Range = readonly [from: number, to: number, kind: HiddenKind, name: string]

/** In order of code point. Names are Unicode's, lower case, shortened where a range shares one. */
const ranges: readonly Range[] = [
  [0x0000, 0x0008, 'control', 'control character'],
  [0x000b, 0x001f, 'control', 'control character'],
  [0x007f, 0x009f, 'control', 'control character'],
  [0x00a0, 0x00a0, 'space', 'no-break space'],
  [0x00ad, 0x00ad, 'zero-width', 'soft hyphen'],
  [0x034f, 0x034f, 'zero-width', 'combining grapheme joiner'],
  [0x061c, 0x061c, 'bidi', 'arabic letter mark'],
  [0x115f, 0x1160, 'zero-width', 'hangul filler'],
  [0x1680, 0x1680, 'space', 'ogham space'],
  [0x17b4, 0x17b5, 'zero-width', 'khmer inherent vowel'],
  [0x180b, 0x180d, 'variation', 'mongolian variation selector'],
  [0x180e, 0x180e, 'zero-width', 'mongolian vowel separator'],
  [0x180f, 0x180f, 'variation', 'mongolian variation selector'],
  [0x2000, 0x200a, 'space', 'typographic space'],
  [0x200b, 0x200b, 'zero-width', 'zero width space'],
  [0x200c, 0x200c, 'zero-width', 'zero width non-joiner'],
  [0x200d, 0x200d, 'zero-width', 'zero width joiner'],
  [0x200e, 0x200e, 'bidi', 'left-to-right mark'],
  [0x200f, 0x200f, 'bidi', 'right-to-left mark'],
  [0x2028, 0x2029, 'control', 'line or paragraph separator'],
  [0x202a, 0x202a, 'bidi', 'left-to-right embedding'],
  [0x202b, 0x202b, 'bidi', 'right-to-left embedding'],
  [0x202c, 0x202c, 'bidi', 'pop directional formatting'],
  [0x202d, 0x202d, 'bidi', 'left-to-right override'],
  [0x202e, 0x202e, 'bidi', 'right-to-left override'],
  [0x202f, 0x202f, 'space', 'narrow no-break space'],
  [0x205f, 0x205f, 'space', 'mathematical space'],
  [0x2060, 0x2065, 'zero-width', 'word joiner or invisible operator'],
  [0x2066, 0x2069, 'bidi', 'directional isolate'],
  [0x206a, 0x206f, 'bidi', 'deprecated format character'],
  [0x2800, 0x2800, 'space', 'blank braille pattern'],
  [0x3000, 0x3000, 'space', 'ideographic space'],
  [0x3164, 0x3164, 'zero-width', 'hangul filler'],
  [0xd800, 0xdfff, 'broken', 'half of a surrogate pair'],
  [0xe000, 0xf8ff, 'private', 'private use character'],
  [0xfdd0, 0xfdef, 'broken', 'noncharacter'],
  [0xfe00, 0xfe0f, 'variation', 'variation selector'],
  [0xfeff, 0xfeff, 'zero-width', 'zero width no-break space'],
  [0xffa0, 0xffa0, 'zero-width', 'halfwidth hangul filler'],
  [0xfff0, 0xfffb, 'zero-width', 'invisible format character'],
  [0xfffd, 0xfffd, 'broken', 'bytes that are not UTF-8 text'],
  [0xfffe, 0xffff, 'broken', 'noncharacter'],
  [0x1bca0, 0x1bca3, 'zero-width', 'shorthand format control'],
  [0x1d173, 0x1d17a, 'zero-width', 'musical format control'],
  [0xe0000, 0xe007f, 'tag', 'tag character'],
  [0xe0080, 0xe00ff, 'tag', 'unassigned invisible character'],
  [0xe0100, 0xe01ef, 'variation', 'variation selector'],
  [0xe01f0, 0xe0fff, 'tag', 'unassigned invisible character'],
  [0xf0000, 0x10ffff, 'private', 'private use character'],
]

/** What a code point hides, or null when a reader sees it as it is. Tab and line feed are not hidden. */
export const hiddenAt = (point: number): { kind: HiddenKind; name: string } | null => {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to, kind, name] = ranges[middle]!
    if (point < from) high = middle - 1
    else if (point > to) low = middle + 1
    else return { kind, name }
  }
  return null
}

/** `U+202E`: at least four digits. */
export const codePoint = (point: number): string => `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
