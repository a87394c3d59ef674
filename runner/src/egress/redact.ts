/**
 * How is a secret kept out of what is written and sent?
 * Whole texts and streams alike: in a stream nothing is let go that could be the beginning of a secret, so chunk borders do not matter.
 */
import type { Secret } from './encodings.ts'
import { findSecrets, searchFor, type Range, type Search } from './find-secrets.ts'
import { pemBegin, pemEnd } from './patterns.ts'

/** Redacts a stream. `push` gives what can be let go now, `end` the rest. */
export type RedactStream = { push(bytes: Uint8Array): Buffer; end(): Buffer }
export type Redactor = {
  text(text: string): string
  bytes(bytes: Uint8Array): Buffer
  stream(): RedactStream
  /** Names of known secrets in the bytes. What only looks like a secret is not named: an example in a test is no leak. */
  known(bytes: Uint8Array): string[]
  /** From now on these are kept out as well, also from streams that have begun. */
  learn(secrets: readonly Secret[]): void
  /** What is known now; the same list until something new is learned. */
  secrets(): readonly Secret[]
  /** Every string in a JSON value redacted; keys stay. */
  json<T>(value: T): T
}

// A run without white space longer than this is let go although a secret might continue: far more than any pattern needs.
const longestHold = 4_096
const longestPem = 16_384
// Compressed bytes are held until their end is there, so that one can look into them; longer ones are let go unread.
const longestOpen = 65_536
const context = 160
const longHeld = 1_024
const sign = (name: string): string => `[redacted ${name}]`

/** A redactor for the secrets this runner knows, and for everything that looks like one. */
export const redactorFor = (secrets: readonly Secret[]): Redactor => {
  let all = [...secrets]
  let search = searchFor(all)
  const bytes = (input: Uint8Array): Buffer => {
    const stream = redactStream(() => search)
    return Buffer.concat([stream.push(input), stream.end()])
  }
  const text = (input: string): string => bytes(Buffer.from(input, 'utf8')).toString('utf8')
  const json = <T>(value: T): T => {
    if (typeof value === 'string') return text(value) as T
    if (Array.isArray(value)) return value.map(json) as T
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, json(one)])) as T
    return value
  }
  return {
    text,
    bytes,
    json,
    stream: () => redactStream(() => search),
    secrets: () => all,
    learn(more) {
      const fresh = more.filter(({ value }) => all.every((one) => one.value !== value))
      if (fresh.length === 0) return
      all = [...all, ...fresh]
      search = searchFor(all)
    },
    known: (input) => [
      ...new Set(findSecrets(Buffer.from(input).toString('latin1'), search, true).ranges.map(({ name }) => name)),
    ],
  }
}

const redactStream = (searchNow: () => Search): RedactStream => {
  let before = '' // let go already; some forms are only known by what stands before them
  let held = ''
  let insideKey = false
  let lookAt = 0 // when so much is held it is looked at again

  const step = (last: boolean): Buffer => {
    if (insideKey && !leaveKey(last)) return Buffer.alloc(0)
    const search = searchNow()
    const text = before + held
    const { ranges, open } = findSecrets(text, search)
    const openKey = addKeys(text, ranges)
    let upTo = last ? text.length : Math.max(before.length, holdFrom(text, open))
    if (openKey !== null) {
      if (last || text.length - openKey > longestPem) {
        insideKey = !last
        ranges.push({ from: openKey, to: text.length, name: 'private-key' })
        upTo = text.length
      } else upTo = Math.min(upTo, openKey)
    }
    ranges.sort((a, b) => a.from - b.from)
    for (const { from, to } of ranges) if (from < upTo && to > upTo) upTo = Math.max(from, before.length)
    let out = ''
    let at = before.length
    for (const { from, to, name } of ranges) {
      if (from >= upTo || to <= at) continue
      out += text.slice(at, Math.max(at, from)) + sign(name)
      at = to
    }
    out += text.slice(at, Math.max(at, upTo))
    const cut = Math.max(at, upTo)
    before = text.slice(Math.max(0, cut - context), cut)
    held = text.slice(cut)
    lookAt = held.length < longHeld ? 0 : held.length + (held.length >> 2)
    return Buffer.from(out, 'latin1')
  }

  /** Can nothing be let go for certain? Else what comes in small pieces would be looked at again with every one. */
  const waits = (piece: string): boolean =>
    held.length < lookAt || (!insideKey && held.length < longestHold && !/\s/.test(piece))

  /** Drops what belongs to a private key that was too long to be held; false while its end has not come. */
  const leaveKey = (last: boolean): boolean => {
    const end = pemEnd.exec(held)
    before = ''
    insideKey = !end
    held = end ? held.slice(end.index + end[0].length) : last ? '' : held.slice(-80) // an end may be cut in two
    return !insideKey
  }

  return {
    push(bytes) {
      const parts: Buffer[] = []
      // In pieces: a search over many megabytes at once would keep everything else of vpd waiting.
      for (let at = 0; at < bytes.length; at += 65_536) {
        const length = Math.min(65_536, bytes.length - at)
        const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1')
        held += piece
        if (!waits(piece)) parts.push(step(false))
      }
      return Buffer.concat(parts)
    },
    end: () => step(true),
  }
}

/** Adds whole private keys to the ranges; the place where one begins that has no end yet, or null. */
const addKeys = (text: string, ranges: Range[]): number | null => {
  let reached = 0
  for (const begin of text.matchAll(pemBegin)) {
    if (begin.index < reached) continue // inside the last one
    const end = pemEnd.exec(text.slice(begin.index))
    if (!end) return begin.index
    reached = begin.index + end.index + end[0].length
    ranges.push({ from: begin.index, to: reached, name: 'private-key' })
  }
  return null
}

/** From where on the text may be the beginning of a secret whose rest is still to come. `open`: what the search says of it. */
const holdFrom = (text: string, open: number): number => {
  let run = 0
  while (run <= longestHold && run < text.length && /\S/.test(text.charAt(text.length - 1 - run))) run++
  const token = run > longestHold ? text.length - longestHold : text.length - run
  return Math.min(token, pemTail(text), text.length - open > longestOpen ? text.length : open)
}

// "-----BEGIN RSA PRIVATE KEY-----" holds spaces: the run alone would let its first word go.
const pemTail = (text: string): number => {
  const at = text.lastIndexOf('-----BEGIN')
  return at >= 0 && text.length - at < 60 && !text.slice(at + 10).includes('-----') ? at : text.length
}
