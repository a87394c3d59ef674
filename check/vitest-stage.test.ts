import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { command } from './command.ts'
import { notPlainlyPassed } from './lists.ts'
import { outcome, type Report } from './vitest-stage.ts'

const ROOT = join(import.meta.dirname, '..')

/** What vitest itself reports of one real test file. */
async function reportOf(text: string): Promise<{ report: Report; code: number; folder: string }> {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.viewport/report-'))
  try {
    writeFileSync(join(folder, 'a.test.ts'), `import { expect, test } from 'vitest'\n${text}`)
    writeFileSync(join(folder, 'vitest.config.mjs'), `export default { test: { include: ['*.test.ts'], exclude: [] } }`)
    const words = ['run', `--root=${folder}`, '--reporter=json', `--outputFile.json=${folder}/report.json`]
    const { code, output } = await command('vitest', words, { cwd: folder, env: process.env })
    try {
      return { report: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report, code, folder }
    } catch (cause) {
      throw new Error(`vitest left no report: ${output}`, { cause })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('what vitest reports is counted', () => {
  test.each([
    ['two passed', `test('a', () => {})\ntest('b', () => {})`, { passed: 2, failed: 0 }],
    [
      'one of each',
      `test('a', () => {})\ntest('b', () => expect(1).toBe(2))\ntest.skip('c', () => {})`,
      { passed: 1, failed: 1 },
    ],
    ['a file that breaks while it is read', `throw new Error('broken')`, { passed: 0, failed: 1 }],
    [
      'a promise nobody waits for',
      `test('a', () => { void Promise.reject(new Error('late')) })`,
      { passed: 1, failed: 1 },
    ],
  ])('%s', async (_, text, counts) => {
    const { report, code, folder } = await reportOf(text)
    expect(outcome(report, code, folder)).toMatchObject(counts)
  })
})

test('a skipped test is named', async () => {
  const { report, code, folder } = await reportOf(`test('a', () => {})\ntest.skip('not on a Monday', () => {})`)
  expect(outcome(report, code, folder).skipped).toEqual(['a.test.ts: not on a Monday'])
})

test('a test that passed only at the second try is named, and counts as passed', async () => {
  const { report, code, folder } = await reportOf(
    `let tries = 0\ntest('steady', () => {})\ntest('shaky', { retry: 1 }, () => expect(++tries).toBe(2))`,
  )
  const found = outcome(report, code, folder)
  expect(found).toMatchObject({ passed: 2, failed: 0, again: ['a.test.ts: shaky'] })
  expect(notPlainlyPassed([found])).toBe('  only at the second try: a.test.ts: shaky')
})

test('a stage without one test is red', () => {
  expect(outcome({ testResults: [] }, 0, tmpdir())).toMatchObject({ passed: 0, failed: 1 })
})
