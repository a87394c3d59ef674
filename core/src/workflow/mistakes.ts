/**
 * How is a mistake placed in its file?
 * Collects mistakes by path or by offset and turns them into errors with lines, in reading order. It never decides what is wrong.
 */
import type { WorkflowError } from './mistake.ts'
import { nearest } from './nearest.ts'

export type Path = readonly (string | number)[]
export type Spot = { from: number; to: number }

/** A mistake before it has lines. `words`: the valid words, for the nearest one and its fix. `spot` wins over `path`. */
export type Mistake = {
  code: string
  message: string
  path: Path
  at?: 'key' | 'value'
  spot?: Spot
  found?: string
  expected?: string
  words?: readonly string[]
  /** A piece of the value, where only that is wrong. */
  part?: string
  /** The bare word that was found, when it stands in the source as it is. */
  word?: string
  /** What to put in its place, or `quotes` around it. */
  fix?: { label: string; text: string } | 'quotes'
}

export type Mistakes = {
  add: (mistake: Mistake) => void
  count: () => number
  at: (prefix: Path) => boolean
  sorted: (source: string, file: string, spotOf: (path: Path, at: 'key' | 'value') => Spot) => WorkflowError[]
}

const most = 200 // a file with more has one cause; the rest would only hide it
const mostHeld = 3 * most // each costs a look at the words it may have meant; the first by their place are among these in any text of a person

const under = (path: Path, prefix: Path): boolean => prefix.every((part, i) => path[i] === part)

export const collectMistakes = (): Mistakes => {
  const held: Mistake[] = []
  return {
    add: (mistake) => {
      if (held.length < mostHeld) held.push(mistake)
    },
    count: () => held.length,
    at: (prefix) => held.some((mistake) => under(mistake.path, prefix)),
    sorted: (source, file, spotOf) => {
      const starts = [0]
      for (let i = 0; i < source.length; i++) if (source[i] === '\n') starts.push(i + 1)
      const placed = held.map((mistake) => place(mistake, source, file, starts, spotOf))
      placed.sort((a, b) => a.offset - b.offset || a.endOffset - b.endOffset || (a.message < b.message ? -1 : 1))
      return placed
        .filter(
          (error, i) => i === 0 || error.offset !== placed[i - 1]!.offset || error.message !== placed[i - 1]!.message,
        )
        .slice(0, most)
    },
  }
}

const place = (
  mistake: Mistake,
  source: string,
  file: string,
  starts: number[],
  spotOf: (path: Path, at: 'key' | 'value') => Spot,
): WorkflowError => {
  const whole = clamp(mistake.spot ?? spotOf(mistake.path, mistake.at ?? 'value'), source.length)
  const { from, to } =
    mistake.part && source.slice(whole.from, whole.to).includes(mistake.part)
      ? wordIn(source, whole, mistake.part)
      : whole
  const word = mistake.words && mistake.word !== undefined ? nearest(mistake.word, mistake.words) : null
  const fix = fixOf(mistake, source, { from, to }, word)
  const [line, column] = lineOf(starts, from)
  const [endLine, endColumn] = lineOf(starts, to)
  return {
    code: mistake.code,
    file,
    line,
    column,
    endLine,
    endColumn,
    offset: from,
    endOffset: to,
    path: [...mistake.path],
    message: `${mistake.message}${word === null ? '' : ` Nearest: ${word}.`}${fix?.label === commented ? ' A # begins a comment; put it in quotes.' : ''}`,
    found: mistake.found ?? null,
    expected: mistake.expected ?? null,
    nearest: word,
    fix,
  }
}

const commented = 'Put it in quotes, so that # begins no comment'

const fixOf = (mistake: Mistake, source: string, spot: Spot, word: string | null): WorkflowError['fix'] => {
  if (mistake.fix === 'quotes')
    return { label: 'Put it in quotes', ...spot, text: JSON.stringify(source.slice(spot.from, spot.to)) }
  if (mistake.fix) return { label: mistake.fix.label, ...spot, text: mistake.fix.text }
  if (word !== null && source.slice(spot.from, spot.to).includes(mistake.word!))
    return { label: `Use ${word}`, ...wordIn(source, spot, mistake.word!), text: word }
  // `channel: #support` is a key with nothing but a comment behind it.
  const comment =
    mistake.found === 'nothing'
      ? /^([ \t]*)(#[^\s#][^\n]*?)[ \t\r]*(\n|$)/.exec(source.slice(spot.from, spot.from + 200))
      : null
  if (!comment) return null
  const from = spot.from + comment[1]!.length
  return {
    label: commented,
    from,
    to: from + comment[2]!.length,
    text: `${comment[1] === '' && source[from - 1] !== ' ' ? ' ' : ''}${JSON.stringify(comment[2])}`,
  }
}

const clamp = ({ from, to }: Spot, length: number): Spot => {
  const start = Math.min(Math.max(0, from), length)
  return { from: start, to: Math.min(Math.max(start, to), length) }
}

const wordIn = (source: string, spot: Spot, word: string): Spot => {
  const from = source.indexOf(word, spot.from)
  return { from, to: from + word.length }
}

/** Line and column, both from 1, of an offset. */
const lineOf = (starts: number[], offset: number): [number, number] => {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return [low + 1, offset - starts[low]! + 1]
}
