/** Do two names mean the same model? Providers put the date of a version behind a name; the name without it is its newest. */

const dated = /[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/

/** The name without the date of its version (or `latest`). */
export const undatedModel = (name: string): string => name.replace(dated, '')

/** `claude-sonnet-4-5` and `claude-sonnet-4-5-20250929` are; two dates are two models. */
export const isSameModel = (a: string, b: string): boolean =>
  a === b || ((undatedModel(a) === a || undatedModel(b) === b) && undatedModel(a) === undatedModel(b))
