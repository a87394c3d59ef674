/** On what was it measured, and was the machine quiet? */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { median, ms } from './figures.ts'
import { treeOf } from './memory.ts'

/** One line of facts. */
export const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown processor'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}, Node ${process.version}, fsync ${ms(fsync())}`

/** The median time of an fsync of 8 kB in the temporary folder: what every commit pays. */
const fsync = (): number => {
  const file = path.join(tmpdir(), `viewport-bench-fsync-${process.pid}`)
  const handle = openSync(file, 'w')
  try {
    const bytes = Buffer.alloc(8_192, 1)
    return median(
      Array.from({ length: 100 }, () => {
        writeSync(handle, bytes)
        const began = performance.now()
        fsyncSync(handle)
        return performance.now() - began
      }),
    )
  } finally {
    closeSync(handle)
    rmSync(file)
  }
}

/**
 * Starts to watch who uses the processors. The function it gives says how much of their time (0 to 1) programs took that this bench
 * did not start: the busy time of the machine without that of this process, of all it started and of what those waited for.
 * Null where /proc does not tell.
 */
export const watchOthers = (): (() => { others: number | null; load: string }) => {
  const [from, ours] = [ticks(), own()]
  return () => {
    const to = ticks()
    const load = loadavg().map((n) => n.toFixed(2))
    if (!from || !to) return { others: null, load: load.join(' ') }
    const others = to.busy - from.busy - (own() - ours)
    return { others: Math.max(0, others) / Math.max(1, to.all - from.all), load: load.join(' ') }
  }
}

const ticks = (): { busy: number; all: number } | null => {
  try {
    const numbers = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
    const all = numbers.reduce((sum, n) => sum + n, 0)
    return { busy: all - numbers[3]! - numbers[4]!, all }
  } catch {
    return null
  }
}

/** Ticks of this process and all below it; those that ended count with whoever waited for them. */
const own = (): number =>
  treeOf(process.pid).reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return sum + [11, 12, 13, 14].reduce((all, at) => all + Number(fields[at]), 0)
    } catch {
      return sum
    }
  }, 0)
