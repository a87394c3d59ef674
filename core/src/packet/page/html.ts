/**
 * How does text from anywhere become safe HTML?
 * Every value is escaped and hidden characters are written out; only what this module made itself passes unescaped. It knows no page.
 */
import { revealed } from '../../policy/hidden.ts'

/** HTML that was made by `html`. */
export type Html = { readonly html: string }
export type Value = Html | readonly Html[] | string | number | null | undefined | false

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** Text as HTML text, also inside a quoted attribute. */
export const escaped = (text: string): string => revealed(text).replace(/[&<>"'`]/g, (char) => escapes[char]!)

const written = (value: Value): string => {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  return 'html' in value ? value.html : value.map((one) => one.html).join('')
}

/** A template whose values are escaped. Attribute values must stand in double quotes. Line breaks of the template itself are blanks. */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Html => ({
  html: strings
    .map((part) => part.replace(/\n\s*/g, ' '))
    .reduce((text, part, at) => `${text}${written(values[at - 1])}${part}`),
})

/** A digest or id, whole: it may break anywhere and is never cut. */
export const mono = (text: string | null): Html =>
  text === null ? html`<span class="dim">not stated</span>` : html`<code>${text}</code>`

/** A link, where the address is one of the web; else its text. */
export const link = (url: string | null, text: string): Html =>
  url !== null && /^https?:\/\/[^\s"'<>]+$/i.test(url)
    ? html`<a href="${url}" rel="noopener noreferrer nofollow">${text}</a>`
    : html`${text}`

/** Label and value pairs. */
export const pairs = (rows: readonly (readonly [label: string, value: Value])[]): Html =>
  html`<dl>
    ${rows.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`

/** A table; nothing when it has no rows. */
export const table = (head: readonly string[], rows: readonly (readonly Value[])[]): Html =>
  rows.length === 0
    ? html``
    : html`<div class="wide">
        <table>
          <thead>
            <tr>
              ${head.map((one) => html`<th scope="col">${one}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr>
                  ${row.map((cell, at) => html`<td data-label="${head[at]}">${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`

/** A part of the page; left out when there is nothing to say. */
export const section = (id: string, title: string, ...body: (Html | null)[]): Html => {
  const inside = body.map((one) => one?.html ?? '').join('')
  return inside === ''
    ? html``
    : html`<section aria-labelledby="${id}">
        <h2 id="${id}">${title}</h2>
        ${{ html: inside }}
      </section>`
}

/** Money from millionths of a dollar; what is less than a cent is not written as nothing. */
export const dollars = (micros: number): string =>
  micros > 0 && micros < 10_000 ? 'less than $0.01' : `$${(micros / 1_000_000).toFixed(2)}`
