/**
 * Where do many texts stand in one, in a single pass?
 * A rolling hash of six bytes meets a table of six bytes from each place of what is looked for; only what is in it is compared.
 */

/** What is looked for; `least` bytes of it in a row count. */
export type Sought = { readonly text: Uint8Array; readonly least: number }
export type ManySearch = {
  /** Tells every place: from, to (exclusive), and the number of what was found. `length`: how much of `bytes` is looked at. */
  find(bytes: Uint8Array, length: number, found: (from: number, to: number, which: number) => void): void
  /** Where the longest end begins that is a beginning of what is looked for, four bytes or more; `length` when there is none. */
  beginning(bytes: Uint8Array, length: number): number
}

const gram = 6
const head = 4
const factor = 0x01000193
let leaving = 1
for (let at = 0; at < gram; at++) leaving = Math.imul(leaving, factor)
const bits = 18

/** Prepares the search. */
export const manySearch = (all: readonly Sought[]): ManySearch => {
  const maybe = new Uint8Array(1 << bits)
  const places = new Map<number, number[]>() // which, at, which, at …
  const heads = new Map<number, number[]>()
  let longest = 0
  for (const [which, { text, least }] of all.entries()) {
    longest = Math.max(longest, text.length)
    if (text.length < gram) throw new Error('what is looked for has six bytes or more')
    const step = Math.max(1, least - gram + 1) // so that any run of `least` holds a whole one
    for (let at = 0; at + gram <= text.length; at += step) add(places, hashOf(text, at), which, at, maybe)
    add(places, hashOf(text, text.length - gram), which, text.length - gram, maybe)
    const key = headOf(text, 0)
    heads.set(key, [...(heads.get(key) ?? []), which])
  }

  return {
    find(bytes, length, found) {
      let hash = 0
      for (let at = 0; at < length; at++) {
        hash = (Math.imul(hash, factor) + bytes[at]!) | 0
        if (at >= gram) hash = (hash - Math.imul(leaving, bytes[at - gram]!)) | 0
        if (at < gram - 1 || maybe[hash >>> (32 - bits)] === 0) continue
        const list = places.get(hash)
        if (list === undefined) continue
        for (let n = 0; n < list.length; n += 2) {
          const { text, least } = all[list[n]!]!
          const shift = at - gram + 1 - list[n + 1]!
          let from = at - gram + 1
          let to = at + 1
          if (!isSame(bytes, text, from, to, shift)) continue
          while (from > 0 && from > shift && bytes[from - 1] === text[from - 1 - shift]) from--
          while (to < length && to - shift < text.length && bytes[to] === text[to - shift]) to++
          if (to - from >= least) found(from, to, list[n]!)
        }
      }
    },
    beginning(bytes, length) {
      for (let from = Math.max(0, length - longest); from + head <= length; from++)
        for (const which of heads.get(headOf(bytes, from)) ?? []) {
          const { text } = all[which]!
          if (length - from < text.length && isSame(bytes, text, from, length, from)) return from
        }
      return length
    },
  }
}

const add = (places: Map<number, number[]>, hash: number, which: number, at: number, maybe: Uint8Array): void => {
  maybe[hash >>> (32 - bits)] = 1
  const list = places.get(hash)
  if (list) list.push(which, at)
  else places.set(hash, [which, at])
}

const hashOf = (text: Uint8Array, from: number): number => {
  let hash = 0
  for (let at = from; at < from + gram; at++) hash = (Math.imul(hash, factor) + text[at]!) | 0
  return hash
}

const headOf = (text: Uint8Array, from: number): number =>
  text[from]! | (text[from + 1]! << 8) | (text[from + 2]! << 16) | (text[from + 3]! << 24)

const isSame = (bytes: Uint8Array, text: Uint8Array, from: number, to: number, shift: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== text[at - shift]) return false
  return true
}
