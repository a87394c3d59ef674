/** Is memory given back when a worker rests, and does a worker begin small? */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { giveMemoryBack } from './give-memory-back.ts'

const run = promisify(execFile)
const lean = fileURLToPath(new URL('../../bin/lean.js', import.meta.url))
const megabyte = 1_048_576

/** Old garbage: it has lived through collections of young objects before it was let go. */
const makeGarbage = (): number => {
  let kept: string[] = []
  for (let n = 0; n < 400_000; n++) kept.push(`${n} of many`)
  const held = process.memoryUsage().heapUsed
  kept = []
  return held
}

test('old garbage is gone after it', () => {
  giveMemoryBack()
  const before = process.memoryUsage().heapUsed
  expect(makeGarbage() - before).toBeGreaterThan(15 * megabyte)
  giveMemoryBack()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(3 * megabyte)
})

test('what a worker tells V8 is known to this Node, and keeps the young objects to a few megabytes', async () => {
  const program = `
    const { getHeapSpaceStatistics } = require('node:v8')
    let kept = []
    for (let n = 0; n < 3e6; n++) { kept.push({ n }); if (kept.length > 1e5) kept = [] }
    process.stdout.write(String(getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size))`
  const young = async (...words: string[]) => {
    const { stdout, stderr } = await run(process.execPath, [...words, '-e', program], { env: {} })
    expect(stderr).toBe('')
    return Number(stdout) / megabyte
  }
  expect(await young()).toBeGreaterThan(8)
  expect(await young('--import', lean)).toBeLessThan(3)
})
