// `npm test` and `npm start` pass on what they are told and end as the program behind them ends.
import { execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { findNode20 } from './testing/node20.ts'

const ROOT = join(import.meta.dirname, '..')
const SETUP = join(ROOT, 'setup.mjs')

/** The Node a machine may have: an old one where there is one, as nothing but setup.mjs has to run on it. */
const node = findNode20() ?? process.execPath

test('words and the exit code are passed through', async () => {
  const ended = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(node, [SETUP, 'test', 'no-such-stage'], (error, _, said) => resolve({ code: error?.code, said }))
  })
  expect(ended).toEqual({ code: 2, said: expect.stringContaining('There is no stage no-such-stage. The stages are:') })
})

test('packages without the Node that comes with them: it says what to do, and does not try to start it', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'viewport-clone-'))
  onTestFinished(() => rmSync(clone, { recursive: true }))
  for (const file of ['setup.mjs', 'package-lock.json']) copyFileSync(join(ROOT, file), join(clone, file))
  writeFileSync(join(clone, 'npm.js'), '') // an install in which no script ran, as with ignore-scripts
  const env = { PATH: process.env.PATH, HOME: clone, npm_execpath: join(clone, 'npm.js') }
  const ended = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(node, [join(clone, 'setup.mjs'), 'start'], { env }, (error, _, said) =>
      resolve({ code: error?.code, said }),
    )
  })
  expect(ended).toEqual({ code: 1, said: expect.stringContaining('npm ci --ignore-scripts=false') })
})

test.runIf(process.platform === 'linux')('a signal ends everything it started', async () => {
  const marker = `VIEWPORT_TEST_MARKER=${crypto.randomUUID()}`
  const [name = '', value] = marker.split('=')
  const child = spawn(node, [SETUP, 'test', 'core'], {
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
  let said = ''
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('== core')) resolve()
    })
  })
  await expect.poll(() => processesWith(marker).length).toBeGreaterThan(2)
  child.kill('SIGTERM')
  expect(await ended).toBe(143)
  await expect.poll(() => processesWith(marker)).toEqual([])
})

/** The commands of the processes that carry the marker in their environment. */
function processesWith(marker: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const carries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker)
        return carries ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
      } catch {
        return [] // it has ended since, or is another user's
      }
    })
}
