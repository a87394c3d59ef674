import { describe, expect, test } from 'vitest'
import { fieldsFor } from '../event/fields.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import { textChanges } from './change-text.ts'

const event = (fields: Record<string, unknown>, over: Partial<TriggerEvent> = {}): TriggerEvent => {
  const [tool, name] = [over.tool ?? 'linear', over.event ?? 'issue_assigned']
  return {
    tool,
    event: name,
    id: 'e1',
    at: 1,
    actor: { id: 'linear:1', name: 'Sam', trust: 'member', person: 'usr_sam', teams: [] },
    subject: { label: 'PAY-1', title: 'Charged twice', url: null },
    fields: fieldsFor(tool, name, fields),
    text: '',
    outsideText: false,
    ...over,
  }
}
const outsider: TriggerEvent['actor'] = { id: 'linear:9', name: 'Eve', trust: 'outsider', person: null, teams: [] }
const rest = 'repos: [acme/api] # the one\n'
const block = `name: fix   # ours
trigger:
  linear:
    event: issue_assigned
    team: Payments      # not Support
    labels:
      - bug   # the usual
      - crash
${rest}`
const changed = (source: string, told: TriggerEvent, wanted: 'match' | 'never' = 'match') => {
  const found = textChanges(source, told, wanted)
  for (const { source: text } of found.changes) expect(compileWorkflow(text).ok).toBe(true)
  return found
}
/** Lines that went and came. */
const difference = (before: string, after: string): string[] => {
  const [a, b] = [before.split('\n'), after.split('\n')]
  return [
    ...a.filter((line) => !b.includes(line)).map((line) => `-${line}`),
    ...b.filter((line) => !a.includes(line)).map((line) => `+${line}`),
  ]
}

describe('an event that nearly started it', () => {
  test.each([
    [
      'a value becomes a list of two, its comment stays',
      { team: 'Support', labels: ['bug'] },
      ['-    team: Payments      # not Support', '+    team: [Payments, Support]      # not Support'],
    ],
    ['a list in a block gets a line more', { team: 'Payments', labels: ['docs'] }, ['+      - docs']],
    [
      'what would be read as something else is put in quotes',
      { team: 'true', labels: ['bug'] },
      ['-    team: Payments      # not Support', '+    team: [Payments, "true"]      # not Support'],
    ],
  ])('%s', (_, fields, wanted) => {
    const { changes, cannot } = changed(block, event(fields))
    expect(cannot).toBeNull()
    expect(difference(block, changes[0]!.source)).toEqual(wanted)
  })
  test('offers each label of the event, then the condition taken out', () => {
    const { changes } = changed(block, event({ team: 'Payments', labels: ['docs', 'checkout'] }))
    expect(changes.map(({ words }) => words)).toEqual([
      '`labels` `docs` starts it too.',
      '`labels` `checkout` starts it too.',
      '`labels` may be anything: the condition is taken out.',
    ])
    expect(difference(block, changes[2]!.source)).toEqual([
      '-    labels:',
      '-      - bug   # the usual',
      '-      - crash',
    ])
  })
  test('several conditions are widened in one change', () =>
    expect(difference(block, changed(block, event({ team: 'Support', labels: ['docs'] })).changes[0]!.source)).toEqual([
      '-    team: Payments      # not Support',
      '+    team: [Payments, Support]      # not Support',
      '+      - docs',
    ]))
  test.each([
    [
      '{ event: issue_assigned, priority: { lt: 3 }, team: Payments }',
      { priority: 4, team: 'Payments' },
      '{ event: issue_assigned, priority: { lt: 5 }, team: Payments }',
    ],
    [
      '{ event: issue_assigned, priority: { gt: 3 } }',
      { priority: 1 },
      '{ event: issue_assigned, priority: { gt: 0 } }',
    ],
    [
      '{ event: issue_assigned, labels: { not: [docs, wontfix] } }',
      { labels: ['docs'] },
      '{ event: issue_assigned, labels: { not: [wontfix] } }',
    ],
    [
      '{ event: issue_assigned, labels: { not: wontfix }, team: A }',
      { labels: ['wontfix'], team: 'A' },
      '{ event: issue_assigned, team: A }',
    ],
    ['{ event: issue_assigned, title: { prefix: "[x]" } }', { title: 'y' }, '{ event: issue_assigned }'],
    [
      '{ title: { is: ["#a", b] }, event: issue_assigned }',
      { title: '#c' },
      '{ title: { is: ["#a", b, "#c"] }, event: issue_assigned }',
    ],
    ['{ event: issue_created, team: A }', { team: 'A' }, '{ event: [issue_created, issue_assigned], team: A }'],
  ])('%s', (trigger, fields, wanted) => {
    const source = `name: fix\ntrigger: { linear: ${trigger} } # kept\n${rest}`
    expect(changed(source, event(fields)).changes[0]?.source).toBe(
      `name: fix\ntrigger: { linear: ${wanted} } # kept\n${rest}`,
    )
  })
  test('a field of the sender below data', () => {
    const source = `name: fix\ntrigger:\n  - webhook:\n      source: alerts\n      data: { severity: [high] }\n${rest}`
    const told = event({ source: 'alerts', 'data.severity': 'low' }, { tool: 'webhook', event: 'received' })
    expect(changed(source, told).changes.map((one) => one.source)).toEqual([
      source.replace('[high]', '[high, low]'),
      source.replace('      data: { severity: [high] }\n', ''),
    ])
  })
})

describe('what a click never does', () => {
  test('widens who may start it', () => {
    const { changes, cannot } = textChanges(
      block,
      event({ team: 'Support', labels: ['bug'] }, { actor: outsider }),
      'match',
    )
    expect(changes).toEqual([])
    expect(cannot).toMatch(
      /^Who may start it is not widened by a click: started by expects members of the workspace, found Eve, an outsider\./,
    )
  })
  test('lets events of a run in', () => {
    const self = { ...outsider, trust: 'self' as const }
    expect(textChanges(block, event({ team: 'Payments', labels: ['bug'] }, { actor: self }), 'match')).toMatchObject({
      changes: [],
      cannot: expect.stringMatching(/own_events/),
    })
  })
  test('invents what it should ask of another tool', () =>
    expect(textChanges(block, event({}, { tool: 'slack', event: 'app_mention' }), 'match').cannot).toMatch(
      /nothing of this tool \(slack\)/,
    ))
  test('changes what is written with aliases', () => {
    const aliased = `name: fix\ntrigger:\n  - linear: &a { event: issue_assigned, team: A }\n${rest}`
    expect(textChanges(aliased, event({ team: 'B' }), 'match')).toEqual({
      changes: [],
      cannot: expect.stringMatching(/aliases/),
    })
  })
  test('says that a text which starts it already only has to be enabled', () =>
    expect(textChanges(block, event({ team: 'Payments', labels: ['bug'] }), 'match').cannot).toMatch(
      /enable the workflow/,
    ))
  test('puts a hidden character into the file', () =>
    expect(
      changed(block, event({ team: 'Pay\u202ements', labels: ['bug'] })).changes.map(({ words }) => words),
    ).toEqual(['`team` may be anything: the condition is taken out.']))
})

describe('an event that should never start it again', () => {
  test('offers what tells its kind first, and the single thing last', () => {
    const { changes } = changed(
      block,
      event({ team: 'Payments', labels: ['bug', 'docs'], project: 'Checkout', key: 'PAY-1', title: 'x' }),
      'never',
    )
    expect(changes.map(({ words }) => words)).toEqual([
      '`labels` `bug` is taken out of those that start it.',
      'Nothing with `project` `Checkout` starts it any more.',
      'Nothing with `key` `PAY-1` starts it any more.',
      'Nothing with `title` `x` starts it any more.',
    ])
    expect(difference(block, changes[0]!.source)).toEqual(['-      - bug   # the usual'])
    expect(difference(block, changes[1]!.source)).toEqual(['+    project: { not: Checkout }'])
  })
  test('one more beside those that are kept out already', () => {
    const source = `name: fix\ntrigger:\n  linear: { event: issue_assigned, labels: { not: wontfix } }\n${rest}`
    expect(changed(source, event({ labels: ['docs'] }), 'never').changes[0]?.source).toBe(
      source.replace('not: wontfix', 'not: [wontfix, docs]'),
    )
  })
  test('a trigger of one word is opened', () => {
    const source = `name: fix\ntrigger:\n  - linear.issue_assigned # all\n  - manual\n${rest}`
    expect(changed(source, event({ labels: ['docs'] }), 'never').changes[0]?.source).toBe(
      source.replace('linear.issue_assigned', '{ linear: { event: issue_assigned, labels: { not: docs } } }'),
    )
  })
  test('every trigger that starts it is narrowed', () => {
    const source = `name: fix\ntrigger:\n  - linear: { event: issue_assigned }\n  - linear:\n      event: issue_assigned\n${rest}`
    expect(changed(source, event({ project: 'P' }), 'never').changes[0]?.source).toBe(
      `name: fix\ntrigger:\n  - linear: { event: issue_assigned, project: { not: P } }\n  - linear:\n      event: issue_assigned\n      project: { not: P }\n${rest}`,
    )
  })
  test('says so where nothing tells it apart', () =>
    expect(
      textChanges(`name: fix\ntrigger: manual\n${rest}`, event({}, { tool: 'manual', event: 'requested' }), 'never')
        .cannot,
    ).toMatch(/Disable the workflow/))
})
