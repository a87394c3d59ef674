/** The program `viewport` as people run it: a process of its own, with an environment that is chosen and a home with nothing in it. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { TestPerson } from './plane.ts'

const program = fileURLToPath(new URL('../bin/viewport.js', import.meta.url))

/** Home and working folder of all that a test file runs; removed after it. */
export const home = mkdtempSync(path.join(os.tmpdir(), 'viewport-cli-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

export type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** Runs it to its end. `env`: what it is told beside PATH and HOME. */
export const runViewport = (env: Record<string, string>, ...words: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const whole = { PATH: path.dirname(process.execPath), HOME: home, ...env }
    execFile(process.execPath, [program, ...words], { cwd: home, env: whole }, (error, out, err) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, out, err })
      else reject(error!) // it could not be started, or was ended by a signal
    })
  })

/** The commands of this person, with an API token of theirs. */
export const viewportOf = async (person: TestPerson): Promise<(...words: string[]) => Promise<Ended>> => {
  const { body } = await person.post('/api/tokens', { name: 'cli', days: 1 })
  const env = { VIEWPORT_URL: person.url, VIEWPORT_TOKEN: body.token as string }
  return (...words) => runViewport(env, ...words)
}
