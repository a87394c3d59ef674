// Which processes belong to a place, and are they gone?
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** A process by number and time of birth, so that a number that is used again is not mistaken for it. */
export type Seen = { pid: number; birth: string; words: string }

/** Every process that a folder can be seen on: in its words, its environment or its working folder, with all its descendants. */
export function processesOf(folder: string): Seen[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const parents = new Map(all.map((pid) => [pid, parentOf(pid)]))
  const marked = new Set(all.filter((pid) => pid !== process.pid && mentions(pid, folder)))
  for (let grown = true; grown;) {
    grown = false
    for (const [pid, parent] of parents) {
      if (marked.has(pid) || parent === null || !marked.has(parent)) continue
      marked.add(pid)
      grown = true
    }
  }
  return [...marked].flatMap((pid) => {
    const birth = birthOf(pid)
    return birth === null ? [] : [{ pid, birth, words: wordsOf(pid) }]
  })
}

/** Whether any process of the machine has words like these: one look at each, so that whoever waits for a process looks often. */
export const anyProcess = (isIt: (words: string) => boolean): boolean =>
  readdirSync('/proc').some((name) => /^\d+$/.test(name) && isIt(wordsOf(Number(name))))

/** Those of them that still live. */
export const stillAlive = (seen: readonly Seen[]): Seen[] => seen.filter(({ pid, birth }) => birthOf(pid) === birth)

/** Ends whatever is left of a place at once. */
export const endAllOf = (folder: string): void => {
  for (const { pid } of processesOf(folder)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself between the look and the signal.
    }
  }
}

const wordsOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()

const mentions = (pid: number, folder: string): boolean =>
  read(`/proc/${pid}/cmdline`).includes(folder) ||
  read(`/proc/${pid}/environ`).includes(folder) ||
  cwdOf(pid).startsWith(folder)

const birthOf = (pid: number): string | null => {
  const [state, ...rest] = statOf(pid)
  return state === undefined || state === 'Z' ? null : (rest[18] ?? null)
}

const parentOf = (pid: number): number | null => {
  const parent = Number(statOf(pid)[1])
  return Number.isInteger(parent) ? parent : null
}

const statOf = (pid: number): string[] => {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

const cwdOf = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // it has ended, or is another user's
  }
}
