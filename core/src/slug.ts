/** Which short name has a text? `Payments & Billing` is `payments-billing`. */
import { trimmed, trimmedEnd } from './trimmed.ts'

/** Small letters, digits and single dashes between them, at most `most` characters; empty when nothing of it can stand in a name. */
export const slugOf = (text: string, most: number): string =>
  trimmedEnd(trimmed(text.toLowerCase().replace(/[^a-z0-9]+/g, '-'), '-').slice(0, most), '-')
