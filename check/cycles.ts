// Do files import each other in a circle?

/**
 * The circles of a graph of imports, each as the list of files from one back to itself, one per knot of files.
 * Uses Tarjan's strongly connected components (SIAM J. Comput. 1(2), 1972), then the shortest way round.
 */
export function cycles(graph: Map<string, string[]>): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []

  const visit = (file: string): number => {
    const index = order.size
    order.set(file, index)
    low.set(file, index)
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      const reached = order.has(next) ? (stack.includes(next) ? (order.get(next) ?? index) : index) : visit(next)
      low.set(file, Math.min(low.get(file) ?? index, reached))
    }
    if (low.get(file) === index) {
      const knot = stack.splice(stack.indexOf(file))
      if (knot.length > 1 || graph.get(file)?.includes(file)) found.push(shortestWayRound(graph, new Set(knot)))
    }
    return low.get(file) ?? index
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return found
}

function shortestWayRound(graph: Map<string, string[]>, knot: Set<string>): string[] {
  const ways = [...knot].map((start) => wayBack(graph, knot, start))
  return ways.reduce((best, way) => (way.length < best.length ? way : best))
}

/** The shortest way from a file of a knot back to itself; there always is one. */
function wayBack(graph: Map<string, string[]>, knot: Set<string>, start: string): string[] {
  const ways = [[start]]
  const seen = new Set<string>()
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === start) return [...way, next]
      if (!knot.has(next) || seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  throw new Error(`${start} is in no circle.`)
}
