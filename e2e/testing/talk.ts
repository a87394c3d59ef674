// How does a scenario talk to a command that asks? It types lines, as somebody at the keyboard would.
import { spawn } from 'node:child_process'

import { listen, viewportProgram, type Running } from './program.ts'
import type { Place } from './place.ts'

export type Talking = Running & {
  type(line: string): void
  /** Resolves when what it has said, on both outputs, holds the pattern so often. */
  saysTimes(what: RegExp, times: number, millis?: number): Promise<void>
}

export function talk(place: Place, words: string[], env: Record<string, string> = {}): Talking {
  const child = spawn(process.execPath, [viewportProgram, ...words], {
    cwd: place.folder,
    env: { ...place.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const running = listen(child)
  let over = false // all that it has said was heard
  void running.ended.finally(() => (over = true)).catch(() => {})
  return {
    ...running,
    type: (line) => void child.stdin.write(`${line}\n`),
    async saysTimes(what, times, millis = 60_000) {
      const until = Date.now() + millis
      const count = (): number => [...`${running.out()}${running.err()}`.matchAll(what)].length
      while (count() < times) {
        if (Date.now() > until || over)
          throw new Error(`It said ${what} ${count()} times, not ${times}:\n${running.out()}${running.err()}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}
