/** How much processor time has a process used, with its children? Linux only. */
import { readFileSync } from 'node:fs'
import { treeOf } from './memory.ts'

const ticksPerSecond = 100 // USER_HZ, the same on every Linux that Node runs on

/** Seconds of processor time that these processes and everything below them have used so far; what has ended is counted where its parent waited for it. */
export const processorSeconds = (...roots: number[]): number =>
  treeOf(...roots).reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [user, system, children, childrensSystem] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 15)
        .map(Number)
      return sum + (user! + system! + children! + childrensSystem!) / ticksPerSecond
    } catch {
      return sum
    }
  }, 0)
