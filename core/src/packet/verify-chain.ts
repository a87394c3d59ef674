/**
 * Are these facts the ones whose hashes were signed, all of them, in order?
 * Each line is measured against the signed hash before it, so one changed fact is one fault. It never reads what a fact means.
 */
import { chainHash, chainStart } from '../run/chain.ts'
import { readFact, type Fact } from '../run/facts.ts'
import type { Link } from './links.ts'
import { factsFile } from './names.ts'
import { jsonOf, textOf } from './utf8.ts'
import { fault, type Fault } from './verdict.ts'

/** What the facts file holds. `links` is null when it is damaged: nothing further can be said about the story then. */
export type ReadChain = { links: Link[] | null; faults: Fault[] }

/** Reads facts.ndjson. `signed`: the hashes of the signed head, or null when there is no head to believe. */
export const readChain = (bytes: Uint8Array, signed: readonly string[] | null): ReadChain => {
  const { lines, rest } = linesOf(bytes)
  const found = [...(signed ? againstHead(lines, rest, signed) : []), ...(rest && !signed ? [unended(lines)] : [])]
  if (found.length > 0) return { links: null, faults: found }
  const links: Link[] = []
  for (const [at, line] of lines.entries()) {
    const text = textOf(line)
    const fact = text === null ? null : factOf(text)
    if (text === null || fact === null)
      return {
        links: null,
        faults: [fault('malformed', factsFile, 'The line is not a fact that this version knows.', `fact ${at + 1}`)],
      }
    if (fact.seq !== at + 1)
      return {
        links: null,
        faults: [fault('reordered', factsFile, `Fact ${fact.seq} stands at place ${at + 1}.`, `fact ${fact.seq}`)],
      }
    links.push({ fact, text, hash: chainHash(links.at(-1)?.hash ?? chainStart, text) })
  }
  return { links, faults: [] }
}

const factOf = (text: string): Fact | null => {
  try {
    return readFact(text)
  } catch {
    return null
  }
}

/** Whole lines, and what stands behind the last line break. */
const linesOf = (bytes: Uint8Array): { lines: Uint8Array[]; rest: Uint8Array | null } => {
  const lines: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  return { lines, rest: from < bytes.length || lines.length === 0 ? bytes.subarray(from) : null }
}

const unended = (lines: readonly Uint8Array[]): Fault =>
  fault('edited', factsFile, 'The last line does not end.', `fact ${lines.length + 1}`)

/** A file that was cut anywhere is a cut tail, also where half a line is left. */
const againstHead = (lines: readonly Uint8Array[], rest: Uint8Array | null, signed: readonly string[]): Fault[] => {
  if (rest === null) return againstSigned(lines, signed)
  const all = againstSigned([...lines, rest], signed)
  if (all.length === 0) return [unended(lines)]
  const whole = againstSigned(lines, signed)
  return whole.length > 0 ? whole : all
}

/** The place a line claims in its own text, or null. */
const claimed = (line: Uint8Array): number | null => {
  const seq = (jsonOf(line) as { seq?: unknown } | null | undefined)?.seq
  return typeof seq === 'number' ? seq : null
}

const againstSigned = (lines: readonly Uint8Array[], signed: readonly string[]): Fault[] => {
  const fits = (line: Uint8Array, place: number): boolean => {
    const text = textOf(line)
    return (
      text !== null &&
      place >= 1 &&
      place <= signed.length &&
      chainHash(signed[place - 2] ?? chainStart, text) === signed[place - 1]
    )
  }
  // Where each line truly belongs: its own place first, else the one it claims; null: it is no signed fact.
  const places = lines.map((line, at) => [at + 1, claimed(line) ?? 0].find((place) => fits(line, place)) ?? null)
  const there = new Set(places)
  const missing = signed.map((_, at) => at + 1).filter((place) => !there.has(place))
  const foreign = places.flatMap((place, at) =>
    place === null ? [missing.find((one) => one === claimed(lines[at]!)) ?? at + 1] : [],
  )
  return [
    ...foreignFaults(foreign, new Set(missing), lines.length),
    ...missingFaults(
      missing.filter((place) => !foreign.includes(place)),
      signed.length,
      foreign.length,
    ),
    ...orderFaults(places),
  ]
}

const foreignFaults = (foreign: readonly number[], missing: ReadonlySet<number>, count: number): Fault[] => {
  const first = foreign[0]
  if (first === undefined) return []
  const toTheEnd = foreign.length > 1 && foreign.at(-1) === count && foreign.length === count - first + 1
  if (toTheEnd)
    return [
      fault(
        'fork',
        factsFile,
        `From fact ${first} on, these are not the facts that were signed: the packet tells another continuation.`,
        `fact ${first}`,
      ),
    ]
  return foreign.map((place) =>
    missing.has(place)
      ? fault('edited', factsFile, 'The text is not the one whose hash was signed.', `fact ${place}`)
      : fault('added_fact', factsFile, 'This line is no fact of the signed chain.', `line ${place}`),
  )
}

const missingFaults = (missing: readonly number[], count: number, foreign: number): Fault[] => {
  const first = missing[0]
  if (first === undefined) return []
  const isTail = missing.length === count - first + 1
  if (isTail && foreign === 0)
    return [
      fault(
        'cut_tail',
        factsFile,
        `The signed head counts ${count} facts; the packet ends after fact ${first - 1}.`,
        missing.length === 1 ? `fact ${first}` : `facts ${first} to ${count}`,
      ),
    ]
  return missing.map((place) =>
    fault('missing_fact', factsFile, 'The signed head has this fact; the packet has not.', `fact ${place}`),
  )
}

const orderFaults = (places: readonly (number | null)[]): Fault[] => {
  const known = places.filter((place) => place !== null)
  const at = known.findIndex((place, index) => index > 0 && place <= known[index - 1]!)
  if (at < 0) return []
  const [before, place] = [known[at - 1]!, known[at]!]
  return [
    before === place
      ? fault('added_fact', factsFile, 'It stands there twice.', `fact ${place}`)
      : fault('reordered', factsFile, `Fact ${place} stands after fact ${before}.`, `fact ${place}`),
  ]
}
