import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { birthOf, isSameProcess } from './birth.ts'

test('a process is known by its number and its birth, and unknown when it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} })
  await once(child, 'spawn')
  const birth = birthOf(child.pid!)!
  expect(isSameProcess(child.pid!, birth)).toBe(true)
  expect(isSameProcess(process.pid, birth)).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(birthOf(child.pid!)).toBe(null)
})
