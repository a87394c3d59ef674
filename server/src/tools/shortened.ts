/** How is a text of others cut to the room that it has? With a sign that it was, and no half character at the cut. */

/** At most `most` characters of it. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text.toWellFormed() : `${text.slice(0, most - 1).toWellFormed()}…`
