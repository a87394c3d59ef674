/**
 * In which order stands a list that people walk through with keys?
 * It stays as it was opened: new items wait, items that ended stay where they are, so that the row under the key never changes.
 */
export type HeldList<T> = { order: string[]; known: Map<string, T> }

/** The list after an answer: the same order, what is known brought up to date, and how many new ones wait. An empty list takes everything at once. */
export const settle = <T>(
  held: HeldList<T> | null,
  incoming: readonly T[],
  idOf: (item: T) => string,
): { held: HeldList<T>; fresh: number } => {
  const order = held && held.order.length > 0 ? held.order : incoming.map(idOf)
  const known = new Map(held?.known)
  for (const item of incoming) known.set(idOf(item), item)
  const shown = new Set(order)
  return { held: { order, known }, fresh: incoming.filter((item) => !shown.has(idOf(item))).length }
}

/** The list as it is now: what waited comes in, what ended goes. */
export const renew = <T>(incoming: readonly T[], idOf: (item: T) => string): HeldList<T> => ({
  order: incoming.map(idOf),
  known: new Map(incoming.map((item) => [idOf(item), item])),
})
