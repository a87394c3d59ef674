/**
 * What does this text hold that a reader would not see?
 * Splits a text into plain pieces and marks. Nothing is dropped: the pieces and the marked characters together are the text.
 */
import { capital, inWords } from '../look/amounts.ts'
import { codePoint, hiddenAt, type HiddenKind } from './hidden-kinds.ts'
import { lookAlikes } from './look-alike.ts'

/** One character (or one run of the same thing) that must be drawn as a mark. `text` is what stood there. */
export type Mark = { kind: HiddenKind; label: string; name: string; text: string }
export type Piece = string | Mark

const blankRun = 80 // blanks in a row that push the rest of a line out of sight; twice as many as indentation
const stackOf = 3 // combining marks on one letter
const suspicious = new RegExp(
  // anything outside printable ASCII, tab and line feed, or a long run of blanks
  `[^\\t\\n\\x20-\\x7e]|[ \\t]{${blankRun}}`,
)

const emojiBefore = /\p{Extended_Pictographic}(\p{Emoji_Modifier}|\ufe0f)?$/u
const emojiAfter = /^\p{Extended_Pictographic}/u
const keycap = /[0-9#*]$/

/** Joiners and selectors that only make a picture are shown as the picture: one selector after it, a joiner between two. */
const drawsPicture = (text: string, at: number, point: number): boolean => {
  const before = text.slice(Math.max(0, at - 4), at)
  if (point === 0xfe0f) return emojiBefore.test(before) || (keycap.test(before) && text.codePointAt(at + 1) === 0x20e3)
  return point === 0x200d && emojiBefore.test(before) && emojiAfter.test(text.slice(at + 1))
}

/** Pieces of a text. `code` marks look-alikes more strictly (see look-alike.ts). A carriage return counts as a control character. */
export const reveal = (text: string, code = false): Piece[] => {
  if (!suspicious.test(text)) return text === '' ? [] : [text]
  const alike = lookAlikes(text, code)
  const pieces: Piece[] = []
  let plain = ''
  let combining = 0
  const mark = (found: Mark) => {
    if (plain) pieces.push(plain)
    plain = ''
    pieces.push(found)
  }
  for (let at = 0; at < text.length;) {
    const blanks = blanksAt(text, at)
    if (blanks >= (at === 0 || text[at - 1] === '\n' ? 2 * blankRun : blankRun)) {
      mark({
        kind: 'blanks',
        label: `${blanks} blanks`,
        name: 'a long run of blanks',
        text: text.slice(at, at + blanks),
      })
      at += blanks
      continue
    }
    const point = text.codePointAt(at)!
    const char = String.fromCodePoint(point)
    const hidden = hiddenAt(point)
    const like = alike.get(at)
    combining = /\p{M}/u.test(char) ? combining + 1 : 0
    if (hidden && !drawsPicture(text, at, point)) mark({ ...hidden, label: codePoint(point), text: char })
    else if (like !== undefined)
      mark({ kind: 'look-alike', label: codePoint(point), name: `looks like ${like}`, text: char })
    else if (combining > stackOf) mark({ kind: 'stack', label: codePoint(point), name: 'stacked mark', text: char })
    else plain += char
    at += char.length
  }
  if (plain) pieces.push(plain)
  return pieces
}

/** Length of the run of blanks that starts here; 0 inside one that was looked at from its start. */
const blanksAt = (text: string, at: number): number => {
  if (text[at - 1] === ' ' || text[at - 1] === '\t') return 0
  let end = at
  while (text[end] === ' ' || text[end] === '\t') end += 1
  return end - at
}

/** What is drawn in the place of a hidden character. */
export const drawnAs = (mark: Mark): string => (mark.kind === 'look-alike' ? `${mark.label} ${mark.name}` : mark.label)

export const marksOf = (pieces: readonly Piece[]): Mark[] =>
  pieces.filter((piece): piece is Mark => typeof piece !== 'string')

const effects: Readonly<Record<HiddenKind, string>> = {
  bidi: 'can turn the order in which a line is read',
  'zero-width': 'take no room on the screen',
  tag: 'can carry a whole hidden text',
  variation: 'can carry hidden bytes',
  control: 'steer a terminal',
  space: 'look like a blank and are none',
  private: 'have no agreed meaning',
  broken: 'cannot be read as text',
  'look-alike': 'look like another letter',
  stack: 'pile up over other text',
  blanks: 'push text out of sight',
}

/** One sentence below a line or above a text; empty when there is nothing to say. */
export const hiddenSentence = (marks: readonly Mark[]): string => {
  if (marks.length === 0) return ''
  const kinds = [...new Set(marks.map((mark) => mark.kind))]
  const what = kinds.every((kind) => kind === 'look-alike')
    ? 'look-alike'
    : kinds.every((kind) => kind === 'blanks')
      ? 'run of blanks'
      : 'hidden character'
  const does = kinds
    .slice(0, 2)
    .map((kind) => (marks.length === 1 ? singular(effects[kind]) : effects[kind]))
    .join(', and ')
  if (marks.length === 1) return `One ${what} made visible: it ${does}.`
  return `${capital(inWords(marks.length))} ${plural(what)} made visible. ${kinds.length === 1 ? 'They' : 'Together they'} ${does}.`
}

const plural = (what: string): string => (what === 'run of blanks' ? 'runs of blanks' : `${what}s`)
const singular = (effect: string): string =>
  effect
    .replace(/^(can \w+|\w+)/, (verb) =>
      verb.startsWith('can') ? verb : verb === 'have' ? 'has' : verb === 'push' ? 'pushes' : `${verb}s`,
    )
    .replace('and are none', 'and is none')
