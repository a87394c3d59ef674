/**
 * Is anything of a step still alive, and how does it end?
 * Processes are known by the run marker in their environment, by their process group, and by a working directory inside the step's folder.
 * A process that shed all three before the sweep looked is not found: only a pid namespace holds such a one (isolation says which it was).
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { stepMarker } from './environment.ts'

/** What tells the processes of a step from all others. */
export type Traces = { readonly marker: string; readonly group: number | null; readonly folder: string | null }

/** Kills (SIGKILL) until nothing is found. Returns how many processes were found; throws when some survive 5 seconds. */
export const sweep = async (traces: Traces): Promise<number> => {
  const seen = new Set<number>()
  for (const until = performance.now() + 5_000; ;) {
    const alive = await findProcesses(traces)
    if (alive.length === 0) return seen.size
    if (performance.now() > until)
      throw new Error(`processes ${alive.join(', ')} of step ${traces.marker} could not be ended`)
    for (const pid of alive) {
      seen.add(pid)
      kill(pid)
    }
    await new Promise((next) => setTimeout(next, 10))
  }
}

/** Process ids that belong to the step. Zombies and this process are never among them. */
export const findProcesses = async (traces: Traces): Promise<number[]> =>
  process.platform === 'linux' ? fromProc(traces) : fromPs(traces)

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended by itself, or belongs to another user: the next look tells
  }
}

const fromProc = async (traces: Traces): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => (pid !== process.pid && (await belongs(pid, traces)) ? pid : null)),
  )
  return found.filter((pid) => pid !== null)
}

const belongs = async (pid: number, traces: Traces): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === undefined || state === 'Z' || state === 'X' || state === '') return false
  if (traces.group !== null && Number(group) === traces.group) return true
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  if (`\0${environment}`.includes(`\0${stepMarker}=${traces.marker}\0`)) return true
  if (traces.folder === null) return false
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
  return cwd === traces.folder || cwd.startsWith(`${traces.folder}/`)
}

/**
 * Other systems have no /proc: `ps` shows the environment of one's own processes, but on macOS not that of the system's own programs. Rejects when it cannot be
 * asked: that nothing was seen does not say that nothing is there.
 */
const fromPs = (traces: Traces): Promise<number[]> =>
  new Promise((done, fail) => {
    execFile('ps', ['-axEww', '-o', 'pid=,pgid=,stat=,command='], { maxBuffer: 64 * 1024 * 1024 }, (error, text) => {
      if (error)
        return fail(new Error(`the processes of step ${traces.marker} cannot be listed by ps`, { cause: error }))
      const rows = text.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
      const mine = rows.filter(
        (row) =>
          row &&
          !row[3]?.startsWith('Z') &&
          (Number(row[2]) === traces.group || ` ${row[4]} `.includes(` ${stepMarker}=${traces.marker} `)),
      )
      done(mine.map((row) => Number(row?.[1])).filter((pid) => pid !== process.pid))
    })
  })
