import { describe, expect, test } from 'vitest'
import { beginningMillis, beginningOf, isSameBeginning } from './beginning.ts'
import { eventForm, tools } from './tools.ts'
import type { TriggerEvent } from './trigger-event.ts'

const made = 1_764_500_000_000
const event = (
  tool: string,
  name: string,
  { at = made, ref = 'acme/shop#1', trust = 'member' as TriggerEvent['actor']['trust'], id = 'github:1' } = {},
): Pick<TriggerEvent, 'tool' | 'event' | 'at' | 'actor' | 'subject'> => ({
  tool,
  event: name,
  at,
  actor: { id, name: 'sam', trust, person: null, teams: [] },
  subject: { label: 'x', title: 'x', url: null, ref, made },
})

describe('an event belongs to the making of its thing', () => {
  test.each([
    ['github', 'issue_opened', 0],
    ['github', 'issue_labeled', 4_000],
    ['github', 'review_requested', 5_000],
    ['gitlab', 'mr_labeled', -1_000],
    ['linear', 'issue_assigned', 1],
    ['jira', 'issue_labeled', 0],
  ])('%s %s, %i ms after it', (tool, name, after) => {
    expect(eventForm(tool, name)).not.toBeNull()
    expect(beginningOf(event(tool, name, { at: made + after }))).toEqual({ made, by: 'github:1' })
  })

  test.each([
    ['a label of later', event('github', 'issue_labeled', { at: made + beginningMillis + 1 })],
    ['a comment, however soon', event('github', 'issue_comment')],
    ['what is said of another tool by the same word', event('slack', 'issue_opened')],
    ['a name that every object has', event('constructor', 'issue_opened')],
    [
      'a thing whose making nobody told',
      { ...event('github', 'issue_opened'), subject: { label: 'x', title: 'x', url: null, ref: 'a#1' } },
    ],
    [
      'a thing without a name',
      { ...event('github', 'issue_opened'), subject: { label: 'x', title: 'x', url: null, made } },
    ],
  ])('not %s', (_, one) => expect(beginningOf(one)).toBeNull())
})

test('every tool that has things which are made, labelled or assigned is known', () => {
  const all = Object.entries(tools).flatMap(([tool, form]) =>
    Object.keys(form.events).flatMap((name) =>
      /_(opened|created|labeled|assigned)$/.test(name) ? [[tool, name] as const] : [],
    ),
  )
  expect(all.length).toBeGreaterThan(10)
  expect(
    all.filter(([tool, name]) => beginningOf(event(tool, name)) === null).map((one) => one.join('.')),
    'an alert is made by nobody who labels it',
  ).toEqual(['github.alert_created'])
})

describe('two events are of the same making', () => {
  const of = (one: Parameters<typeof event>[2] & { later?: number } = {}) => {
    const { subject, ...rest } = event('linear', 'issue_created', one)
    return beginningOf({
      ...rest,
      at: made + (one.later ?? 0),
      subject: { ...subject, made: made + (one.later ?? 0) },
    })!
  }
  test.each([
    ['by one account, whose time is told with and without its milliseconds', of(), of({ later: 999 }), true],
    [
      'by programs, of which a webhook and an answer tell different ids',
      of({ trust: 'bot', id: 'a' }),
      of({ trust: 'bot', id: 'b' }),
      true,
    ],
    ['by two people', of(), of({ id: 'github:2' }), false],
    ['of things of one name that were made at different times', of(), of({ later: 6_000 }), false],
  ])('%s: %s', (_, one, other, same) => {
    expect(isSameBeginning(one, other)).toBe(same)
    expect(isSameBeginning(other, one)).toBe(same)
  })
})
