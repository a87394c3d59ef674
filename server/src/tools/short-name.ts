/** How is a name kept within so many characters without becoming another thing's name? What is cut off it stands for itself as a digest. */
import { createHash } from 'node:crypto'

/** The text itself where it has at most `most` characters (at least 100), else its beginning and the SHA-256 of all of it. */
export const shortName = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text.slice(0, most - 65).toWellFormed()} ${createHash('sha256').update(text).digest('hex')}`
