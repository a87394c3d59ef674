/**
 * What did somebody write in Slack, as plain text?
 * Slack keeps links, mentions and the three signs & < > in a form of its own. https://docs.slack.dev/messaging/formatting-message-text
 */

/** Plain text of it. `without`: a user whose mention is left out where it stands first: the app that was called. */
export const plainText = (text: string, without: string | null = null): string => {
  const start = text.trimStart()
  const end = without === null ? null : endOfMention(start, 0, without)
  const called = end === null ? text : start.slice(end).replace(/^[\s:,]+/, '')
  return called
    .replace(/<([^<>\n]*)>/g, (_, inside: string) => written(inside))
    .replace(/&(amp|lt|gt);/g, (_, name) => signs[name as keyof typeof signs])
}

const signs = { amp: '&', lt: '<', gt: '>' } as const

/** A link is written out with its address, whatever its label says. */
const written = (inside: string): string => {
  const bar = inside.indexOf('|')
  const [to, label] = bar < 0 ? [inside, ''] : [inside.slice(0, bar), inside.slice(bar + 1)]
  if (to.startsWith('@')) return `@${label || to.slice(1)}`
  if (to.startsWith('#')) return `#${label || to.slice(1)}`
  if (to.startsWith('!subteam^')) return label || `@${to.slice('!subteam^'.length)}`
  if (to.startsWith('!date^')) return label
  if (to.startsWith('!')) return `@${to.slice(1)}`
  return label === '' || label === to || `mailto:${label}` === to ? to.replace(/^mailto:/, '') : `${label} (${to})`
}

/** Does it mention this user? */
export const mentions = (text: string, user: string): boolean => {
  const begin = `<@${user}`
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + 1))
    if (endOfMention(text, at, user) !== null) return true
  return false
}

/** Where a mention of the user that begins at `at` ends: `<@U1>` or `<@U1|name>`; null where none does. The id is what a server says, so no expression is made of it. */
const endOfMention = (text: string, at: number, user: string): number | null => {
  const begin = `<@${user}`
  if (!text.startsWith(begin, at)) return null
  const after = at + begin.length
  if (text[after] === '>') return after + 1
  if (text[after] !== '|') return null
  const label = /[<>]/g
  label.lastIndex = after
  const end = label.exec(text)
  return end?.[0] === '>' ? end.index + 1 : null
}
