import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { predicateTypes } from './names.ts'
import { faultNames } from './verdict.ts'

test('docs/packet.md names every fault and every kind of statement', () => {
  const page = readFileSync(new URL('../../../docs/packet.md', import.meta.url), 'utf8')
  const left = [...Object.values(faultNames), ...Object.values(predicateTypes)].filter((name) => !page.includes(name))
  expect(left).toEqual([])
})
