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
  /** The bare word that was found, when it stands in the source as it is. */
  word?: string
  fix?: { label: string; text: string; spot?: Spot }
}

export type Mistakes = { add: (mistake: Mistake) => void; count: () => number; at: (prefix: Path) => boolean; sorted: (source: string, file: string, spotOf: (path: Path, at: 'key' | 'value') => Spot) => WorkflowError[] }

const most = 200 // a file with more has one cause; the rest would only hide it

const under = (path: Path, prefix: Path): boolean => prefix.every((part, i) => path[i] === part)

export const collectMistakes = (): Mistakes => {
  const held: Mistake[] = []
  return {
    add: (mistake) => void held.push(mistake),
    count: () => held.length,
    at: (prefix) => held.some((mistake) => under(mistake.path, prefix)),
    sorted: (source, file, spotOf) => {
      const starts = [0]
      for (let i = 0; i < source.length; i++) if (source[i] === '\n') starts.push(i + 1)
      const placed = held.map((mistake) => place(mistake, source, file, starts, spotOf))
      placed.sort((a, b) => a.offset - b.offset || a.endOffset - b.endOffset || (a.message < b.message ? -1 : 1))
      return placed.filter((error, i) => i === 0 || error.offset !== placed[i - 1]!.offset || error.message !== placed[i - 1]!.message).slice(0, most)
    },
  }
}

const place = (mistake: Mistake, source: string, file: string, starts: number[], spotOf: (path: Path, at: 'key' | 'value') => Spot): WorkflowError => {
  const { from, to } = clamp(mistake.spot ?? spotOf(mistake.path, mistake.at ?? 'value'), source.length)
  const word = mistake.words && mistake.word !== undefined ? nearest(mistake.word, mistake.words) : null
  const fix = mistake.fix
    ? { label: mistake.fix.label, ...clamp(mistake.fix.spot ?? { from, to }, source.length), text: mistake.fix.text }
    : word !== null && source.slice(from, to).includes(mistake.word!)
      ? { label: `Use ${word}`, ...wordIn(source, { from, to }, mistake.word!), text: word }
      : null
  const [line, column] = lineOf(starts, from)
  const [endLine, endColumn] = lineOf(starts, to)
  return {
    code: mistake.code, file, line, column, endLine, endColumn, offset: from, endOffset: to,
    path: [...mistake.path], message: word === null ? mistake.message : `${mistake.message} Nearest: ${word}.`,
    found: mistake.found ?? null, expected: mistake.expected ?? null, nearest: word, fix,
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
