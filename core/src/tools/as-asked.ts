/**
 * Does a tool show a thing as it was asked for?
 * A tool that takes a thing may leave out what the token may not set (GitHub drops labels without a word), or write it otherwise. It never looks at the words of a body: tools write
 * those anew.
 */

/** How a thing was asked for, or is shown. */
export type Shape = { readonly title: string; readonly labels: readonly string[] }

/** Blanks and the case of labels are the tool's own; it may show more labels than were asked for. */
export const isAsAsked = (asked: Shape, shown: Shape): boolean => {
  const has = new Set(shown.labels.map(plainly))
  return blanks(asked.title) === blanks(shown.title) && asked.labels.every((label) => has.has(plainly(label)))
}

const blanks = (text: string): string => text.replace(/\s+/g, ' ').trim()
const plainly = (label: string): string => blanks(label).toLowerCase()
