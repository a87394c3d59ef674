/**
 * How is a program kept running beside the control plane?
 * Started in a session of its own, so that Ctrl-C does not reach it before it is stopped in order; started again when it dies; its
 * words go to a file; and what an earlier, killed start left running is found by its pid and birth, and ended.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { birthOf, isSameProcess } from './birth.ts'

export type ChildProgram = {
  readonly command: readonly [program: string, ...words: string[]]
  readonly env: Record<string, string>
  readonly cwd: string
  readonly logFile: string
  /** Remembers which process it is. */
  readonly pidFile: string
  /** Called each time it died by itself. */
  readonly died: (words: string) => void
}
export type KeptRunning = {
  readonly pid: number | null
  /** TERM, and KILL when it does not end in `patienceMillis`. Resolves when it has ended. */
  stop(patienceMillis: number): Promise<void>
  /** KILL, at once. */
  kill(): void
}

const logLimit = 8_000_000
const restartMillis = [200, 500, 1_000, 2_000, 5_000]
/** Having lived this long, a program starts with a clean slate. */
const soundMillis = 30_000

/** Starts it and keeps it running. */
export const keepRunning = async (program: ChildProgram): Promise<KeptRunning> => {
  mkdirSync(path.dirname(program.logFile), { recursive: true, mode: 0o700 })
  await endLeftover(program.pidFile)
  let child: ChildProcess | null = null
  let ended: Promise<void> = Promise.resolve()
  let stopped = false
  let failures = 0
  let timer: NodeJS.Timeout | null = null

  const launch = (): void => {
    const since = performance.now()
    const started = start(program)
    child = started
    if (started.pid !== undefined) remember(program.pidFile, started.pid)
    ended = new Promise((resolve) => {
      const over = (how: string): void => {
        if (child !== started) return
        child = null
        rmSync(program.pidFile, { force: true })
        resolve()
        if (stopped) return
        failures = performance.now() - since > soundMillis ? 0 : failures + 1
        const wait = restartMillis[Math.min(failures, restartMillis.length) - 1] ?? restartMillis[0]!
        program.died(how)
        timer = setTimeout(launch, wait)
      }
      started.once('exit', (code, signal) => over(signal ? `was ended by ${signal}` : `ended with code ${code}`))
      started.once('error', (error) => over(`could not be started: ${error.message}`))
    })
  }

  launch()
  return {
    get pid() {
      return child?.pid ?? null
    },
    async stop(patienceMillis) {
      stopped = true
      if (timer) clearTimeout(timer)
      child?.kill('SIGTERM')
      const patience = new AbortController()
      await Promise.race([ended, sleep(patienceMillis, undefined, { signal: patience.signal }).catch(() => {})])
      patience.abort()
      child?.kill('SIGKILL')
      await ended
    },
    kill() {
      stopped = true
      child?.kill('SIGKILL')
    },
  }
}

const start = ({ command: [file, ...words], env, cwd, logFile }: ChildProgram): ChildProcess => {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > logLimit) truncateSync(logFile, 0)
  const log = openSync(logFile, 'a', 0o600)
  try {
    return spawn(file, words, { env, cwd, stdio: ['ignore', log, log], detached: true })
  } finally {
    closeSync(log)
  }
}

const remember = (file: string, pid: number): void =>
  writeFileSync(file, JSON.stringify({ pid, birth: birthOf(pid) }), { mode: 0o600 })

/** Ends the process that a killed start left behind. */
const endLeftover = async (pidFile: string): Promise<void> => {
  const left = readLeftover(pidFile)
  if (!left || !isSameProcess(left.pid, left.birth)) return rmSync(pidFile, { force: true })
  endIfThere(left.pid, 'SIGTERM')
  const deadline = performance.now() + 3_000
  while (isSameProcess(left.pid, left.birth)) {
    if (performance.now() > deadline) endIfThere(left.pid, 'SIGKILL')
    await sleep(20)
  }
  rmSync(pidFile, { force: true })
}

/** It may end by itself between the look and the signal. */
const endIfThere = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const readLeftover = (pidFile: string): { pid: number; birth: string } | null => {
  try {
    const { pid, birth } = JSON.parse(readFileSync(pidFile, 'utf8')) as { pid?: unknown; birth?: unknown }
    return typeof pid === 'number' && typeof birth === 'string' ? { pid, birth } : null
  } catch {
    return null
  }
}
