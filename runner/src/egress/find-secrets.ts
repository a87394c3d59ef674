/** Where in a piece of text are secrets? Positions are bytes (the text is latin1, one character per byte). */
import type { Needle, Secret } from './encodings.ts'
import { needlesOf, shortestSecret } from './encodings.ts'
import { patterns } from './patterns.ts'

export type Range = { readonly from: number; readonly to: number; readonly name: string }
/** What is looked for, prepared once. */
export type Search = { readonly needles: readonly Needle[]; readonly values: readonly Needle[] }

// A value that was cut is still given away by this many of its bytes in a row.
const fragment = 12
const block = 8
const blank = /\s/

/** Prepares the search for secrets. */
export const searchFor = (secrets: readonly Secret[]): Search => {
  const values = secrets.flatMap(({ name, value }) =>
    value
      .split(/\r?\n/)
      .map((line) => Buffer.from(line.trim(), 'utf8').toString('latin1'))
      .filter((text) => text.length >= shortestSecret)
      .map((text) => ({ name, text })),
  )
  return { needles: needlesOf(secrets), values }
}

/** Ranges to redact, in order, overlapping ones joined. `known`: only values this runner knows, not what looks like a secret. */
export const findSecrets = (text: string, search: Search, known = false): Range[] => {
  const found = [
    ...wholes(text, search.needles),
    ...fragments(text, search.values),
    ...spread(text, search.values),
    ...(known ? [] : formed(text)),
  ]
  return joined(found)
}

const wholes = (text: string, needles: readonly Needle[]): Range[] =>
  needles.flatMap(({ name, text: needle }) =>
    places(text, needle).map((from) => ({ from, to: from + needle.length, name })),
  )

/** A value with its beginning or end cut off. Blocks of 8 begin at every fifth byte, so every run of 12 holds a whole one; from there it is grown. */
const fragments = (text: string, values: readonly Needle[]): Range[] =>
  values.flatMap(({ name, text: value }) => {
    if (value.length <= fragment) return []
    const found: Range[] = []
    for (let at = 0; at + block <= value.length; at += fragment - block + 1)
      for (const place of places(text, value.slice(at, at + block))) {
        let from = place
        let to = place + block
        while (from > 0 && at - (place - from) > 0 && text[from - 1] === value[at - (place - from) - 1]) from--
        while (to < text.length && text[to] === value[at + (to - place)]) to++
        if (to - from >= fragment) found.push({ from, to, name })
      }
    return found
  })

/** A value written with white space between its characters, one per line for example. */
const spread = (text: string, values: readonly Needle[]): Range[] => {
  if (!values.length || !blank.test(text)) return []
  const { squeezed, places: origin } = squeeze(text)
  return values.flatMap(({ name, text: value }) => {
    const tight = value.replace(/\s/g, '')
    return places(squeezed, tight)
      .map((at) => ({ from: origin[at]!, to: origin[at + tight.length - 1]! + 1, name }))
      .filter(({ from, to }) => to - from > tight.length)
  })
}

const formed = (text: string): Range[] =>
  patterns.flatMap(({ name, form }) =>
    [...text.matchAll(form)].map((match) => ({ from: match.index, to: match.index + match[0].length, name })),
  )

const places = (text: string, needle: string): number[] => {
  const found: number[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) found.push(at)
  return found
}

/** The text without white space, and where each character of it was. */
export const squeeze = (text: string): { squeezed: string; places: Uint32Array } => {
  const origin = new Uint32Array(text.length)
  const parts: string[] = []
  let count = 0
  for (const match of text.matchAll(/\S+/g)) {
    parts.push(match[0])
    for (let at = 0; at < match[0].length; at++) origin[count++] = match.index + at
  }
  return { squeezed: parts.join(''), places: origin.subarray(0, count) }
}

const joined = (ranges: Range[]): Range[] => {
  const out: Range[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = out.at(-1)
    if (last && range.from < last.to) out[out.length - 1] = { ...last, to: Math.max(last.to, range.to) }
    else out.push(range)
  }
  return out
}
