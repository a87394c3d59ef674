import { expect, test } from 'vitest'
import fc from 'fast-check'
import { FieldValue } from './trigger-event.ts'
import { eventForm, fieldKind, tools } from './tools.ts'
import { fieldsFor } from './fields.ts'

test('the table is consistent', () => {
  expect(Object.keys(tools)).toEqual([
    'github',
    'slack',
    'linear',
    'jira',
    'gitlab',
    'ci',
    'schedule',
    'manual',
    'api',
    'webhook',
  ])
  for (const [name, form] of Object.entries(tools)) {
    if (form.event !== null) expect(form.events).toHaveProperty(form.event)
    for (const event of Object.values(form.events)) {
      // The keys of a trigger may not be the names of fields.
      for (const key of ['event', 'started_by', 'own_events', 'inputs', 'data'])
        expect(event.fields).not.toHaveProperty(key)
    }
    const settings = Object.keys(form.settings)
    for (const event of Object.values(form.events))
      expect([name, Object.keys(event.fields)]).toEqual([name, expect.arrayContaining(settings)])
  }
})

test.each<[string, string, string, string | null]>([
  ['linear', 'issue_assigned', 'team', 'text'],
  ['linear', 'issue_assigned', 'labels', 'list'],
  ['linear', 'issue_assigned', 'nope', null],
  ['linear', 'nope', 'team', null],
  ['nope', 'x', 'y', null],
  ['linear', 'issue_assigned', 'constructor', null],
  ['constructor', 'x', 'y', null],
  ['linear', 'constructor', 'name', null],
  ['webhook', 'received', 'data.severity', 'any'],
  ['webhook', 'received', 'data.', null],
  ['webhook', 'received', 'data.a b', null],
  ['github', 'push', 'data.x', null],
])('%s %s %s is %s', (tool, event, field, kind) => expect(fieldKind(tool, event, field)).toBe(kind))

test('what was not told is written out, what is not known is dropped', () =>
  expect(
    fieldsFor('linear', 'issue_labeled', {
      team: 'Payments',
      labels: ['bug'],
      priority: 'high',
      zebra: 1,
      label: null,
    }),
  ).toEqual({
    ...Object.fromEntries(
      Object.keys(eventForm('linear', 'issue_labeled')!.fields)
        .filter((name) => name !== 'priority')
        .map((name) => [name, null]),
    ),
    team: 'Payments',
    labels: ['bug'],
  }))

test('any values at all become fields that an event may carry', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('webhook received', 'github pr_opened', 'linear issue_created', 'nope nope'),
      fc.dictionary(
        fc.oneof(fc.constantFrom('data.x', 'data.y', 'title', 'labels', 'draft', 'number', 'priority'), fc.string()),
        fc.anything(),
      ),
      (key, known) => {
        const [tool, event] = key.split(' ') as [string, string]
        for (const value of Object.values(fieldsFor(tool, event, known))) FieldValue.parse(value)
      },
    ),
    { numRuns: 1_000 },
  )
})
