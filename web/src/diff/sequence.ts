/**
 * Which items of two sequences are the same ones?
 * Myers' shortest edit script (An O(ND) Difference Algorithm, 1986), after cutting off what is equal at both ends.
 */

/** Indices of items that stand for each other, in order. */
export type Pair = readonly [before: number, after: number]

const mostEdits = 2_000 // the trace holds one array per edit; beyond this the answer is too long to be read anyway

/** Pairs of equal items. With more edits than `mostEdits` between them only equal ends are paired: everything else counts as changed. */
export const paired = <T>(before: readonly T[], after: readonly T[], limit = mostEdits): Pair[] => {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1
  let tail = 0
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1
  const pairs: Pair[] = Array.from({ length: head }, (_, i) => [i, i] as const)
  for (const [b, a] of shortest(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
    limit,
  ))
    pairs.push([b + head, a + head])
  for (let i = tail; i > 0; i -= 1) pairs.push([before.length - i, after.length - i])
  return pairs
}

const shortest = <T>(before: readonly T[], after: readonly T[], limit: number): Pair[] => {
  const [n, m] = [before.length, after.length]
  if (n === 0 || m === 0) return []
  const most = Math.min(n + m, limit)
  const middle = most + 1
  const furthest = new Int32Array(2 * most + 3) // furthest x on diagonal k, at index middle + k
  const trace: Int32Array[] = [] // what was known before each round: diagonals -edits-1 to edits+1
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(furthest.slice(middle - edits - 1, middle + edits + 2))
    for (let k = -edits; k <= edits; k += 2) {
      let x = step(furthest, middle, edits, k).x
      let y = x - k
      while (x < n && y < m && before[x] === after[y]) [x, y] = [x + 1, y + 1]
      furthest[middle + k] = x
      if (x >= n && y >= m) return walkBack(trace, n, m)
    }
  }
  return []
}

/** The edit that leads to diagonal k: from which diagonal, and where it lands. */
const step = (furthest: Int32Array, middle: number, edits: number, k: number): { from: number; x: number } => {
  const down = k === -edits || (k !== edits && furthest[middle + k - 1]! < furthest[middle + k + 1]!)
  if (edits === 0) return { from: 1, x: 0 }
  return down ? { from: k + 1, x: furthest[middle + k + 1]! } : { from: k - 1, x: furthest[middle + k - 1]! + 1 }
}

const walkBack = (trace: Int32Array[], n: number, m: number): Pair[] => {
  const pairs: Pair[] = []
  let [x, y] = [n, m]
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const known = trace[edits]!
    const { from, x: start } = step(known, edits + 1, edits, x - y)
    while (x > start) {
      x -= 1
      y -= 1
      pairs.push([x, y])
    }
    if (edits > 0) {
      x = known[edits + 1 + from]!
      y = x - from
    }
  }
  return pairs.toReversed()
}
