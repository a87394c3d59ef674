/**
 * What of a request must not reach a provider of models?
 * The values of secrets that this runner knows, as they are and in the cheap encodings: the model needs none of them. A request without one, as almost
 * all are, stays byte for byte as it was. One with a value in it is read, masked and written anew, so that it stays JSON.
 */
import { needlesOf, type Needle, type Secret } from '../egress/encodings.ts'
import { plainSearch, type PlainSearch } from '../egress/plain-search.ts'
import { unpacked } from './read-body.ts'

/** What may go: the body (`anew`: written anew and not packed) and the names of the secrets that were masked, one for each place. */
export type Masked = { readonly body: Buffer; readonly anew: boolean; readonly names: readonly string[] }
export type Masker = {
  /** Masks the body of a request; null where it cannot be looked into, so that it must not go. `packing`: its content-encoding. */
  body(body: Buffer, packing: string | undefined): Masked | null
  /** Masks a short text, such as the value of a header. */
  text(text: string): string
  /** Is there a known value in it? For what cannot be altered: a path. */
  has(text: string): boolean
}

/** Masks what is known at the time of each request. `secrets`: all of them; the same list as long as none was learned. */
export const maskerFor = (secrets: () => readonly Secret[]): Masker => {
  let known: readonly Secret[] | null = null
  let ready: Searches = searchesFor([])
  const searches = (): Searches => {
    const now = secrets()
    if (now !== known) [known, ready] = [now, searchesFor(now)]
    return ready
  }
  return {
    body(body, packing) {
      const { raw, read } = searches()
      try {
        const plain = unpacked(body, packing)
        if (!plain) return null
        if (!raw.has(plain)) return { body, anew: false, names: [] }
        const names: string[] = []
        const value = masked(JSON.parse(plain.toString('utf8')), { read, names, field: '', free: false })
        // Written anew also when nothing was masked: of a name that stands there twice the value was in the one that is not read here.
        return { body: Buffer.from(JSON.stringify(value)), anew: true, names }
      } catch {
        return null
      }
    },
    text: (text) => inText(text, searches().read, shortest).text,
    has: (text) => searches().read.has(Buffer.from(text)),
  }
}

/** `raw`: for the bytes of a request, with JSON's escapes. `read`: for its strings once they are read. */
type Searches = { readonly raw: PlainSearch; readonly read: PlainSearch }

const searchesFor = (secrets: readonly Secret[]): Searches => {
  const read = withForms(needlesOf(secrets), (text) => [text, escaped(text), ascii(text)])
  // A string may hold JSON itself, as the answers of many tools do.
  const raw = withForms(read, (text) => [escaped(text), ascii(text), escaped(text).replaceAll('/', '\\/')])
  return { raw: plainSearch(raw), read: plainSearch(read) }
}
const withForms = (needles: readonly Needle[], formsOf: (text: string) => string[]): Needle[] => {
  const forms = new Map(needles.flatMap(({ name, text }) => formsOf(text).map((form) => [form, name] as const)))
  return [...forms].map(([text, name]) => ({ text, name }))
}

// Needles are bytes written as latin1. JSON escapes of these: the quote, the backslash and control characters; the bytes of UTF-8 stay.
const escaped = (latin: string): string => JSON.stringify(latin).slice(1, -1)
/** As programs write JSON that keep to ASCII. */
const ascii = (latin: string): string =>
  escaped(Buffer.from(latin, 'latin1').toString('utf8')).replaceAll(
    /[^ -~]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

type Walk = {
  readonly read: PlainSearch
  readonly names: string[]
  /** The name under which the value stands. */
  readonly field: string
  /** Inside what a tool is called with or answers: no word of the protocol stands there. */
  readonly free: boolean
}

const shortest = 6
// A password that is a word of the protocol ("assistant") must not break every request. So long ones are none.
const noWord = 16
const words = new Set(
  'model role type id name object status call_id tool_use_id tool_call_id previous_response_id media_type mimeType mime_type format detail'.split(
    ' ',
  ),
)
// The provider wrote and signed these itself, and refuses them when they are altered: nothing is kept from it by masking them.
const signed = new Set('signature thoughtSignature thought_signature encrypted_content'.split(' '))
const isSigned = (value: object): boolean =>
  'type' in value && (value.type === 'thinking' || value.type === 'redacted_thinking')
const toolFields = new Set(['input', 'args', 'response'])

const masked = (value: unknown, walk: Walk): unknown => {
  if (typeof value === 'string') {
    if (signed.has(walk.field) && !walk.free) return value
    const { text, names } = inText(value, walk.read, words.has(walk.field) && !walk.free ? noWord : shortest)
    walk.names.push(...names)
    return text
  }
  if (Array.isArray(value)) return value.map((one) => masked(one, walk))
  if (typeof value !== 'object' || value === null || (isSigned(value) && !walk.free)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const free = walk.free || (toolFields.has(key) && !Array.isArray(one))
      const name = inText(key, walk.read, noWord)
      walk.names.push(...name.names)
      return [name.text, masked(one, { ...walk, field: key, free })]
    }),
  )
}

/** The text without known values of `least` bytes or more. */
const inText = (text: string, read: PlainSearch, least: number): { text: string; names: readonly string[] } => {
  if (text.length < shortest) return { text, names: [] }
  const bytes = Buffer.from(text)
  const places = read.find(bytes).filter(({ from, to }) => to - from >= least)
  if (places.length === 0) return { text, names: [] }
  let at = 0
  let out = ''
  for (const { from, to, name } of places) {
    out += `${bytes.toString('utf8', at, from)}[redacted ${name}]`
    at = to
  }
  return { text: out + bytes.toString('utf8', at), names: places.map(({ name }) => name) }
}
