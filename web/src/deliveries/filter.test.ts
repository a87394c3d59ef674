import { expect, test } from 'vitest'
import { asked, deliveryFilter, isNarrowed } from './filter.ts'

const now = 1_800_000_012_345
test('a span is asked from a whole minute on, so that the same list is the same question', () =>
  expect(asked({ span: '1h', outcome: 'nearly', q: '' }, now)).toEqual({
    outcome: 'nearly',
    since: 1_800_000_000_000 - 3_600_000,
  }))
test('days are whole, the last one included', () => {
  const { since, until } = asked({ first: '2026-11-28', last: '2026-11-29' }, now)
  expect(new Date(since as number).toString()).toContain('Nov 28 2026 00:00:00')
  expect((until as number) - (since as number)).toBe(2 * 86_400_000)
})
test('what an address may not hold is left out, and the rest still holds', () =>
  expect(deliveryFilter.parse({ outcome: 'maybe', span: '3y', first: 'monday', actor: 7, tool: 'jira' })).toEqual({
    actor: '7',
    tool: 'jira',
    outcome: undefined,
    span: undefined,
    first: undefined,
  }))
test('nothing is narrowed by what is empty', () =>
  expect([isNarrowed({}), isNarrowed({ q: '' }), isNarrowed({ q: 'x' })]).toEqual([false, false, true]))
