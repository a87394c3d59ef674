/**
 * Is the process with this number still the one that was meant?
 * Numbers are used again, after a restart of the machine or of a container soon; together with the time of birth they are not.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When a process began, in the system's own words; null when there is none. */
export const birthOf = (pid: number): string | null => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state === 'Z' ? null : (rest[18] ?? null) // a zombie has ended; nobody has looked yet
    }
    if (process.platform === 'win32') return process.kill(pid, 0) ? 'alive' : null
    const words = ['-o', 'lstart=', '-p', String(pid)]
    return execFileSync('ps', words, { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } }).trim() || null
  } catch {
    return null
  }
}

export const isSameProcess = (pid: number, birth: string): boolean => birthOf(pid) === birth
