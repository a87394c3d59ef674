/**
 * Which binding does a press complete?
 * Bindings are single keys ("j", "Escape", "?") or two in a row ("g i"). Pure: the caller keeps what was pressed before.
 */

/** Milliseconds in which the second key of a pair counts. */
export const pairMillis = 1_200

export type Before = { key: string; at: number } | null

/** The binding that this key completes, and what to remember for the next one. */
export const chord = (
  bindings: Iterable<string>,
  key: string,
  before: Before,
  now: number,
): { binding: string | null; before: Before } => {
  const all = [...bindings]
  if (before && now - before.at <= pairMillis) {
    const pair = `${before.key} ${key}`
    if (all.includes(pair)) return { binding: pair, before: null }
  }
  if (all.some((binding) => binding.startsWith(`${key} `))) return { binding: null, before: { key, at: now } }
  return { binding: all.includes(key) ? key : null, before: null }
}
