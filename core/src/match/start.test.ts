import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { compiled } from '../workflow/testing/examples.ts'
import { readInputs } from './inputs.ts'
import { runTitle, sourceLabel } from './title.ts'

const { inputs } = compiled(
  'name: w\nrepos: a\ntrigger: { manual: { inputs: { ticket: { required: true }, count: { type: number, default: 3 }, dry: boolean } } }',
).triggers[0]!

test.each<[Record<string, unknown>, object]>([
  [{ ticket: 'PAY-1' }, { ok: true, inputs: { ticket: 'PAY-1', count: 3, dry: null } }],
  [
    { ticket: 'PAY-1', count: '5', dry: 'true' },
    { ok: true, inputs: { ticket: 'PAY-1', count: 5, dry: true } },
  ],
  [
    { ticket: 7, count: -1.5, dry: false },
    { ok: true, inputs: { ticket: '7', count: -1.5, dry: false } },
  ],
  [
    { tiket: 'x', count: '5 things', dry: 'yes' },
    {
      ok: false,
      errors: [
        { input: 'tiket', why: 'there is no such input', nearest: 'ticket' },
        { input: 'ticket', why: 'it is required', nearest: null },
        { input: 'count', why: 'it is not a number', nearest: null },
        { input: 'dry', why: 'it is not true or false', nearest: null },
      ],
    },
  ],
  [{ ticket: '' }, { ok: false, errors: [{ input: 'ticket', why: 'it is required', nearest: null }] }],
  [
    { ticket: { a: 1 } },
    { ok: false, errors: [{ input: 'ticket', why: 'it is not a text of at most 20000 characters', nearest: null }] },
  ],
  [
    { ticket: 'x', count: Number.NaN, constructor: 'x' },
    {
      ok: false,
      errors: [
        { input: 'constructor', why: 'there is no such input', nearest: null },
        { input: 'count', why: 'it is not a number', nearest: null },
      ],
    },
  ],
])('inputs %j', (given, expected) => expect(readInputs(inputs, given)).toEqual(expected))

test('a text is taken up to 20,000 characters, and whole', () => {
  const of = (ticket: string) => readInputs(inputs, { ticket })
  expect([of('x'.repeat(20_000)).ok, of('x'.repeat(20_001)).ok, of('half a pair \ud800').ok]).toEqual([
    true,
    false,
    false,
  ])
})
test('an input with a name that every object has is not given by every object', () => {
  const named = { constructor: { ...inputs['ticket']!, required: false, default: 'its own' } }
  expect(readInputs(named, {})).toEqual({ ok: true, inputs: { constructor: 'its own' } })
})

const event = (title: string, text: string, label: string, tool = 'linear'): TriggerEvent => ({
  tool,
  event: 'issue_assigned',
  id: '1',
  at: 1,
  actor: { id: 'x', name: 'x', trust: 'member', person: null, teams: [] },
  subject: { label, title, url: null },
  fields: {},
  text,
  outsideText: true,
})

test.each<[string, string, string, string, string]>([
  ['Fix it', 'more', 'PAY-1', 'Fix it', 'PAY-1'],
  ['', '\n first line\nsecond', '', 'first line', 'Linear'],
  [' \n ', '', '', 'Linear: issue assigned', 'Linear'],
  ['a\u202eb\n\tc', '', '#x\u200b', 'a⟨U+202E⟩b c', '#x⟨U+200B⟩'],
  ['x'.repeat(300), '', 'y'.repeat(100), `${'x'.repeat(199)}…`, `${'y'.repeat(59)}…`],
])('%j %j %j', (title, text, label, expected, source) => {
  expect(runTitle(event(title, text, label))).toBe(expected)
  expect(sourceLabel(event(title, text, label))).toBe(source)
})

test('an emoji of several characters stays whole; one that is cut leaves nothing hidden, and what hides elsewhere is written out', () => {
  expect(runTitle(event('👩🏽‍💻 ☎️ is down, a\u200db', '', 'X-1'))).toBe('👩🏽‍💻 ☎️ is down, a⟨U+200D⟩b')
  const long = runTitle(event(`${'x'.repeat(196)}👩‍💻 and on`, '', 'X-1'))
  expect(long).toMatch(/^x+👩…$/)
})

test('any event has a title that fits one line', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (title, text, label) => {
        for (const [shown, most] of [
          [runTitle(event(title, text, label)), 200],
          [sourceLabel(event(title, text, label)), 60],
        ] as const) {
          expect(shown.length).toBeGreaterThan(0)
          expect(shown.length).toBeLessThanOrEqual(most)
          expect(shown).not.toMatch(/[\n\r\u0000-\u001f\u200b\u202e]/)
          expect(shown.isWellFormed()).toBe(true)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
