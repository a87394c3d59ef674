import { describe, expect, test } from 'vitest'
import { fieldsFor } from '../event/fields.ts'
import { compiled } from '../workflow/testing/examples.ts'
import { match } from './match.ts'
import { routeOf } from './route.ts'

const { route } = compiled(`name: fix
team: core
trigger:
  - linear: { event: issue_created }
  - manual: { inputs: { part: string } }
route:
  - { when: { project: Pay }, repo: acme/pay }
  - { when: { labels: web }, repo: acme/web }
  - { when: { labels: money, priority: { lt: 3 } }, repo: acme/pay }
  - { when: { inputs.part: web }, repo: acme/web }
`)
const at = (fields: Record<string, unknown>, inputs = {}) =>
  routeOf(route!, { fields: fieldsFor('linear', 'issue_created', fields) }, inputs)

describe('where an event goes', () => {
  test.each([
    ['one row', { project: 'Pay' }, 0, [0]],
    ['two rows to one place', { project: 'Pay', labels: ['money'], priority: 1 }, 0, [0]],
    ['two rows to two places', { project: 'Pay', labels: ['web'] }, null, [0, 1]],
    ['no row', { project: 'Other' }, null, [0, 1]],
    ['nothing is told', {}, null, [0, 1]],
  ])('%s', (_, fields, chosen, among) => expect(at(fields)).toMatchObject({ chosen, among }))
  test('by what a person filled in', () =>
    expect(at({}, { part: 'web' })).toMatchObject({ chosen: 1, why: 'Row 4 fits: acme/web.' }))
  test('a name that every object has is no field and no input', () => {
    const row = (field: string) => ({ when: { [field]: { exists: true } }, place: route!.rows[0]!.place })
    for (const field of ['constructor', 'inputs.constructor', 'inputs.toString'])
      expect(routeOf({ ...route!, rows: [row(field)] }, { fields: {} }).rows[0]).toMatchObject({
        fits: false,
        conditions: [{ field, found: 'not known', pass: false }],
      })
  })
  test('is said of a workflow that starts, and of no other', () => {
    const source =
      'name: fix\nteam: core\ntrigger: { linear: { event: issue_created, team: Core } }\nroute: [{ when: { project: Pay }, repo: acme/pay }, { when: { labels: web }, repo: acme/web }]\n'
    const of = (team: string) =>
      match(
        {
          tool: 'linear',
          event: 'issue_created',
          id: '1',
          at: 1,
          actor: { id: 'x', name: 'x', trust: 'member', person: null, teams: [] },
          subject: { label: 'X-1', title: 'x', url: null },
          fields: fieldsFor('linear', 'issue_created', { team, project: 'Pay' }),
          text: '',
          outsideText: false,
        },
        [{ id: 'wf_1', name: 'fix', version: 1, enabled: true, compiled: compiled(source) }],
      ).answers[0]!
    expect(of('Core')).toMatchObject({ outcome: 'starts', route: { chosen: 0 } })
    expect(of('Else')).toMatchObject({ outcome: 'near_miss' })
    expect(of('Else').route).toBeUndefined()
  })
  test('each row says what it expected and found', () =>
    expect(at({ labels: ['money'], priority: 5 }).rows[2]).toEqual({
      row: 2,
      fits: false,
      place: 0,
      leads: 'acme/pay',
      conditions: [
        { field: 'labels', expected: 'is money', found: 'money', pass: true },
        { field: 'priority', expected: 'is below 3', found: '5', pass: false },
      ],
    }))
  test('with `else` a place, nobody is asked where no row fits, and still where rows differ', () => {
    const { route: sure } = compiled(
      'name: fix\ntrigger: { linear: { event: issue_created } }\nroute:\n  - { when: { project: Pay }, repo: acme/pay }\n  - { when: { labels: web }, repo: acme/web }\n  - else: acme/rest\n',
    )
    const of = (fields: Record<string, unknown>) =>
      routeOf(sure!, { fields: fieldsFor('linear', 'issue_created', fields) })
    expect(of({})).toMatchObject({ chosen: 2, why: 'No row fits, so it goes where `else` says: acme/rest.' })
    expect(of({ project: 'Pay', labels: ['web'] })).toMatchObject({ chosen: null, among: [0, 1] })
  })
})
