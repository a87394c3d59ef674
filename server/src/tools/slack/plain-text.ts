/**
 * What did somebody write in Slack, as plain text?
 * Slack keeps links, mentions and the three signs & < > in a form of its own. https://docs.slack.dev/messaging/formatting-message-text
 */

/** Plain text of it. `without`: a user whose mention is left out where it stands first: the app that was called. */
export const plainText = (text: string, without: string | null = null): string => {
  const called = without === null ? text : text.replace(new RegExp(`^\\s*<@${without}(\\|[^<>]*)?>[\\s:,]*`), '')
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
export const mentions = (text: string, user: string): boolean => new RegExp(`<@${user}(\\|[^<>]*)?>`).test(text)
