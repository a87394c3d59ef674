import { expect, test } from 'vitest'
import { atLeast, tooWeak, wallLevels } from './wall-level.ts'

test('a level satisfies itself and those before it', () => {
  expect(wallLevels.map((level) => atLeast(level).at(-1))).toEqual([...wallLevels])
  expect(atLeast('sandbox')).toEqual(['none', 'user', 'sandbox'])
})

test.each(wallLevels)('%s is too weak for every stronger one, whoever wants it', (level) => {
  for (const wanted of wallLevels) {
    const less = !atLeast(level).includes(wanted)
    expect([wanted, tooWeak(level, { workflow: wanted, hello: null }) !== null]).toEqual([wanted, less])
    expect([wanted, tooWeak(level, { workflow: null, hello: wanted }) !== null]).toEqual([wanted, less])
  }
  expect(tooWeak(level, { workflow: null, hello: null })).toBeNull()
})
