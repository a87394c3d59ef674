import { expect, test } from 'vitest'
import { renew, settle } from './held-list.ts'

type Item = { id: string; words: string }
const idOf = (item: Item) => item.id
const items = (...ids: string[]): Item[] => ids.map((id) => ({ id, words: `${id} now` }))

test('the first answer is the list', () =>
  expect(settle(null, items('a', 'b'), idOf)).toMatchObject({ held: { order: ['a', 'b'] }, fresh: 0 }))

test('new items wait, ended ones stay, words are brought up to date', () => {
  const first = settle(
    null,
    [
      { id: 'a', words: 'old' },
      { id: 'b', words: 'old' },
    ],
    idOf,
  ).held
  const next = settle(first, items('new1', 'b', 'new2'), idOf)
  expect(next.held.order).toEqual(['a', 'b'])
  expect(next.fresh).toBe(2)
  expect([next.held.known.get('a'), next.held.known.get('b')]).toEqual([
    { id: 'a', words: 'old' },
    { id: 'b', words: 'b now' },
  ])
})

test('an empty list takes what comes', () =>
  expect(settle(settle<Item>(null, [], idOf).held, items('a'), idOf)).toMatchObject({
    held: { order: ['a'] },
    fresh: 0,
  }))

test('renewed it is the answer', () => expect(renew(items('n', 'b'), idOf).order).toEqual(['n', 'b']))
