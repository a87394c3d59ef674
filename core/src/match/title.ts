/**
 * How is a run called, and where did it come from, in a few words?
 * From text that may be hostile: hidden characters are made visible (but what only makes an emoji whole), line breaks taken out, lengths bounded.
 */
import { trimmedEnd } from '../trimmed.ts'
import { tools } from '../event/tools.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'

/** What is left of an emoji that was cut: it would be hidden, and joins nothing. */
const torn = '\u200d\ufe0f\ufffd'

const tidy = (text: string, most: number): string => {
  const line = revealed(text.slice(0, 4_000).toWellFormed(), { emoji: true }).replace(/\s+/g, ' ').trim()
  return line.length > most ? `${trimmedEnd(line.slice(0, most - 1).toWellFormed(), torn)}…` : line
}

/** The title of a run: the event's own title, else its first line of text, else what happened. At most 200 characters, never empty. */
export const runTitle = (event: TriggerEvent): string =>
  tidy(event.subject.title, 200) ||
  tidy(event.text.trimStart().split('\n', 1)[0] ?? '', 200) ||
  `${tools[event.tool]?.title ?? event.tool}: ${event.event.replaceAll('_', ' ')}`

/** The source of a run on the board: `PAY-1842`, `#support`, `acme/api#1842`; else the tool's name. At most 60 characters. */
export const sourceLabel = (event: TriggerEvent): string =>
  tidy(event.subject.label, 60) || (tools[event.tool]?.title ?? event.tool)
