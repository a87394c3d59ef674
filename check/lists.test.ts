import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { slowestFiles, stageTimes } from './lists.ts'
import { green, type Outcome } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

const ROOT = join(import.meta.dirname, '..')
const ran = (name: string, milliseconds: number, files: Outcome['files'] = []) => ({
  stage: { name, run: async () => green('') },
  found: { ...green(''), files },
  milliseconds,
})

test('the files that took longest are told with their stage, whatever order they ran in, and no more than ten', () => {
  const many = Array.from({ length: 12 }, (_, n) => ({ file: `f${n}.test.ts`, milliseconds: 100 * n }))
  const lines = slowestFiles([
    ran('server', 9_000, many),
    ran('postgres', 9_000, [{ ...many[3]!, milliseconds: 5_000 }]),
  ])
    .split('\n')
    .map((line) => line.trim())
  expect(lines).toHaveLength(10)
  expect(lines[0]).toBe('5.0 s  f3.test.ts (postgres)')
  expect(lines[1]).toBe('1.1 s  f11.test.ts (server)')
})

test('every stage is told with its time, also one without tests', () => {
  expect(stageTimes([ran('format', 400), ran('server', 241_000)])).toBe('     0.4 s  format\n   241.0 s  server')
})

test('the time of a file counts its hooks, which no test of it does', async () => {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.viewport/times-'))
  try {
    const slow = `beforeAll(() => new Promise((done) => setTimeout(done, 400)))`
    writeFileSync(join(folder, 'a.test.ts'), `import { beforeAll, test } from 'vitest'\n${slow}\ntest('a', () => {})`)
    writeFileSync(
      join(folder, 'vitest.config.mjs'),
      `export default { test: { name: 'times', include: ['*.test.ts'], exclude: [] } }`,
    )
    const { passed, tests, files } = await vitestStage('times').run({
      root: folder,
      env: process.env,
      live: false,
      atEnd: () => {},
    })
    expect(passed).toBe(1)
    expect(tests![0]!.milliseconds).toBeLessThan(400)
    expect(files).toEqual([{ file: 'a.test.ts', milliseconds: expect.any(Number) }])
    expect(files![0]!.milliseconds).toBeGreaterThanOrEqual(399)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
