import { expect, test } from 'vitest'
import { readEvent, rowsOf } from './match.ts'

test('an event is filled up, and an actor nobody described is unknown', () => {
  expect(
    readEvent(
      '{"tool":"webhook","event":"received","fields":{"type":"bug.reported"},"subject":{"label":"PAY-1"}}',
      'e.json',
      5,
    ),
  ).toEqual({
    tool: 'webhook',
    event: 'received',
    id: 'example',
    at: 5,
    fields: { type: 'bug.reported', source: null, title: null, text: null },
    text: '',
    outsideText: false,
    actor: { id: 'unknown', name: 'unknown', trust: 'unknown', person: null, teams: [] },
    subject: { label: 'PAY-1', title: 'Example', url: null },
  })
})

test.each([
  ['text', 'no event', /e\.json is not JSON/],
  ['a list', '[]', /is not an event/],
  ['no tool', '{"event":"x"}', /is not an event:[\s\S]*tool/],
  ['a trust that does not exist', '{"tool":"a","event":"b","actor":{"trust":"best"}}', /is not an event:[\s\S]*trust/],
  ['a field that is an object', '{"tool":"a","event":"b","fields":{"x":{}}}', /is not an event/],
])('%s is no event, and it says why', (_, text, words) => {
  expect(() => readEvent(text, 'e.json')).toThrow(words)
})

test('who started it is told once', () => {
  const actor = { pass: false, why: 'who did it cannot be told' }
  const by = { field: 'started by', expected: 'members', found: 'unknown', pass: false, why: null }
  const type = { field: 'type', expected: 'bug', found: 'bug', pass: true, why: null }
  const told = (conditions: Parameters<typeof rowsOf>[0]['conditions']) =>
    rowsOf({ conditions, actor }).map((row) => `${row.condition}: ${row.found}`)
  expect(told([type, by])).toEqual(['type: bug', 'started by: unknown'])
  expect(told([type])).toEqual(['type: bug', 'started by: who did it cannot be told'])
  expect(told([])).toEqual([])
})
