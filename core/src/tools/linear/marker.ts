/** Is our link in a text of Linear? The tool may write the address anew, so only the intent in it counts. */
const form = /\[Viewport run \d{1,9}\]\(<?\S{1,500}#(int_[0-9a-z]{1,60}-\d{1,9})>?\)/
const alone = new RegExp(`^${form.source}$`)

/**
 * Did this intent write it? Our link stands alone on its line below all words, so the last one of such links is meant: what we quote
 * may hold the link of another effect.
 */
export const isMarked = (text: string | null | undefined, intent: string): boolean =>
  (text ?? '')
    .split('\n')
    .map((line) => alone.exec(line.trim())?.[1])
    .findLast((found) => found !== undefined) === intent

/** Does it hold any link of ours, anywhere? */
export const looksOurs = (text: string | null | undefined): boolean => form.test(text ?? '')
