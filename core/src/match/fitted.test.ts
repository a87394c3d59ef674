import { expect, test } from 'vitest'
import { fieldsFor } from '../event/fields.ts'
import { compiled } from '../workflow/testing/examples.ts'
import { fitted } from './fitted.ts'

const of = (conditions: string, fields: Record<string, unknown> = {}) =>
  fitted(
    fieldsFor('linear', 'issue_created', { team: 'Payments', priority: 4, labels: ['bug'], ...fields }),
    compiled(`name: w\ntrigger: { linear: { event: issue_created, ${conditions} } }\nrepos: [a/b]\n`).triggers[0]!,
  )

test.each([
  ['team: Support', 'Support'],
  ['labels: [crash, bug2]', ['crash']],
  ['labels: { not: bug }', []],
  ['priority: { lt: 3 }', 2],
  ['priority: { gt: 9 }', 10],
  ['title: { prefix: "[x]" }', '[x]'],
  ['title: { contains: boom }', 'boom'],
  ['key: { glob: "PAY-*" }', 'PAY-x'],
  ['project: { exists: true }', 'sample'],
  ['team: { not: Payments }', 'sample'],
])('%s', (conditions, value) => {
  const field = conditions.split(':')[0]!
  expect(of(conditions)).toMatchObject({ fields: { [field]: value }, set: [field] })
})
test('what fits already stays as it is', () =>
  expect(of('team: Payments')).toMatchObject({ fields: { team: 'Payments', priority: 4 }, set: [] }))
test('a condition of a later version, which nobody here can hold against a value, sets nothing', () => {
  const [trigger] = compiled('name: w\ntrigger: { linear: { event: issue_created } }\nrepos: [a/b]\n').triggers
  expect(fitted({ team: 'Payments' }, { ...trigger!, where: { team: { regex: '^Sup' } as never } })).toEqual({
    fields: { team: 'Payments' },
    set: [],
  })
})
