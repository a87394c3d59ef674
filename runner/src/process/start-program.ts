/**
 * How is a program of a step started, so that nothing of it outlives the step?
 * In its own process group; inside a pid namespace where there is one, else watched and swept. When vpd itself is killed, the step dies too.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { stepMarker } from './environment.ts'
import type { Wall } from '../walls/wall.ts'
import { isGone, standing } from './sandboxed.ts'
import { sweep } from './sweep.ts'
import { watchFromOutside } from './watchdog.ts'

export type Program = {
  /** Program and arguments; never a shell line. */
  readonly argv: readonly string[]
  readonly cwd: string
  /** The whole environment; must hold the step's marker. */
  readonly env: Readonly<Record<string, string>>
  /** Text for stdin, then closed. null: closed at once. 'open': `write` and `closeInput` of the running program. */
  readonly input: string | null | 'open'
  /** What it is behind. */
  readonly wall: Wall
  /** The step's folder: all that can be written behind a wall around files. Without a namespace, whatever still works in there after the end is swept. */
  readonly folder: string
  /** Files and folders beside the system's that the program itself needs to run, e.g. its own installation. */
  readonly reads?: readonly string[]
  /** Wall-clock limit; then TERM, and KILL after the grace. */
  readonly seconds: number
  readonly graceMillis?: number
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal
  onOutput(bytes: Buffer, from: 'out' | 'err'): void
}

/** How it ended. `exit` is 128 + n after signal n, as a shell says it. */
export type Ended = {
  readonly exit: number
  readonly why: 'exit' | 'time' | 'stopped'
  readonly millis: number
  readonly swept: number
}

/** The number of the signal that ended the program, or null. */
export const signalOf = ({ exit }: Pick<Ended, 'exit'>): number | null =>
  exit > 128 && exit <= 128 + 31 ? exit - 128 : null

export type Running = {
  readonly pid: number
  write(text: string): void
  closeInput(): void
  stop(): void
  readonly ended: Promise<Ended>
}

const drainMillis = 2_000

/** Starts it. Rejects when the operating system cannot start it at all. */
export const startProgram = async (program: Program): Promise<Running> => {
  const marker = program.env[stepMarker]
  if (!marker) throw new Error(`a program of a step needs ${stepMarker} in its environment`)
  const began = performance.now()
  const enclosure = await program.wall.enclose(program)
  const { argv, cwd, env, open } = enclosure
  const held = enclosure.held !== 'sweep'
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd,
    env,
    detached: true, // its own session and process group
    stdio: [
      program.input === null ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      held ? 'pipe' : 'ignore',
      ...open.map((one) => (typeof one === 'number' ? one : ('pipe' as const))),
    ],
  })
  const exited = exitOf(child)
  const pid = await started(child)
  const output = outputOf(child, program) // from the first byte on: what nobody listens to when it ends is lost
  const inner = enclosure.held === 'sandbox' ? await standing(child, open, exited) : null
  const watchdog = held ? null : watchFromOutside(pid, marker)
  const stdin = child.stdin as Writable | null
  stdin?.on('error', () => {}) // it closed its input before reading all of it: its own business
  if (program.input !== null && program.input !== 'open') stdin?.end(program.input)
  output.deliver()

  const ending = stopper(child, pid, inner, program.graceMillis ?? 2_000)
  const limit = setTimeout(() => ending.stop('time'), program.seconds * 1_000)
  const abort = (): void => ending.stop('stopped')
  if (program.signal?.aborted) abort()
  program.signal?.addEventListener('abort', abort, { once: true })

  const ended = exited.then(async (exit): Promise<Ended> => {
    clearTimeout(limit)
    ending.over()
    program.signal?.removeEventListener('abort', abort)
    // A namespace that ended by itself is empty; after a kill, and without a namespace, we look.
    const empty = inner === null ? held : await isGone(inner)
    const swept =
      empty && ending.why() === 'exit' ? 0 : await sweep({ marker, group: pid, folder: held ? null : program.folder })
    watchdog?.over()
    await Promise.race([output.closed, new Promise((late) => setTimeout(late, drainMillis).unref())])
    for (const stream of child.stdio) stream?.destroy()
    return { exit, why: ending.why(), millis: Math.round(performance.now() - began), swept }
  })
  return {
    pid,
    write: (text) => void stdin?.write(text),
    closeInput: () => void stdin?.end(),
    stop: () => ending.stop('stopped'),
    ended,
  }
}

/** Starts it and waits for its end. */
export const runProgram = async (program: Program): Promise<Ended> => (await startProgram(program)).ended

const started = (child: ChildProcess): Promise<number> =>
  new Promise((done, fail) => {
    child.once('spawn', () => done(child.pid ?? -1))
    child.once('error', fail)
  })

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((done) => child.once('exit', (code, signal) => done(code ?? 128 + (signals[signal ?? ''] ?? 0))))

const signals: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
}

/** What it writes, held back until whoever starts it has it in hand. `closed`: all of it was handed over. */
const outputOf = (child: ChildProcess, { onOutput }: Pick<Program, 'onOutput'>) => {
  let held: [Buffer, 'out' | 'err'][] | null = []
  const take = (bytes: Buffer, from: 'out' | 'err'): void => {
    if (held) held.push([bytes, from])
    else onOutput(bytes, from)
  }
  let delivered: () => void = () => {}
  const open = new Promise<void>((done) => (delivered = done))
  const closed = Promise.all([
    drained(child.stdout, (bytes) => take(bytes, 'out')),
    drained(child.stderr, (bytes) => take(bytes, 'err')),
    open,
  ])
  const deliver = (): void =>
    void setImmediate(() => {
      const before = held ?? []
      held = null
      for (const [bytes, from] of before) onOutput(bytes, from)
      delivered()
    })
  return { closed, deliver }
}

const drained = (stream: Readable | null, take: (bytes: Buffer) => void): Promise<void> =>
  new Promise((done) => {
    if (!stream) return done()
    stream.on('data', take)
    stream.once('close', done)
    stream.once('error', () => done())
  })

/** TERM to the whole group, KILL after the grace; the first reason stays. */
const stopper = (child: ChildProcess, pid: number, inner: number | null, graceMillis: number) => {
  let why: Ended['why'] = 'exit'
  let last: NodeJS.Timeout | null = null
  const send = (signal: NodeJS.Signals): void => {
    try {
      // A sandbox falls with its first process: TERM is for the program inside, whose group is its own.
      process.kill(-(signal === 'SIGTERM' ? (inner ?? pid) : pid), signal)
    } catch {
      // the group is gone already
    }
  }
  return {
    why: () => why,
    over: () => last && clearTimeout(last),
    stop: (reason: 'time' | 'stopped'): void => {
      if (last || child.exitCode !== null || child.signalCode !== null) return
      why = reason
      send('SIGTERM')
      last = setTimeout(() => send('SIGKILL'), graceMillis)
    },
  }
}
