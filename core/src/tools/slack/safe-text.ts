/**
 * How is a text written in Slack so that it calls nobody and no link lies?
 * Whoever wrote it: mentions of people, groups and channels become plain words, a link shows where it leads, and no page is fetched
 * for a preview. What a reader would not see is written out. Values from outside stand in code spans already (core/workflow/template.ts).
 */
import { revealed } from '../../policy/hidden.ts'
import { URL } from '../url.ts'

/** Characters of one section at most; Slack takes 3,000. */
const sectionLimit = 2_900
const sectionsAtMost = 4
/** Characters of a message's plain form, which notifications show; Slack advises 4,000. */
const plainLimit = 3_500

/** Text in Slack's own form that is safe to send. */
export const safeText = (text: string): string =>
  // Values were shown with their hidden characters already; whoever writes a workflow may write an emoji.
  revealed(text.toWellFormed(), { emoji: true })
    .split(/(```[^]*?```|`[^`\n]*`)/)
    .map((part, at) => (at % 2 === 1 ? escaped(part) : proseOf(part)))
    .join('')

/** Outside of code: links stay links, with their address in sight. Quiet as a whole: a sign and the word after it may come from two parts. */
const proseOf = (text: string): string =>
  quiet(
    text
      .split(/(<https?:\/\/[^<>\s|]+(?:\|[^<>\n]*)?>|(?<![\w/])https?:\/\/[^\s<>|`"]+[^\s<>|`".,;:!?)'*_~\]])/)
      .map((part, at) => (at % 2 === 1 ? linkOf(part.replace(/^<|>$/g, '')) : escaped(part)))
      .join(''),
  )

const linkOf = (inside: string): string => {
  const bar = inside.indexOf('|')
  const [to, label] = bar < 0 ? [inside, ''] : [inside.slice(0, bar), inside.slice(bar + 1)]
  // The same place, and nothing in it that reads like a call.
  const address = escaped(to).replace(called, '%40')
  // `https://good.example@evil.example` leads to the second.
  if (!URL.canParse(to) || /^https?:\/\/[^/?#]*@/.test(to)) return escaped(inside)
  return label.trim() === '' || label === to ? `<${address}>` : `${escaped(label)} (<${address}>)`
}

/** The three signs of Slack; those that are escaped already stay. */
const escaped = (text: string): string =>
  text
    .replace(/&(?!(amp|lt|gt);)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

/** `@here` and its like are words: an invisible joiner would be a trick of its own, so a blank stands after the sign. */
const quiet = (text: string): string => text.replace(called, '@ ')
const called = /@(?=(here|channel|everyone)\b)/gi

/** A link of ours: address and words that we made. */
export const ourLink = (address: string, words: string): string =>
  `<${escaped(address)}|${quiet(escaped(words)).replaceAll('|', '/')}>`

/** Words from outside in a line of ours: a code span, in which Slack makes nothing of anything. */
export const inCode = (words: string, most = 200): string => {
  const line = revealed(words.toWellFormed()).replace(/\s+/g, ' ').replaceAll('`', "'").trim()
  const cut = line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line
  return cut === '' ? '' : `\`${escaped(cut.replaceAll('&', '&amp;'))}\``
}

/** Lines as they are, in a block of code. The caller sees to it that they hold no fence. */
export const inBlock = (lines: string): string => `\`\`\`\n${escaped(lines.replaceAll('&', '&amp;'))}\n\`\`\``

export type Block = Readonly<Record<string, unknown>>

/** Sections of a long text, cut between lines where that goes; what does not fit is said to be left out. */
export const sectionsOf = (safe: string): string[] => {
  const parts: string[] = []
  let rest = safe.trim()
  while (rest !== '' && parts.length < sectionsAtMost) {
    if (rest.length <= sectionLimit) return [...parts, rest]
    const at = cutIn(rest)
    parts.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  if (rest !== '') parts.push('… (the rest is left out: it is too long for Slack)')
  return parts
}

/** Where to cut: after a line, else after a word, never inside of a sign, a link or a pair of surrogates. */
const cutIn = (text: string): number => {
  const head = text.slice(0, sectionLimit)
  const line = head.lastIndexOf('\n')
  if (line > sectionLimit / 2) return line
  const word = head.lastIndexOf(' ')
  const at = word > sectionLimit / 2 ? word : sectionLimit
  const open = head.lastIndexOf('<', at)
  const sign = /&[a-z]{0,3}$/.exec(head.slice(Math.max(0, at - 4), at))
  if (open > head.lastIndexOf('>', at) && open > 0) return open
  if (sign) return at - sign[0].length
  return /[\ud800-\udbff]/.test(text[at - 1]!) ? at - 1 : at
}

/** Its plain form, for notifications and readers that know no blocks. */
export const plainForm = (safe: string): string => (safe.length <= plainLimit ? safe : `${sectionsOf(safe)[0]!}…`)
