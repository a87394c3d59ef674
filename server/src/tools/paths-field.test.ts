/** Files of a change are told whole or not at all, so that a condition on them never holds for a part. */
import { expect, test } from 'vitest'
import { fieldsFor } from '@viewportai/core/event/fields'
import { conditionHolds } from '@viewportai/core/policy/condition'
import { filesInPages, namesOf, pathsField } from './paths-field.ts'

const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `src/${n}.ts`)

test.each<[string, string[], boolean, number | undefined]>([
  ['none', [], true, 0],
  ['as many as are told', many(500), true, 500],
  ['one more', many(501), true, undefined],
  ['more, each named often', [...many(300), ...many(300)], true, 300],
  ['a part', many(3), false, undefined],
  ['one with a name longer than a field takes', [...many(3), 'x'.repeat(2_001)], true, undefined],
])('%s', (_how, paths, whole, count) => expect(pathsField(paths, whole)?.length).toBe(count))

test('what is not told fits neither a condition nor its opposite; no file at all is something else', () => {
  const held = (paths: string[] | undefined) => {
    const { paths: field } = fieldsFor('github', 'pr_opened', { paths })
    const condition = { glob: 'infra/**' }
    return [conditionHolds(condition, field), conditionHolds({ not: condition }, field)]
  }
  expect(held(undefined)).toEqual(['unknown', 'unknown'])
  expect(held([])).toEqual(['no', 'yes'])
  expect(held(['infra/a.tf'])).toEqual(['yes', 'no'])
})

test('a file that was moved left its folder, too', () => {
  expect(namesOf({ filename: 'src/a', previous_filename: 'infra/a' }, 'filename', 'previous_filename')).toEqual([
    'src/a',
    'infra/a',
  ])
  expect(namesOf({ new_path: 'a', old_path: 'a' }, 'new_path', 'old_path')).toEqual(['a'])
  expect(namesOf(null, 'new_path', 'old_path')).toEqual([])
})

test.each([
  [0, 0, 1],
  [99, 99, 1],
  [100, 100, 5],
  [250, 250, 5],
  [499, 499, 5],
  // Five full pages: there may be more.
  [500, null, 5],
  [3_000, null, 5],
])('%i files in pages of a hundred', async (count, told, pages) => {
  const asked: number[] = []
  const files = await filesInPages(async (number) => {
    asked.push(number)
    return many(count).slice((number - 1) * 100, number * 100)
  })
  expect(files?.length ?? null).toBe(told)
  expect(asked).toEqual(Array.from({ length: pages }, (_, n) => n + 1))
})
