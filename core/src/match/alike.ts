/**
 * Do two texts that differ look the same to a person?
 * Only to tell whoever wonders why they do not fit: what fits is decided by the texts as they are, never by how they look.
 */

const ignorable = /\p{Default_Ignorable_Code_Point}/gu

/** Letters of other scripts that look like Latin ones, in pairs. A few that are met; what is not here is told by no hint. */
const pairs =
  'аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwкkмmтtвbнhґrАAВBЕEЅSЗ3ІIЈJКKМMНHОOРPСCТTХXУYԌGοoαaνvρpιiκkτtυuχxωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXıiɡgƅbⅼlǃ!'
const latin = new Map<string, string>()
const letters = [...pairs]
for (let at = 0; at + 1 < letters.length; at += 2) latin.set(letters[at]!, letters[at + 1]!)

/** What is left of a text when only its looks count; two texts with the same look alike. */
export const looks = (text: string): string =>
  [...text.slice(0, 500).normalize('NFKC').replace(ignorable, '')]
    .map((letter) => latin.get(letter) ?? letter)
    .join('')
    .toLowerCase()
    .replace(/^#/, '')
    .replace(/\s+/g, ' ')
    .trim()

const code = (letter: string): string => `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** How they differ, for two texts that look alike; null: they are the same, or differ to the eye as well. */
export const alikeBut = (wanted: string, found: string): string | null => {
  if (wanted === found || looks(wanted) !== looks(found)) return null
  if (wanted.normalize('NFC') === found.normalize('NFC'))
    return 'they look the same, and one has its accents as letters of their own'
  if (wanted.toLowerCase() === found.toLowerCase()) return 'they differ in small and capital letters alone'
  if (`#${wanted}` === found || wanted === `#${found}`) return 'one of them has a # in front'
  const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()
  if (plain(wanted) === plain(found)) return 'they differ in blanks alone'
  const [a, b] = [[...wanted], [...found]]
  const at = b.findIndex((letter, n) => letter !== a[n])
  return at < 0 // all of it stands at the beginning of what was wanted
    ? `they look alike, and what was wanted has ${sayLetter(a[b.length]!)} more`
    : `they look alike, and ${sayLetter(b[at]!)} in what was found is another character`
}

const sayLetter = (letter: string): string => {
  const seen = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(letter) && letter.search(ignorable) < 0
  return seen ? `${letter} (${code(letter)})` : code(letter)
}
