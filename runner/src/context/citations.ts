/** What did the agent say it used? `[ctx-1]` and `[ctx-1, ctx-4]` in its words, checked against what it was given. */

export type Citations = { readonly used: string[]; readonly unused: string[]; readonly unknown: string[] }

/** Sorts the labels of `given` into used and unused, and names cited labels that were never given. */
export const citationsIn = (text: string, given: readonly string[]): Citations => {
  const cited = new Set(
    [...text.matchAll(/\[([^[\]\n]{1,500})\]/g)].flatMap((hit) => (hit[1] ?? '').match(/\bctx-\d{1,4}\b/g) ?? []),
  )
  return {
    used: given.filter((id) => cited.has(id)),
    unused: given.filter((id) => !cited.has(id)),
    unknown: [...cited].filter((id) => !given.includes(id)).slice(0, 100),
  }
}
