/**
 * What is left of an answer that repeats the credential it was asked with?
 * A talkative proxy, or a server's words about a request that it could not read, say the request's own headers again; those words become
 * problems, facts and receipts that every member reads and that nobody can take back. So it is struck out where the answer comes in,
 * before anybody reads it.
 */
import { fromBase64 } from '../packet/base64.ts'
import { bytesOf, textOf } from '../packet/utf8.ts'
import { toBase64url } from '../wire/base64url.ts'
import type { Answered, Asked } from './outside.ts'

/** Names of headers that hold who asks: `authorization`, `private-token`, `x-api-key`, `cookie` … */
const holds = /authorization|token|secret|cookie|key$/i
/** Shorter ones would strike words that only look alike. */
const shortest = 8
const sign = '[secret]'

/** The answer with `[secret]` for each credential among the headers it was asked with, also in base64, percent-encoded, or within a JSON text. */
export const struck = ({ headers = {} }: Pick<Asked, 'headers'>, answer: Answered): Answered => {
  const forms = Object.entries(headers)
    .filter(([name]) => holds.test(name))
    .flatMap(([, value]) => credentialsIn(value))
    .flatMap(formsOf)
  const without = (text: string): string => forms.reduce((left, form) => left.replaceAll(form, sign), text)
  return {
    status: answer.status,
    headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, without(value)])),
    text: without(answer.text),
  }
}

/** Of `Bearer X` it is X; of `Basic X` also the name and the password in it. */
const credentialsIn = (value: string): string[] => {
  const bare = value.trim().replace(/^(?:bearer|token|basic|bot)\s+/i, '')
  const plain = /^basic\s/i.test(value.trim()) ? (textOf(fromBase64(bare) ?? new Uint8Array()) ?? '') : ''
  const colon = plain.indexOf(':')
  return [bare, plain, colon < 0 ? '' : plain.slice(colon + 1)].filter((one) => one.length >= shortest)
}

/** How it may be written in what repeats it, longest first. */
const formsOf = (value: string): string[] =>
  [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value.toWellFormed()),
      ...inBase64(value),
    ]),
  ]
    .filter((form) => form.length >= shortest)
    .toSorted((a, b) => b.length - a.length)

/** What its bytes make of a base64 text, wherever they begin in it; digits that are shared with their neighbours are left out (RFC 4648). */
const inBase64 = (value: string): string[] => {
  const bytes = [...bytesOf(value)]
  return [0, 1, 2].flatMap((before) => {
    const whole = [...Array.from({ length: before }, () => 0), ...bytes]
    const digits = toBase64url(Uint8Array.from(whole)).slice(before === 0 ? 0 : before + 1)
    const url = whole.length % 3 === 0 ? digits : digits.slice(0, -1)
    return [url, url.replaceAll('-', '+').replaceAll('_', '/')]
  })
}
