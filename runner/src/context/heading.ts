/**
 * Is a line of a document a heading, and what does it say?
 * Read without a regular expression over the whole line: agents and repositories write such lines, and a blank run in the middle of
 * one made a pattern with several open ends look at it for minutes.
 */
import { trimmedEnd } from '@viewportai/core/trimmed'

/** `level`: 1 to 6, by how many marks stand before it. */
export type Heading = { readonly level: number; readonly title: string }

/** `# Title`, also closed as `# Title #` (CommonMark 4.2, ATX headings), and with `asciidoc` also `== Title`; null for every other line. */
export const headingIn = (line: string, { asciidoc = false } = {}): Heading | null => {
  const [begin, marks = ''] = (asciidoc ? /^ {0,3}(#{1,6}|={1,6})\s/ : /^ {0,3}(#{1,6})\s/).exec(line) ?? []
  if (begin === undefined) return null
  const words = line.slice(begin.length).trim()
  const open = trimmedEnd(words, '#')
  const title = open === '' || /\s$/.test(open) ? open.trimEnd() : words // the end of "# C#" closes nothing
  return title === '' ? null : { level: marks.length, title }
}
