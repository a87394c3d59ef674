/**
 * Which letters of a word look like another script's?
 * A word that mixes Latin with look-alikes is marked; in code also a word made of nothing but look-alikes.
 * It never marks a word that is plainly of one other script.
 */

/** Letters of other scripts that most fonts draw like the Latin letter named. Cyrillic, Greek, Armenian, Cherokee, Lisu, small caps. */
const likeness: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'B',
  е: 'e',
  ѕ: 's',
  і: 'i',
  ї: 'i',
  ј: 'j',
  к: 'k',
  м: 'M',
  н: 'H',
  о: 'o',
  р: 'p',
  с: 'c',
  т: 'T',
  у: 'y',
  х: 'x',
  ь: 'b',
  ԁ: 'd',
  ԛ: 'q',
  ԝ: 'w',
  һ: 'h',
  ӏ: 'l',
  ѵ: 'v',
  А: 'A',
  В: 'B',
  Е: 'E',
  Ѕ: 'S',
  І: 'I',
  Ј: 'J',
  К: 'K',
  М: 'M',
  Н: 'H',
  О: 'O',
  Р: 'P',
  С: 'C',
  Т: 'T',
  У: 'Y',
  Х: 'X',
  Ԛ: 'Q',
  Ԝ: 'W',
  Ӏ: 'I',
  Ѵ: 'V',
  Ү: 'Y',
  З: '3',
  б: '6',
  α: 'a',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  γ: 'y',
  η: 'n',
  ω: 'w',
  ϲ: 'c',
  ϳ: 'j',
  ϱ: 'p',
  Α: 'A',
  Β: 'B',
  Ε: 'E',
  Ζ: 'Z',
  Η: 'H',
  Ι: 'I',
  Κ: 'K',
  Μ: 'M',
  Ν: 'N',
  Ο: 'O',
  Ρ: 'P',
  Τ: 'T',
  Υ: 'Y',
  Χ: 'X',
  Ϲ: 'C',
  օ: 'o',
  ս: 'u',
  ց: 'g',
  հ: 'h',
  ո: 'n',
  զ: 'q',
  Տ: 'S',
  Օ: 'O',
  ԍ: 'G',
  Ⲟ: 'O',
  ⲟ: 'o',
  ⲥ: 'c',
  Ⲥ: 'C',
  Ꭺ: 'A',
  Ᏼ: 'B',
  Ꮯ: 'C',
  Ꭰ: 'D',
  Ꭼ: 'E',
  Ꮐ: 'G',
  Ꮋ: 'H',
  Ꭻ: 'J',
  Ꮶ: 'K',
  Ꮮ: 'L',
  Ꮇ: 'M',
  Ꮲ: 'P',
  Ꮪ: 'S',
  Ꭲ: 'T',
  Ꮩ: 'V',
  Ꮃ: 'W',
  Ꮓ: 'Z',
  ı: 'i',
  ȷ: 'j',
  ɡ: 'g',
  ɑ: 'a',
  ⅼ: 'l',
  ⅰ: 'i',
  ⅴ: 'v',
  ⅹ: 'x',
  ⅽ: 'c',
  ⅾ: 'd',
  ⅿ: 'm',
  ℓ: 'l',
  ǃ: '!',
  '⁄': '/',
  '∕': '/',
  '⧸': '/',
  '։': ':',
  '꞉': ':',
  '∶': ':',
  '‚': ',',
  '․': '.',
  '‐': '-',
  '‑': '-',
  '−': '-',
  '˗': '-',
  ʼ: "'",
  ʹ: "'",
}
/** Signs that stand alone: marked wherever code has them. */
const signs = new Set(['ǃ', '⁄', '∕', '⧸', '։', '꞉', '∶', '‚', '․', '‐', '‑', '˗', 'ʹ'])
const fullWidth = (point: number): boolean =>
  (point >= 0xff01 && point <= 0xff5e) || (point >= 0x1d400 && point <= 0x1d7ff)

const word = /[\p{L}\p{M}\p{N}_]+/gu
const latin = /[A-Za-z]/

/** What a character looks like, or null. Full-width and mathematical letters look like the ASCII letter they are compatible with. */
export const looksLike = (char: string): string | null => {
  const like = likeness[char]
  if (like !== undefined) return like
  const point = char.codePointAt(0)!
  return fullWidth(point) ? char.normalize('NFKC') : null
}

const hasLikeness = (text: string): boolean => {
  for (const char of text) if (looksLike(char) !== null) return true
  return false
}

/** Start offsets (UTF-16) of characters to mark. `code`: the text is read by a program, so whole words of look-alikes count too. */
export const lookAlikes = (text: string, code: boolean): Map<number, string> => {
  const found = new Map<number, string>()
  if (/^[\x00-\x7f]*$/.test(text)) return found
  for (const match of text.matchAll(word)) {
    const chars = [...match[0]]
    if (!hasLikeness(match[0])) continue
    const letters = chars.filter((char) => /\p{L}/u.test(char))
    const mixed = latin.test(match[0])
    const disguised = code && letters.length >= 2 && letters.every((char) => looksLike(char) !== null)
    if (!mixed && !disguised) continue
    let at = match.index
    for (const char of chars) {
      const like = looksLike(char)
      if (like !== null) found.set(at, like)
      at += char.length
    }
  }
  if (code) {
    let at = 0
    for (const char of text) {
      if (signs.has(char) || (fullWidth(char.codePointAt(0)!) && !/\p{L}/u.test(char))) found.set(at, looksLike(char)!)
      at += char.length
    }
  }
  return found
}
