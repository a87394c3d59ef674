/** What do all readers of GitLab's events say in the same way? */

/** Text of an event's field: longer ones are cut, so that conditions on the rest still see it. */
export const fieldText = (text: string | null): string => (text ?? '').slice(0, 20_000).toWellFormed()
