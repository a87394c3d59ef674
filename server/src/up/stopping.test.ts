import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

const program = `
  import { listenForStop } from ${JSON.stringify(new URL('./stopping.ts', import.meta.url).href)}
  let now = 0
  const { signal } = listenForStop(() => console.log('hard'), () => now)
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log('heard ' + name))
  setInterval(() => {}, 1000)
  signal.addEventListener('abort', () => console.log('asked by ' + signal.reason))
  process.stdin.on('data', (text) => { now += Number(text); console.log('later') })
  console.log('ready')`

test('a second signal soon after changes nothing; three seconds later it ends at once', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
  await expect.poll(() => said).toContain('ready')
  child.kill('SIGINT')
  await expect.poll(() => said).toContain('heard SIGINT')
  expect(said).toContain('asked by SIGINT')
  child.kill('SIGTERM')
  await expect.poll(() => said).toContain('heard SIGTERM')
  child.stdin.write('2999\n')
  await expect.poll(() => said).toContain('later')
  child.kill('SIGINT')
  await expect.poll(() => said).toMatch(/heard SIGINT[^]*heard SIGINT/)
  expect(said).not.toContain('hard')
  child.stdin.write('1\n')
  await expect.poll(() => said).toMatch(/later[^]*later/)
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(said).toContain('hard')
})
