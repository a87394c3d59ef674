/**
 * How does a title from outside become one line that does nothing by itself at a forge or a tracker?
 * They close issues, move tickets, notify people, command bots and switch CI off on words in titles and commit messages, and a title may be
 * written by anybody. Each such word needs its signs side by side: they are taken apart, and no sign is taken out, so that nothing
 * grows together to what it was.
 */
import { revealed } from './hidden.ts'

/** Two letters or more, a dash and a number: `SEC-12` is a ticket for Linear, Jira, and for forges that know a Jira. */
const key = /(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9})-(?=\d)/g
/** What looks like a key and is none. */
const terms = new Set('AES BASE CVE GPT HTTP IEC IEEE ISO MD PEP PKCS RFC RSA SHA TLS USB UTC UTF'.split(' '))

/** Is it one key of a ticket and nothing else? */
export const isKey = (text: string): boolean => /^[A-Z][A-Z0-9]{1,9}-\d{1,9}$/.test(text)

/** The text with a blank in each key of a ticket, so that no tracker takes it for one: `SEC- 12`. */
export const withoutKeys = (text: string): string =>
  text.replace(key, (found, name: string) => (terms.has(name) ? found : `${found} `))

/** One line of a text of any length, with all that would have an effect taken apart. A reader sees every character of it. */
export const plainLine = (text: string): string =>
  withoutKeys(
    revealed(text.toWellFormed())
      .replace(/\s+/g, ' ')
      .trim()
      // [skip ci], [ci skip], [no ci], [skip actions], [skip netlify] … : every system has its own, all stand in brackets. ***NO_CI*** does not.
      .replaceAll('[', '(')
      .replaceAll(']', ')')
      .replace(/\*{3,}/g, '**')
      .replace(/@(?=[\p{L}\p{N}_-])/gu, '@ ')
      .replace(/([#!&])(?=[\p{N}_])/gu, '$1 ')
      .replace(/\b(GH|GL)-(?=\d)/gi, '$& ')
      .replace(/(^|\s)\/(?=\w)/g, '$1/ ')
      .replaceAll('://', ': //'),
  )
