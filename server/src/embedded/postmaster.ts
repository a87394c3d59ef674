/**
 * Is a PostgreSQL running on this data folder, and where does it listen?
 * Read from its postmaster.pid. A number in that file proves nothing by itself: after a restart of the machine or of a
 * container it may be anybody's, so the process is asked what it is.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

type Postmaster = { readonly pid: number; readonly port: number }

/** What postmaster.pid says, or null when there is none (or it is half written). */
export const readPostmaster = (data: string): Postmaster | null => {
  try {
    const [pid, , , port] = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')
    return Number(pid) > 0 && Number(port) > 0 ? { pid: Number(pid), port: Number(port) } : null
  } catch {
    return null
  }
}

/** Does a process with this number exist? */
export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Is that process a postgres of this data folder? Where the system does not say, being alive must do. */
export const isOurs = (pid: number, data: string): boolean => {
  if (!alive(pid)) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data)
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return alive(pid)
    const ps = spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
    return ps.status !== 0 ? alive(pid) : ps.stdout.includes(data)
  }
}

/** Removes a postmaster.pid whose number now belongs to another program; PostgreSQL would refuse to start because of it. */
export const removeStale = (data: string): void => {
  const found = readPostmaster(data)
  if (found && !isOurs(found.pid, data)) rmSync(path.join(data, 'postmaster.pid'), { force: true })
}
