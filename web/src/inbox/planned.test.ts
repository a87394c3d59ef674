import type { ChangedFile } from '@viewportai/core/gate/subject'
import { expect, test } from 'vitest'
import { plannedAgainst, sharedFolder } from './planned.ts'

const file = (path: string, from: string | null = null): ChangedFile => ({
  path,
  from,
  status: from ? 'renamed' : 'modified',
  mode: '100644',
  added: 1,
  removed: 0,
  binary: false,
})

test('planned, unplanned and left alone', () => {
  expect(
    plannedAgainst([file('src/a.ts'), file('db/x.sql')], ['src/a.ts', './src/b.ts'], ['db/x.sql']).map((line) => [
      line.path,
      line.planned,
      line.file === null,
      line.protect,
    ]),
  ).toEqual([
    ['src/a.ts', true, false, false],
    ['db/x.sql', false, false, true],
    ['./src/b.ts', true, true, false],
  ])
})
test('without a plan nothing is unplanned', () => expect(plannedAgainst([file('a')], null)[0]!.planned).toBeNull())
test('a renamed file is planned under either name', () =>
  expect(plannedAgainst([file('new.ts', 'old.ts')], ['old.ts']).map((line) => line.planned)).toEqual([true]))
test('the folder all share', () => {
  expect(sharedFolder(['a/b/c.ts', 'a/b/d/e.ts'])).toBe('a/b/')
  expect(sharedFolder(['a/b.ts', 'c/d.ts'])).toBe('')
  expect(sharedFolder(['a/b.ts'])).toBe('')
})
