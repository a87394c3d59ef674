/**
 * Does the sandbox stand, and is it empty?
 * The first process inside says that it is up before it becomes the program; when it does not, nothing of the step ran.
 */
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import type { Enclosure } from '../walls/wall.ts'
import { wallFailed } from '../walls/wall-failed.ts'

const timeLimit = 30_000

/**
 * Feeds the texts that the sandbox reads, and waits until it stands. Resolves with the process id, as seen here, of the first process inside.
 * `exited`: when what was started has ended. Throws WorkFailed; the program's own output is not touched.
 */
export const standing = async (
  child: ChildProcess,
  open: Enclosure['open'],
  exited: Promise<unknown>,
): Promise<number> => {
  let info = ''
  let up = false
  let words = ''
  const hear = (bytes: Buffer): void => void (words = (words + bytes.toString('utf8')).slice(-1_000))
  child.stderr?.on('data', hear)
  const ready = new Promise<number>((done) => {
    const look = (): void => {
      const pid = Number(/"child-pid":\s*(\d+)/.exec(info)?.[1])
      if (up && pid > 0) done(pid)
    }
    open.forEach((one, at) => {
      const stream = child.stdio[4 + at] as (Readable & Writable) | null | undefined
      stream?.on('error', () => {}) // it ended before it read all: it says why
      if (one === 'says') stream?.on('data', (bytes: Buffer) => ((info += bytes.toString('latin1')), look()))
      else if (typeof one !== 'number') stream?.end(one)
    })
    const control = child.stdio[3] as Readable
    control.on('error', () => {})
    control.once('data', () => ((up = true), look()))
  })
  const late = setTimeout(() => child.kill('SIGKILL'), timeLimit)
  // A program that ends at once has said that it was up before.
  const pid = await Promise.race([ready, exited.then(() => after(ready, 500))])
  clearTimeout(late)
  child.stderr?.off('data', hear)
  if (pid !== null) return pid
  throw wallFailed(words.trim().slice(0, 500) || 'it did not start')
}

const after = <T>(promise: Promise<T>, millis: number): Promise<T | null> =>
  Promise.race([promise, new Promise<null>((done) => setTimeout(() => done(null), millis))])

/** Waits until a process is gone; the first process of a namespace goes last. False when it is still there after 5 seconds. */
export const isGone = async (pid: number): Promise<boolean> => {
  for (
    const until = performance.now() + 5_000;
    performance.now() < until;
    await new Promise((next) => setTimeout(next, 2))
  ) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (stat === '' || /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return true
  }
  return false
}
