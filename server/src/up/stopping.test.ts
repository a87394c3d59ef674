import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'

const source = JSON.stringify(new URL('./stopping.ts', import.meta.url).href)
const program = `
  import { listenForStop } from ${source}
  let now = 0
  const { signal } = listenForStop(() => console.log('hard'), () => now)
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log('heard ' + name))
  setInterval(() => {}, 1000)
  signal.addEventListener('abort', () => console.log('asked by ' + signal.reason))
  process.stdin.on('data', (text) => { now += Number(text); console.log('later') })
  console.log('ready')`

/** Its second part never ends, and holds the process as an open connection would; the first to be ended fails. */
const stuck = `
  import { stopAll } from ${source}
  const parts = [
    { name: 'the first', end: () => console.log('the first has ended') },
    { name: 'the second', end: () => new Promise(() => setInterval(() => {}, 1000)) },
    { name: 'the third', end: async () => console.log('the third has ended') },
    { name: 'the fourth', end: () => { throw new Error('it broke') } },
  ]
  await stopAll(parts, (words) => console.log(words), 50)`

test('a part that never ends is named, the others are ended, and the process exits with 1', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', stuck], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
  expect(said.trim().split('\n')).toEqual([
    'Stopping ...',
    'While stopping the fourth: it broke',
    'the third has ended',
    'While stopping the second: it did not end within 0.05 seconds and is left behind.',
    'the first has ended',
    'Stopped. Everything is kept; the next start goes on from here.',
  ])
})

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
