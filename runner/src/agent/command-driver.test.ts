/** What is the driver of any program beside the contract of all drivers: how the prompt gets there, what is taken for the answer, how it ends. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Driver } from './driver.ts'
import { driversOf } from './drivers.ts'
import { plainText } from './plain-text.ts'
import { openBench, type Bench } from './testing/bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ programs: {}, conversations: [] })
})
afterEach(async () => {
  const alive = await bench.alive()
  await bench.close()
  expect(alive).toEqual([])
})
const configured = (promptAs: 'stdin' | 'argument', argv: string[]): Driver =>
  driversOf({
    home: bench.root,
    passEnvironment: [],
    commands: { mine: { argv, promptAs, modes: ['plan', 'read', 'edit', 'review'] } },
  }).find((one) => one.name === 'mine')!
const shell = (text: string): Driver => configured('stdin', ['/bin/sh', '-c', text])
const prompt = 'the whole prompt, with ümlauts and {braces}\n'
const task = (also: Parameters<Bench['task']>[0] = {}) => bench.task({ mode: 'plan', prompt, seconds: 20, ...also })

describe('a program that ends badly', () => {
  it.each([
    ['echo broken >&2; exit 3', /^agent_failed: .* exit code 3/],
    ['kill -9 $$', /^agent_killed: .* signal 9/],
  ])('%s: a failure with what to look at', async (text, says) => {
    await expect(shell(text).run(task())).rejects.toThrow(says)
  })
  it.each(['trap "" TERM; setsid sleep 1000 & while :; do sleep 0.1; done', 'yes "again and again"'])(
    '%s: is stopped at the time limit, with all its children',
    async (text) => {
      await expect(shell(text).run(task({ seconds: 1, on: () => {} }))).rejects.toThrow(/^time_limit: .* 1 seconds/)
    },
  )
})

describe('the command driver', () => {
  it('hands the prompt over as it is', async () => {
    await shell('cat > prompt').run(task())
    expect(await readFile(path.join(bench.cwd, 'prompt'), 'utf8')).toBe(prompt)
    const placed = 'printf "%s" "$1" > placed'
    await configured('argument', ['/bin/sh', '-c', placed, 'sh', '{prompt}']).run(task())
    expect(await readFile(path.join(bench.cwd, 'placed'), 'utf8')).toBe(prompt)
  })
  it('appends the prompt where the arguments have no place for it, and never puts it into a shell', async () => {
    const end = await configured('argument', ['/bin/echo', '-n']).run(task({ prompt: '$(touch x); `touch x`' }))
    expect(end).toMatchObject({ text: '$(touch x); `touch x`' })
  })
  it('refuses a prompt that is too long for an argument', async () => {
    await expect(configured('argument', ['/bin/echo']).run(task({ prompt: 'x'.repeat(200_000) }))).rejects.toThrow(
      /prompt_too_long/,
    )
  })
  it('reads standard output as text: no colours, no overwritten lines', async () => {
    const end = await configured('stdin', [
      '/usr/bin/printf',
      '\\033[31mred\\033[0m\\r\\nprogress 1\\rdone\\n\\033]0;title\\007x\\000y',
    ]).run(task())
    expect(end).toMatchObject({ text: 'red\ndone\nxy' })
  })
  it('refuses an answer without an end, except as the summary of an edit', async () => {
    const loud = configured('stdin', ['/bin/sh', '-c', 'head -c 2000000 /dev/zero | tr "\\\\0" x'])
    await expect(loud.run(task())).rejects.toThrow(/answer_too_long/)
    expect(await loud.run(task({ mode: 'edit' }))).toMatchObject({ end: 'finished' })
  })
  it('says that its program is not here', async () => {
    const gone = configured('stdin', ['not-a-program-anywhere'])
    expect(await gone.detect()).toMatchObject({ usable: false, note: 'not-a-program-anywhere is not on this machine' })
    await expect(gone.run(task())).rejects.toThrow(/agent_not_here/)
  })
  it('reads a megabyte without a line end in no time, whatever it holds', () => {
    const began = performance.now()
    for (const text of ['x', '\u001b', '\u001b]', '\u001b[', '\r', '\u001bP', 'a\r']) plainText(text.repeat(500_000))
    expect(performance.now() - began).toBeLessThan(20_000) // minutes when it is read anew at every character
  })
  it('tells no usage: not known, never zero', async () => {
    expect((await configured('stdin', ['/bin/echo', 'x']).run(task())).usage).toEqual({
      inputTokens: null,
      outputTokens: null,
      cachedTokens: null,
      usdMicros: null,
      source: 'unavailable',
    })
  })
})
