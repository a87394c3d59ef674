/** How much memory does a program with its children take? Proportional set size: shared pages are counted once, not per process. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

const parents = (): Map<number, number> => {
  const found = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // ended meanwhile
    }
  }
  return found
}

/** These processes and everything below them. */
export const treeOf = (...roots: number[]): number[] => {
  const tree = new Set(roots)
  const all = parents()
  for (let grew = true; grew;) {
    grew = false
    for (const [pid, parent] of all) if (tree.has(parent) && !tree.has(pid)) grew = Boolean(tree.add(pid))
  }
  return [...tree]
}

/** Proportional set size of these processes in bytes. */
export const pss = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    try {
      return sum + 1_024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {
      return sum
    }
  }, 0)
