/**
 * Which valid word did the writer probably mean?
 * Edit distance with swapped neighbours; it never suggests a word that is further away than a slip of the fingers.
 */

/** Edits (insert, delete, replace, swap of neighbours) between two short texts; stops counting above `limit`. */
export const editDistance = (a: string, b: string, limit = 8): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_. ]/g, '_')

/** The nearest of `words` to `found`, or null when none is near (a third of its length, at most 3 edits). The first wins a tie. */
export const nearest = (found: string, words: readonly string[]): string | null => {
  if (found.length === 0 || found.length > 80) return null
  const wanted = plain(found)
  let best: string | null = null
  let least = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1
  for (const word of words) {
    const distance = editDistance(wanted, plain(word), least)
    if (distance < least) [best, least] = [word, distance]
  }
  if (best !== null) return best
  // `comment` for `slack.comment`, `open_pr` for `github.open_pr`: the last part alone was written.
  const ends = words.filter((word) => wanted.length > 2 && plain(word).endsWith(`_${wanted}`))
  return ends.length === 1 ? ends[0]! : null
}
