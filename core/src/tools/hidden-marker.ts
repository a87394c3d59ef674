/**
 * How is what we wrote at GitHub or GitLab found again?
 * By a comment that the rendered text does not show, with the intent's id. Only together with our own account it proves anything: everybody can copy it.
 */
const form = /<!-- viewport:(int_[0-9a-z]{1,60}-\d{1,9}) -->/

export const markerOf = (intent: string): string => `<!-- viewport:${intent} -->`
/** Does the text hold the marker of this intent? */
export const isMarked = (text: string | null | undefined, intent: string): boolean =>
  (text ?? '').includes(markerOf(intent))
/** Does it hold any of ours? */
export const looksOurs = (text: string | null): boolean => form.test(text ?? '')

/** The intent of the first marker of ours in it, or null. */
export const intentIn = (text: string | null): string | null => form.exec(text ?? '')?.[1] ?? null
