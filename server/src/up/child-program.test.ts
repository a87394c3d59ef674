import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { birthOf } from './birth.ts'
import { keepRunning, type ChildProgram, type KeptRunning } from './child-program.ts'

let folder: string
const kept: KeptRunning[] = []
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-child-'))))
afterEach(async () => {
  for (const one of kept.splice(0)) await one.stop(0)
  rmSync(folder, { recursive: true })
})

const program = (code: string, died: ChildProgram['died'] = () => {}): ChildProgram => ({
  command: [process.execPath, '-e', code],
  env: {},
  cwd: folder,
  logFile: path.join(folder, 'log'),
  pidFile: path.join(folder, 'pid'),
  died,
})
const keep = async (which: ChildProgram): Promise<KeptRunning> => {
  const one = await keepRunning(which)
  kept.push(one)
  return one
}
const forever = 'console.log("up"); setInterval(() => {}, 1000)'

test('what dies is started again, and its words are kept', async () => {
  const died = vi.fn<(words: string) => void>()
  const one = await keep(program(forever, died))
  const first = one.pid!
  await expect.poll(() => readFileSync(path.join(folder, 'log'), 'utf8')).toBe('up\n')
  process.kill(first, 'SIGKILL')
  await expect.poll(() => one.pid, { timeout: 20_000 }).not.toBe(first)
  await expect.poll(() => one.pid, { timeout: 20_000 }).not.toBe(null)
  expect(died).toHaveBeenCalledExactlyOnceWith('was ended by SIGKILL')
  await expect.poll(() => readFileSync(path.join(folder, 'log'), 'utf8')).toBe('up\nup\n')
})

test('stopped, it ends for good: by TERM, by KILL when it does not listen', async () => {
  const deaf = await keep(program('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'))
  await expect.poll(() => readFileSync(path.join(folder, 'log'), 'utf8')).toBe('up\n')
  const pid = deaf.pid!
  await deaf.stop(200)
  expect(birthOf(pid)).toBe(null)
  expect(deaf.pid).toBe(null)
  expect(existsSync(path.join(folder, 'pid'))).toBe(false)
})

test('what a killed start left running is ended before the next one begins', async () => {
  const left = await keep(program(forever))
  const pid = left.pid!
  const next = await keep(program(forever))
  expect(birthOf(pid)).toBe(null)
  expect(next.pid).not.toBe(pid)
  await left.stop(0) // or it would start its own again
})

test('a program that is not there is said to be so', async () => {
  const died = vi.fn<(words: string) => void>()
  await keep({ ...program(''), command: [path.join(folder, 'nothing')], died })
  await expect.poll(() => died.mock.calls[0]?.[0]).toMatch(/could not be started/)
})
