/**
 * How does a text lose what stands at its ends?
 * A regular expression such as `/\/+$/` looks again from every slash, so the time it takes grows with the square of the text:
 * 200,000 slashes from outside are sixteen seconds in which nobody else is answered. These look at each character once.
 */

/** The text without those of `characters` (UTF-16 units) that stand at its end. */
export const trimmedEnd = (text: string, characters: string): string => {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** The text without those of `characters` (UTF-16 units) that stand at its beginning or its end. */
export const trimmed = (text: string, characters: string): string => {
  let from = 0
  while (from < text.length && characters.includes(text.charAt(from))) from++
  return trimmedEnd(text.slice(from), characters)
}
