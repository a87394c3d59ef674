import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { patienceOf } from './longest-first.ts'

test('the patience of a file is that of its most patient test', () => {
  expect(patienceOf(`test('a', { timeout: 2_400_000 }, () => {})\ntest('b', { timeout: 90_000 }, () => {})`)).toBe(
    2_400_000,
  )
  expect(patienceOf(`beforeAll(async () => {\n}, 150_000)\ntest('a', async () => {\n}, 90_000)`)).toBe(150_000)
  expect(patienceOf(`test('a', () => {})\nconst b = [{}, 7]`)).toBe(0)
})

test('the longest scenario has the most patience', () => {
  const read = (name: string) => patienceOf(readFileSync(join(import.meta.dirname, '../e2e', name), 'utf8'))
  expect(read('033-faults.test.ts')).toBeGreaterThan(
    Math.max(...['032-replicas', '042-try', '020-headless'].map((name) => read(`${name}.test.ts`))),
  )
})
