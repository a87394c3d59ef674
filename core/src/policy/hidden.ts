/**
 * Which characters of a text can a reader not see?
 * Names them; it never changes the text.
 */

/** Controls (not tab, line feed, carriage return), bidi controls, zero-width, tags, interlinear and object marks, odd blanks, variation selectors. */
const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u

const everyHidden = new RegExp(hidden.source, 'gu')

/** What an ordinary text in any script may hold although it is not seen: joiners and emoji selectors. */
const joining = /[\u200c\u200d\ufe0e\ufe0f]/u

export type Hidden = { at: number; code: string }

/** The first hidden character: offset in UTF-16 units and its code point (`U+202E`); null when there is none. `joiners`: let joiners and emoji selectors pass. */
export const firstHidden = (text: string, { joiners = false } = {}): Hidden | null => {
  let from = 0
  for (;;) {
    const at = text.slice(from).search(hidden)
    if (at < 0) return null
    const point = text.codePointAt(from + at)!
    if (!(joiners && joining.test(String.fromCodePoint(point))))
      return { at: from + at, code: `U+${point.toString(16).toUpperCase().padStart(4, '0')}` }
    from += at + 1
  }
}

/** Is every character printable ASCII? */
export const isPlainAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** What makes one emoji of several characters: the selector of its form, a joiner between two. */
const inEmoji =
  /(?<=\p{Extended_Pictographic})\ufe0f|(?<=[#*0-9])\ufe0f(?=\u20e3)|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})/u
const hiddenOrEmoji = new RegExp(`(${inEmoji.source})|${hidden.source}`, 'gu')

const marked = (char: string): string => `⟨U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`

/** The text with every hidden character written as ⟨U+202E⟩, so that it is seen and does nothing. Line feeds and tabs stay. `emoji`: those are let whole. */
export const revealed = (text: string, { emoji = false } = {}): string =>
  (emoji
    ? text.replace(hiddenOrEmoji, (char, kept: string | undefined) => kept ?? marked(char))
    : text.replace(everyHidden, marked)
  ).replace(/\r\n?/g, '\n')
