/** Where in a piece of text are secrets? Positions are bytes (the text is latin1, one character per byte). */
import type { Secret } from './encodings.ts'
import { disguisesOf, seenIn, type View, type Wanted } from './disguises.ts'
import { manySearch, type ManySearch } from './many-search.ts'
import { packedIn } from './packed.ts'
import { patterns } from './patterns.ts'
import { readingsOf, type Reading } from './readings.ts'

export type Range = { readonly from: number; readonly to: number; readonly name: string }
/** What is looked for, prepared once. */
export type Search = Readonly<Record<View, { names: readonly string[]; many: ManySearch }>>
/** Ranges to redact, in order, overlapping ones joined; and from where on the text may be the beginning of a secret whose rest is still to come. */
export type Found = { readonly ranges: Range[]; readonly open: number }

// More white space than this within one secret is not looked over.
const widest = 4_096
const deepest = 2 // packed bytes within packed bytes

/** Prepares the search for secrets. */
export const searchFor = (secrets: readonly Secret[]): Search => {
  const all = disguisesOf(secrets)
  return { bare: viewOf(all, 'bare'), tight: viewOf(all, 'tight') }
}

const viewOf = (all: readonly Wanted[], view: View): Search['bare'] => {
  const mine = all.filter((one) => one.view === view)
  return {
    names: mine.map(({ name }) => name),
    many: manySearch(mine.map(({ text, least }) => ({ text: Buffer.from(seenIn(view, text), 'latin1'), least }))),
  }
}

/** Looks for values this runner knows, and, unless `known`, for what has the form of a secret. */
export const findSecrets = (text: string, search: Search, known = false, depth = 0): Found => {
  const ranges: Range[] = []
  let open = text.length
  const look = (reading: Reading | null): void => {
    const seen = reading?.bytes ?? Buffer.from(text, 'latin1')
    for (const view of ['bare', 'tight'] as const) {
      const { bytes, at, count } = shown(view, seen)
      const place = (n: number): number => (reading ? reading.from[at[n]!]! : at[n]!)
      const after = (n: number): number => (reading ? reading.to[at[n]!]! : at[n]! + 1)
      const { names, many } = search[view]
      many.find(bytes, count, (first, end, which) => {
        const range = { from: place(first), to: after(end - 1), name: names[which]! }
        if (range.to - range.from <= widest) ranges.push(range)
      })
      const begins = many.beginning(bytes, count)
      if (begins < count) open = Math.min(open, place(begins))
    }
  }
  if (search.bare.names.length + search.tight.names.length > 0) {
    look(null)
    for (const reading of readingsOf(text)) look(reading)
    if (depth < deepest)
      for (const { from, to, inside, open: unfinished } of packedIn(text)) {
        // So much in so few bytes is of no use to a reader; a file of a change may well be so.
        if (inside === null) {
          if (!known) ranges.push({ from, to, name: 'packed-data' })
          continue
        }
        const [first] = findSecrets(inside.toString('latin1'), search, true, depth + 1).ranges
        if (first) ranges.push({ from, to, name: first.name })
        else if (unfinished) open = Math.min(open, from)
      }
  }
  if (!known) ranges.push(...formed(text))
  return { ranges: joined(ranges), open }
}

const drop = 0
const inTight = 1
const inBoth = 2
const classes = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? inBoth : byte > 0x20 && byte < 0x7f ? inTight : drop,
)
const small = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))

/** What the view shows of the bytes, and where each of its bytes was. */
const shown = (view: View, seen: Uint8Array): { bytes: Uint8Array; at: Uint32Array; count: number } => {
  const bytes = new Uint8Array(seen.length)
  const at = new Uint32Array(seen.length)
  const least = view === 'bare' ? inBoth : inTight
  let count = 0
  for (let n = 0; n < seen.length; n++) {
    const byte = seen[n]!
    if (classes[byte]! < least) continue
    bytes[count] = view === 'bare' ? small[byte]! : byte
    at[count++] = n
  }
  return { bytes, at, count }
}

const formed = (text: string): Range[] =>
  patterns.flatMap(({ name, form }) =>
    [...text.matchAll(form)].map((match) => ({ from: match.index, to: match.index + match[0].length, name })),
  )

const joined = (ranges: Range[]): Range[] => {
  const out: Range[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = out.at(-1)
    if (last && range.from < last.to) out[out.length - 1] = { ...last, to: Math.max(last.to, range.to) }
    else out.push(range)
  }
  return out
}
