// Every kind of condition says in one sentence why it failed, so that somebody who has never seen a workflow understands it.
import { expect, test } from 'vitest'
import { fieldsFor } from '../event/fields.ts'
import { TriggerEvent, type EventActor } from '../event/trigger-event.ts'
import { compiled } from '../workflow/testing/examples.ts'
import { match } from './match.ts'

const sam: EventActor = { id: 'github:1', name: 'Sam', trust: 'member', person: 'usr_sam', teams: ['core'] }
const opened = (actor: Partial<EventActor> = {}, more: object = {}): TriggerEvent =>
  TriggerEvent.parse({
    tool: 'github',
    event: 'pr_opened',
    id: 'x',
    at: 1,
    actor: { ...sam, ...actor },
    subject: { label: 'acme/api#7', title: 'Round', url: null },
    fields: fieldsFor('github', 'pr_opened', {
      repo: 'acme/api',
      title: 'Round prices',
      labels: ['Bug', 'check, out'],
      number: 7,
      draft: false,
      paths: undefined,
      ...more,
    }),
    text: '',
    outsideText: false,
  })
const asked = (trigger: string, event = opened(), rest = '', enabled = true) =>
  match(
    event,
    [
      {
        id: 'wf_1',
        name: 'w',
        version: 1,
        enabled,
        compiled: compiled(`name: w\nrepos: acme/api\ntrigger: { github: { event: pr_opened, ${trigger} } }\n${rest}`),
      },
    ],
    new Map([['sam', 'usr_sam']]),
  ).answers[0]!

test.each<[string, string]>([
  ['title: Prices', 'title should be Prices, and is Round prices'],
  ['title: [a, "b, c"]', 'title should be a or "b, c", and is Round prices'],
  ['title: { not: [Round prices, x] }', 'title should not be Round prices nor x, and is Round prices'],
  ['title: { prefix: wip }', 'title should begin with wip, and is Round prices'],
  ['title: { not: { prefix: Round } }', 'title should not begin with Round, and is Round prices'],
  ['title: { contains: cents }', 'title should contain cents, and is Round prices'],
  ['title: { not: { contains: prices } }', 'title should not contain prices, and is Round prices'],
  ['title: { glob: "wip*" }', 'title should fit wip*, and is Round prices'],
  ['milestone: { exists: true }', 'milestone should be there, and is nothing'],
  ['title: { exists: false }', 'title should not be there, and is Round prices'],
  ['title: { not: { exists: true } }', 'title should not be there, and is Round prices'],
  ['number: { gt: 100 }', 'number should be above 100, and is 7'],
  ['number: { not: { lt: 100 } }', 'number should not be below 100, and is 7'],
  ['draft: true', 'draft should be true, and is false'],
  ['assignees: sam', 'assignees should be sam, and is empty'],
  ['labels: ui', 'labels should be ui, and is Bug, "check, out"'],
  ['labels: bug', 'labels should be bug, and is Bug, "check, out" (they differ in small and capital letters alone)'],
  ['labels: check', 'labels should be check, and is Bug, "check, out"'],
  [
    'paths: { glob: "src/**" }',
    'paths should fit src/**, and it is not known for this event, and what is not known fits nothing',
  ],
])('%s', (condition, words) =>
  expect(asked(condition)).toMatchObject({ outcome: 'near_miss', why: `Only one condition fails: ${words}.` }),
)

test.each<[string, Partial<EventActor>, string]>([
  ['started_by: "team:web"', {}, 'Sam, a member of the workspace: is not among those who may start it (team web may)'],
  [
    'draft: false',
    { trust: 'collaborator' },
    'Sam, a collaborator, no member: is not among those who may start it (members of the workspace may)',
  ],
  ['draft: false', { trust: 'unknown' }, ''],
])('who may start it: %s by %j', (condition, actor, words) => {
  const { why, outcome } = asked(condition, opened(actor))
  if (words === '') expect([outcome, why]).toEqual(['no', '2 of 5 conditions fail: started by and outsiders.'])
  else expect(why).toBe(`Only one condition fails: ${words}.`)
})

test('a program, a source and a stranger read only', () => {
  const reads = 'steps: [{ mode: read }]'
  const of = (trust: EventActor['trust']) => asked('draft: false', opened({ trust }), reads.replace('repos', '')).why
  expect(of('bot')).toBe(
    'Only one condition fails: Sam, a program: a program may only where its id is named (bots:github:1) (members of the workspace may).',
  )
  expect(of('source')).toBe(
    'Only one condition fails: Sam, the source itself: only people may start it, and no person did (members of the workspace may).',
  )
})

test('a workflow that is not enabled, several that fail, and all that hold', () => {
  expect(asked('draft: false', opened(), '', false).why).toBe('Only one condition fails: the workflow is not enabled.')
  expect(asked('title: x, number: 8').why).toBe('2 of 5 conditions fail: title and number.')
  expect(asked('draft: false').why).toBe('All 4 conditions hold.')
})
