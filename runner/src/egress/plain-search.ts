/**
 * Do known values stand in many bytes, as they are, found in a fraction of a millisecond?
 * What is looked for has six bytes or more, so not every place has to be looked at: four bytes are read at every few, and met with a table of
 * the four bytes at each of the first few places of each value. Unlike the search of texts it sees no disguises but those it is given.
 */
import type { Needle } from './encodings.ts'

/** A value found: bytes `from` up to `to` (exclusive) hold that of `name`. */
export type Place = { readonly from: number; readonly to: number; readonly name: string }
export type PlainSearch = {
  /** Does any of them stand there? Ends at the first. */
  has(bytes: Uint8Array): boolean
  /** All places, in order, overlapping ones joined. */
  find(bytes: Uint8Array): Place[]
}

type Group = { readonly stride: number; readonly maybe: Uint8Array; readonly places: Map<number, readonly Spot[]> }
type Spot = { readonly text: Buffer; readonly at: number; readonly name: string }

const gram = 4
const bits = 16
// Short values want a look every few bytes; long ones, most of them, do not pay for that.
const lengths = [6, 12, 24] as const

/** Prepares the search for needles of six bytes or more (shorter ones are passed over). */
export const plainSearch = (needles: readonly Needle[]): PlainSearch => {
  const groups = lengths
    .map((least, n) => {
      const most = lengths[n + 1] ?? Number.POSITIVE_INFINITY
      return groupOf(
        needles.filter(({ text }) => text.length >= least && text.length < most),
        least - gram + 1,
      )
    })
    .filter(({ places }) => places.size > 0)
  return {
    has: (bytes) => groups.some((group) => lookThrough(group, bytes, () => true)),
    find(bytes) {
      const found: Place[] = []
      for (const group of groups)
        lookThrough(group, bytes, (place) => {
          found.push(place)
          return false
        })
      return joined(found)
    },
  }
}

const groupOf = (needles: readonly Needle[], stride: number): Group => {
  const maybe = new Uint8Array(1 << bits)
  const places = new Map<number, Spot[]>()
  for (const { text: latin, name } of needles) {
    const text = Buffer.from(latin, 'latin1')
    for (let at = 0; at < stride; at++) {
      const key = four(text, at)
      maybe[slot(key)] = 1
      const spot = { text, at, name }
      const others = places.get(key)
      if (others) others.push(spot)
      else places.set(key, [spot])
    }
  }
  return { stride, maybe, places }
}

/** Tells every place until `found` says that it is enough; true when it did. */
const lookThrough = (group: Group, bytes: Uint8Array, found: (place: Place) => boolean): boolean => {
  const { stride, maybe, places } = group
  const last = bytes.length - gram
  for (let n = 0; n <= last; n += stride) {
    const key = bytes[n]! | (bytes[n + 1]! << 8) | (bytes[n + 2]! << 16) | (bytes[n + 3]! << 24)
    if (maybe[Math.imul(key, factor) >>> (32 - bits)] === 0) continue
    for (const { text, at, name } of places.get(key) ?? []) {
      const from = n - at
      if (from >= 0 && stands(bytes, text, from) && found({ from, to: from + text.length, name })) return true
    }
  }
  return false
}

const factor = 0x9e3779b1
const slot = (key: number): number => Math.imul(key, factor) >>> (32 - bits)
const four = (text: Uint8Array, at: number): number =>
  text[at]! | (text[at + 1]! << 8) | (text[at + 2]! << 16) | (text[at + 3]! << 24)

const stands = (bytes: Uint8Array, text: Uint8Array, from: number): boolean => {
  if (from + text.length > bytes.length) return false
  for (let n = 0; n < text.length; n++) if (bytes[from + n] !== text[n]) return false
  return true
}

const joined = (places: readonly Place[]): Place[] => {
  const out: Place[] = []
  for (const place of places.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const before = out.at(-1)
    if (before && place.from < before.to) out[out.length - 1] = { ...before, to: Math.max(before.to, place.to) }
    else out.push(place)
  }
  return out
}
