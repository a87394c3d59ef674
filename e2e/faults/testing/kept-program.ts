// A program of the harness that is killed, stopped and given another time, and that is always started again.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Place } from '../../testing/place.ts'
import { start, type Running } from '../../testing/program.ts'

export type KeptProgram = {
  readonly name: string
  pid(): number | null
  /** SIGKILL now, and a new start after so many milliseconds. Resolves when the new one is ready. */
  kill(millis: number): Promise<void>
  /** SIGSTOP now and SIGCONT after so many milliseconds. */
  stop(millis: number): Promise<void>
  /** What the program takes for the time is off by so much from now on. */
  shiftClock(seconds: number): void
  /** Everything it has said, in all its lives. */
  said(): string
  /** Ends it for good, as a person does with Ctrl-C; resolves with its exit code. */
  end(): Promise<number | null>
}

/** Starts it and waits until it is `ready`. `onSelfEnd`: it ended though nobody had ended it; it is started again. */
export async function keepProgram(options: {
  name: string
  place: Place
  program: string
  words: string[]
  env: Record<string, string>
  ready: RegExp
  /** More modules that Node loads before it. */
  imports?: string[]
  onReady?: (said: string) => void
  onDown?: () => void
  /** Words of a start in vain that is no fault of the program; it is tried again. */
  mayFail?: RegExp
  onSelfEnd: (words: string) => void
}): Promise<KeptProgram> {
  const { name, place, program, words, ready, onReady = () => {}, onDown = () => {} } = options
  const clock = join(place.folder, 'clock')
  const imports = ['./shifted-clock.mjs', ...(options.imports ?? [])].map(
    (file) => `--import=${new URL(file, import.meta.url).href}`,
  )
  const env = { ...options.env, NODE_OPTIONS: imports.join(' '), VIEWPORT_TEST_CLOCK: clock }
  let said = ''
  let running: Running
  let killed = false
  let ending = false
  let lives = 0
  let stands = false // it was ready once

  const begin = async (): Promise<void> => {
    killed = false
    const mine = start(place, program, words, env)
    const life = ++lives
    running = mine
    void mine.ended.then(({ code, signal, out, err }) => {
      said += out + err
      if (life === lives) onDown()
      if (killed || ending || life !== lives || !stands) return
      if (!ready.test(out) && options.mayFail?.test(err))
        return void sleep(500).then(() => (ending ? undefined : begin()))
      options.onSelfEnd(`${name} ended by itself (${code ?? signal}): ${(out + err).slice(-1_500)}`)
      void begin()
    })
    await mine.says(ready, 60_000).then(
      () => {
        stands = true
        onReady(mine.out())
      },
      () => {}, // when it ended: seen above
    )
  }

  await begin()
  if (!stands) throw new Error(`${name} did not start: ${running!.out()}${running!.err()}`)
  return {
    name,
    pid: () => (running.child.exitCode === null && running.child.signalCode === null ? running.child.pid! : null),
    async kill(millis) {
      if (killed || ending) return
      killed = true
      const mine = running
      mine.child.kill('SIGKILL')
      await mine.ended
      await sleep(millis)
      if (!ending) await begin()
    },
    async stop(millis) {
      const { child } = running
      child.kill('SIGSTOP')
      await sleep(millis)
      child.kill('SIGCONT')
    },
    shiftClock: (seconds) => writeFileSync(clock, String(seconds * 1_000)),
    said: () => said + (running.child.exitCode === null ? running.out() + running.err() : ''),
    async end() {
      ending = true
      running.child.kill('SIGCONT')
      running.child.kill('SIGINT')
      return (await running.ended).code
    },
  }
}
