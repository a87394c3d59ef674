/** A trigger that waits for what its connections do not let in is told when the workflow is saved. */
import { expect, test } from 'vitest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { unheard } from './unheard.ts'

const found = (trigger: string, ...connections: [tool: string, settings: Record<string, string>][]) => {
  const result = compileWorkflow(`name: w\nrepos: acme/api\ntrigger: ${trigger}\n`)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  const known = connections.map(([tool, settings], n) => ({
    tool,
    name: `${tool}-${n}`,
    held: false,
    settings,
    account: null,
    places: {},
  }))
  return unheard(result.compiled, { connections: known }).map((one) => ('why' in one ? one.why : ''))
}
const jira = (condition: string): string => `{ jira: { event: issue_created, ${condition} } }`
const slack = (condition: string): string => `{ slack: { event: app_mention, ${condition} } }`
const linear = (condition: string): string => `{ linear: { event: issue_created, ${condition} } }`

test.each<[string, [string, Record<string, string>][]]>([
  [jira('project: OPS'), [['jira', { projects: 'PAY, WEB' }]]],
  [jira('project: { prefix: O }'), [['jira', { projects: 'PAY' }]]],
  [jira('project: { not: PAY }'), [['jira', { projects: 'pay' }]]],
  [slack('channel: "#random"'), [['slack', { channels: 'support, #help' }]]],
  [slack('channel_id: C024BE91L'), [['slack', { channels: 'C0SUPPORT1' }]]],
  [linear('team: Support'), [['linear', { teams: 'Payments' }]]],
  [
    jira('project: OPS'),
    [
      ['jira', { projects: 'PAY' }],
      ['jira', { projects: 'WEB' }],
    ],
  ],
])('%s with %j is never told', (trigger, connections) => expect(found(trigger, ...connections)).toHaveLength(1))

test.each<[string, [string, Record<string, string>][]]>([
  [jira('project: PAY'), [['jira', { projects: 'pay' }]]],
  [jira('project: [OPS, PAY]'), [['jira', { projects: 'PAY' }]]],
  [jira('project: OPS'), [['jira', {}]]],
  [jira('project: OPS'), []],
  [
    jira('project: OPS'),
    [
      ['jira', { projects: 'PAY' }],
      ['jira', {}],
    ],
  ],
  [jira('labels: x'), [['jira', { projects: 'PAY' }]]],
  [slack('channel: "#support"'), [['slack', { channels: 'Support' }]]],
  [slack('channel: support'), [['slack', { channels: 'support' }]]], // with # or without, it is the same
  [slack('channel: [random, Support]'), [['slack', { channels: '#support' }]]],
  [slack('channel: "#random"'), [['slack', { channels: 'support, C024BE91L' }]]],
  [slack('channel: "#random"'), [['slack', { channels: 'C024BE91L' }]]],
  [linear('team: Payments'), [['linear', { teams: 'payments' }]]],
  [linear('team: Payments'), [['linear', { teams: 'PAY' }]]],
])('%s with %j may be told', (trigger, connections) => expect(found(trigger, ...connections)).toEqual([]))

test('it says who listens to what, and what is asked for', () =>
  expect(found(jira('project: OPS'), ['jira', { projects: 'PAY, WEB' }])).toEqual([
    'jira-0 is about PAY, WEB alone, and the trigger issue_created asks for project OPS',
  ]))
