/**
 * Is a worker of this identity running on this machine already?
 * Lock files are numbered and never replaced: taking a lock is creating the next number, which only one process can. So two
 * that find the same dead owner cannot both win. A process id alone proves nothing (it is used again), so its start time is kept too;
 * an owner on another host (a shared folder, an earlier container) counts as alive while it touches its file.
 */
import { execFileSync } from 'node:child_process'
import { link, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'

const Owner = z.object({ pid: z.int(), started: z.string(), host: z.string(), released: z.boolean().default(false) })
type Owner = z.infer<typeof Owner>
const touchEveryMs = 5_000
const deadAfterMs = 30_000

/** Who holds the lock. */
export type Holder = { pid: number; host: string }
/** Taken: call `release` at the end. Held: by whom. */
export type Lock = { held: Holder } | { held: null; release(): Promise<void> }

/** Takes the lock of a folder, or says who holds it. */
export const takeLock = async (folder: string): Promise<Lock> => {
  for (;;) {
    const { number, holder } = await latest(folder)
    if (holder) return { held: { pid: holder.pid, host: holder.host } }
    const mine = path.join(folder, `lock.${number + 1}`)
    const owner: Owner = { pid: process.pid, started: startOf(process.pid) ?? '', host: os.hostname(), released: false }
    if (!(await createWhole(mine, JSON.stringify(owner)))) continue // someone else was faster: look who
    for (let old = number; old > number - 3 && old > 0; old--)
      await rm(path.join(folder, `lock.${old}`), { force: true })
    const touch = setInterval(() => void utimes(mine, new Date(), new Date()).catch(() => {}), touchEveryMs)
    touch.unref()
    return {
      held: null,
      async release() {
        clearInterval(touch)
        await writeFile(mine, JSON.stringify({ ...owner, released: true })).catch(() => {})
      },
    }
  }
}

/** Who holds the lock of a folder now, or null. */
export const lockHolder = async (folder: string): Promise<Holder | null> => (await latest(folder)).holder

const latest = async (folder: string): Promise<{ number: number; holder: Owner | null }> => {
  const numbers = (await readdir(folder)).flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  const number = Math.max(0, ...numbers)
  const file = path.join(folder, `lock.${number}`)
  const text = await readFile(file, 'utf8').catch(() => null)
  const owner = text === null ? null : Owner.safeParse(safeJson(text)).data
  return { number, holder: owner && !owner.released && (await isAlive(owner, file)) ? owner : null }
}

const isAlive = async (owner: Owner, file: string): Promise<boolean> => {
  if (owner.host === os.hostname()) return startOf(owner.pid) === owner.started
  const touched = (await stat(file).catch(() => null))?.mtimeMs ?? 0
  return Date.now() - touched < deadAfterMs
}

/** When a process began, as this system tells it; null when there is none. */
const startOf = (pid: number): string | null => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
    }
    if (process.platform === 'win32') return process.kill(pid, 0) ? 'alive' : null
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
    }).trim()
  } catch {
    return null
  }
}

/** Creates a file with its content in one step; false when it exists. */
const createWhole = async (file: string, content: string): Promise<boolean> => {
  const beside = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(beside, content, { mode: 0o600, flag: 'wx' })
  try {
    await link(beside, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(beside, { force: true })
  }
}

const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
