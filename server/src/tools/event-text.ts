/**
 * How much of a text does an event carry, and how does whoever reads it learn that there is more?
 * The text itself says so at its end, so that an agent, a card and the page of the delivery cannot show a part as the whole.
 */
import { shortened } from './shortened.ts'

/** Characters of an event's text at most (`core/event/trigger-event`). */
export const textAtMost = 200_000

const said = (characters: number): string => characters.toLocaleString('en-US')
const whereWords = (url: string | null): string =>
  url === null ? 'The tool that told of it has the whole.' : `The whole is at ${url}`

/** The text as the event carries it. `url`: where people find it whole; null: no address was told. */
export const eventText = (text: string, url: string | null): string => {
  if (text.length <= textAtMost) return text.toWellFormed()
  const end = (kept: number): string =>
    `\n\n[Cut here by Viewport: these are the first ${said(kept)} of ${said(text.length)} characters. ${whereWords(url)}]`
  const kept = textAtMost - end(textAtMost).length
  return `${shortened(text, kept)}${end(kept)}`
}

/** For the page of the delivery: that the text was cut, a sentence or two; null: it was not. */
export const cutNote = (text: string, url: string | null): string | null =>
  text.length <= textAtMost
    ? null
    : `Its text has ${said(text.length)} characters, and an event carries ${said(textAtMost)}: the rest is left out, for agents too, and the text says so at its end. ${whereWords(url).replace(/\.?$/, '.')}`
