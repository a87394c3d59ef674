// How does a scenario start a program, listen to it and end it?
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

import { ROOT, type Place } from './place.ts'

export const viewportProgram = join(ROOT, 'server/bin/viewport.js')
export const vpdProgram = join(ROOT, 'runner/bin/vpd.js')

export type Ended = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string }
export type Running = {
  child: ChildProcess
  /** Everything it has said so far. */
  out(): string
  err(): string
  /** Resolves with the match as soon as what it has said contains it; rejects when it ends before. */
  says(what: RegExp, millis?: number): Promise<RegExpExecArray>
  ended: Promise<Ended>
}

/** Starts a program of the clone with this place's environment. */
export function start(place: Place, program: string, words: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: place.folder,
    env: { ...place.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end()
  return listen(child)
}

/** Listens to a program that was started with pipes. */
export function listen(child: ChildProcessByStdio<Writable, Readable, Readable>): Running {
  let [out, err] = ['', '']
  // Its last words may come after its end: only a closed program says nothing more.
  let closed = false
  const listeners = new Set<() => void>()
  const hear = (): void => listeners.forEach((listener) => listener())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    hear()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    hear()
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      closed = true
      resolve({ code, signal, out, err })
      hear()
    })
  })
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    says: (what, millis = 60_000) =>
      new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          listeners.delete(look)
          clearTimeout(timer)
          settle()
        }
        const look = (): void => {
          const found = what.exec(out) ?? what.exec(err)
          if (found) done(() => resolve(found))
          else if (closed)
            done(() =>
              reject(
                new Error(`It ended (${child.exitCode ?? child.signalCode}) without saying ${what}:\n${out}${err}`),
              ),
            )
        }
        const timer = setTimeout(
          () => done(() => reject(new Error(`It did not say ${what} within ${millis} ms:\n${out}${err}`))),
          millis,
        )
        listeners.add(look)
        look()
      }),
  }
}

/** Runs a program of the clone to its end. */
export const run = (place: Place, program: string, words: string[], env: Record<string, string> = {}): Promise<Ended> =>
  start(place, program, words, env).ended
