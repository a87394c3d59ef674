import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { fieldsFor } from '../event/fields.ts'
import { trustLevels, TriggerEvent, type EventActor } from '../event/trigger-event.ts'
import { compiled, landingPage } from '../workflow/testing/examples.ts'
import { match, matchPrepared, MatchReport, prepareWorkflows, startsOf, type WorkflowEntry } from './match.ts'
import { writing } from './rows.ts'

const sam: EventActor = { id: 'linear:42', name: 'Sam', trust: 'member', person: 'usr_sam', teams: ['payments'] }
const assigned = (more: Partial<TriggerEvent> = {}): TriggerEvent =>
  TriggerEvent.parse({
    tool: 'linear',
    event: 'issue_assigned',
    id: 'dlv-1',
    at: 1_700_000_000_000,
    actor: sam,
    subject: { label: 'PAY-1842', title: 'Fix double-charge on checkout retry', url: null },
    fields: fieldsFor('linear', 'issue_assigned', {
      team: 'Payments',
      labels: ['bug', 'checkout'],
      title: 'Fix double-charge',
    }),
    text: 'It charges twice.',
    outsideText: false,
    ...more,
  })
const workflow = (
  name: string,
  trigger: string,
  more: Partial<WorkflowEntry> = {},
  rest = 'repos: acme/api',
): WorkflowEntry => ({
  id: `wf_${name}`,
  name,
  version: 1,
  enabled: true,
  compiled: compiled(`name: ${name}\n${rest}\ntrigger: ${trigger}\n`),
  ...more,
})
const outcomes = (event: TriggerEvent, ...workflows: WorkflowEntry[]) =>
  Object.fromEntries(
    match(event, workflows, new Map([['sam', 'usr_sam']])).answers.map((answer) => [answer.name, answer.outcome]),
  )
const starts = (event: TriggerEvent, trigger: string, rest?: string): boolean =>
  outcomes(event, workflow('w', trigger, {}, rest))['w'] === 'starts'

/** A workflow that writes nothing. */
const reads = 'repos: { acme/api: { access: read } }\nsteps: [{ mode: read }]'

describe('the report', () => {
  const workflows: WorkflowEntry[] = [
    { id: 'wf_1', name: 'bug-to-pr', version: 7, enabled: true, compiled: compiled(landingPage) },
    workflow(
      'docs-refresh',
      '{ linear: { event: issue_assigned, team: [Payments, Eng], labels: { contains: runbook } } }',
      { version: 3 },
    ),
    workflow('ticket-triage', '{ linear: { event: issue_assigned, team: Support, started_by: "team:support" } }', {
      version: 11,
    }),
    workflow('support-to-pr', '[{ slack: { channel: "#support" } }, manual]'),
    workflow('off', '{ linear: { event: issue_assigned } }', { enabled: false }),
  ]
  const report = match(assigned(), workflows)

  test('answers for every workflow, with each condition, expected and found', () =>
    expect(report).toEqual({
      event: { tool: 'linear', event: 'issue_assigned', id: 'dlv-1', at: 1_700_000_000_000, label: 'PAY-1842' },
      actor: { id: 'linear:42', name: 'Sam', trust: 'member', person: 'usr_sam' },
      tainted: false,
      answers: [
        {
          id: 'wf_1',
          name: 'bug-to-pr',
          version: 7,
          enabled: true,
          outcome: 'starts',
          trigger: 0,
          mayStart: true,
          passed: 4,
          total: 4,
          why: 'All 4 conditions hold.',
          rows: [
            {
              condition: 'event',
              expected: 'issue_assigned',
              found: 'issue_assigned',
              pass: true,
              about: null,
              why: null,
            },
            { condition: 'team', expected: 'Payments', found: 'Payments', pass: true, about: null, why: null },
            {
              condition: 'started by',
              expected: 'members of the workspace',
              found: 'Sam, a member of the workspace',
              pass: true,
              about: 'actor',
              why: 'members of the workspace may start it',
            },
            {
              condition: 'own events',
              expected: 'not done by a run',
              found: 'done by a person',
              pass: true,
              about: 'actor',
              why: null,
            },
          ],
        },
        {
          id: 'wf_docs-refresh',
          name: 'docs-refresh',
          version: 3,
          enabled: true,
          outcome: 'near_miss',
          trigger: 0,
          mayStart: true,
          passed: 4,
          total: 5,
          why: 'Only one condition fails: labels should contain runbook, and is bug, checkout.',
          rows: expect.arrayContaining([
            { condition: 'team', expected: 'Payments or Eng', found: 'Payments', pass: true, about: null, why: null },
            {
              condition: 'labels',
              expected: 'contains runbook',
              found: 'bug, checkout',
              pass: false,
              about: null,
              why: null,
            },
          ]),
        },
        expect.objectContaining({
          name: 'off',
          enabled: false,
          outcome: 'near_miss',
          why: 'Only one condition fails: the workflow is not enabled.',
        }),
        expect.objectContaining({
          name: 'ticket-triage',
          outcome: 'no',
          mayStart: false,
          why: '2 of 4 conditions fail: team and started by.',
        }),
      ],
      elsewhere: [
        {
          id: 'wf_support-to-pr',
          name: 'support-to-pr',
          version: 1,
          enabled: true,
          listens: ['slack.app_mention', 'manual.requested'],
        },
      ],
    }))
  test('fits its schema after JSON, and says what starts', () => {
    expect(MatchReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
    expect(startsOf(report)).toEqual([{ id: 'wf_1', version: 7, trigger: 0 }])
  })
  test('names are shown, hidden characters made visible, lengths bounded', () => {
    const hostile = match(
      assigned({
        actor: { ...sam, name: `\u202e${'x'.repeat(190)}`, trust: 'outsider' },
        subject: { label: 'a\nb\u200b', title: '', url: null },
      }),
      workflows,
    )
    expect(hostile.event.label).toBe('a b⟨U+200B⟩')
    expect(hostile.actor.name.startsWith('⟨U+202E⟩')).toBe(true)
    expect(JSON.stringify(hostile)).not.toMatch(/[\u202e\u200b]/)
  })
  test('of several triggers the nearest explains', () => {
    const [answer] = match(assigned(), [
      workflow(
        'w',
        '[{ linear: { event: issue_assigned, team: A, labels: x } }, { linear: { event: issue_assigned, team: Payments } }]',
      ),
    ]).answers
    expect(answer).toMatchObject({ outcome: 'starts', trigger: 1 })
  })
})

describe('who may start', () => {
  const by = (actor: Partial<EventActor>, startedBy: string, rest?: string) =>
    starts(
      assigned({ actor: { ...sam, ...actor } }),
      `{ linear: { event: issue_assigned, started_by: [${startedBy}] } }`,
      rest,
    )
  test.each<[Partial<EventActor>, string, boolean, string?]>([
    [{}, 'members', true],
    [{}, '"team:payments"', true],
    [{}, '"team:core"', false],
    [{}, '"user:sam"', true],
    [{}, '"user:usr_sam"', true],
    [{}, '"user:dana"', false],
    [{ name: 'dana' }, '"user:dana"', false], // a name decides nothing
    [{ trust: 'outsider' }, 'members', false],
    [{ trust: 'outsider', teams: ['payments'], person: 'usr_sam' }, '"team:payments", "user:sam"', false], // a former member
    [{ person: null }, '"team:payments"', false],
    [{ trust: 'collaborator' }, 'members', false],
    [{ trust: 'collaborator' }, 'collaborators', true],
    [{ trust: 'outsider' }, 'collaborators', false, reads],
    [{ trust: 'bot', id: 'github:1', name: 'evil[bot]' }, 'members', false],
    [{ trust: 'bot', id: 'github:1', name: 'dependabot[bot]' }, '"bots:github:49699333"', false],
    [{ trust: 'bot', id: 'github:49699333', name: 'x' }, '"bots:github:49699333"', true],
    [{ trust: 'bot', id: 'github:49699333' }, 'anyone', false, reads],
    [{ trust: 'member', id: 'github:49699333', person: null }, '"bots:github:49699333"', false],
    [{ trust: 'outsider' }, 'anyone', true, reads],
    [{ trust: 'unknown' }, 'anyone', false, reads],
    [{ trust: 'self' }, 'anyone', false, reads],
    [{ trust: 'source' }, 'anyone', false, reads],
    [{ trust: 'source' }, 'source', true],
    [{ trust: 'source' }, 'members', false],
  ])('%j by %s: %s', (actor, startedBy, expected, rest) => expect(by(actor, startedBy, rest)).toBe(expected))

  test('an outsider never starts what writes, whatever a compiled workflow says', () => {
    const held = workflow('w', '{ linear: { event: issue_assigned } }')
    const open = {
      ...held,
      compiled: {
        ...held.compiled,
        triggers: held.compiled.triggers.map((trigger) => ({ ...trigger, startedBy: ['anyone'] })),
      },
    } // the compiler refuses this one
    expect(match(assigned({ actor: { ...sam, trust: 'outsider' } }), [open]).answers[0]).toMatchObject({
      outcome: 'near_miss',
      mayStart: false,
      why: 'Only one condition fails: somebody outside started it, and the workflow writes to acme/api; what outsiders start may write nothing.',
    })
  })
  test("a run's own events wake nothing, unless the workflow says so", () => {
    const own = assigned({ actor: { ...sam, trust: 'self' } })
    expect(starts(own, '{ linear: { event: issue_assigned } }')).toBe(false)
    expect(starts(own, '{ linear: { event: issue_assigned, own_events: true } }')).toBe(true)
    expect(
      match(own, [workflow('w', '{ linear: { event: issue_assigned } }')])
        .answers[0]!.rows.filter((row) => !row.pass)
        .map((row) => row.condition),
    ).toEqual(['started by', 'own events'])
  })
})

test('a workflow writes by an agent that edits as well as by a repository, whatever its repositories say', () => {
  const { compiled: edits } = workflow('w', '{ linear: { event: issue_assigned } }')
  const of = (access: 'read' | 'write') => ({ ...edits, repos: edits.repos.map((repo) => ({ ...repo, access })) })
  expect([writing(of('write')), writing(of('read'))]).toEqual(['writes to acme/api', expect.stringMatching(/ edits$/)])
  expect(writing(workflow('w', '{ linear: { event: issue_assigned } }', {}, reads).compiled)).toBeNull()
})

describe('fields', () => {
  test.each<[string, boolean]>([
    ['team: Payments', true],
    ['team: payments', false],
    ['team: { not: Payments }', false],
    ['team: { not: Support }', true],
    ['team: { prefix: Pay }', true],
    ['labels: bug', true],
    ['labels: [x, bug]', true],
    ['labels: { not: wontfix }', true],
    ['labels: { not: bug }', false],
    ['title: { contains: double }', true],
    ['assignee: { exists: false }', true],
    ['assignee: { exists: true }', false],
    ['assignee: { not: x }', true],
    ['priority: { gt: 1 }', false],
  ])('%s: %s', (condition, expected) =>
    expect(starts(assigned(), `{ linear: { event: issue_assigned, ${condition} } }`)).toBe(expected),
  )

  test('what the event does not carry, and what this version does not know, matches nothing', () => {
    const bare = assigned({ fields: {} })
    for (const condition of ['team: { not: Support }', 'team: { exists: false }', 'team: Payments'])
      expect(starts(bare, `{ linear: { event: issue_assigned, ${condition} } }`)).toBe(false)
    const held = workflow('w', '{ linear: { event: issue_assigned } }')
    const odd = (where: object) => ({
      ...held,
      compiled: {
        ...held.compiled,
        triggers: held.compiled.triggers.map((trigger) => ({ ...trigger, where: where as never })),
      },
    })
    for (const where of [
      { zebra: { exists: false } },
      { zebra: { is: ['x'] } },
      { team: { regex: '.*' } },
      { team: {} },
      { team: { not: { regex: 'x' } } },
    ])
      expect(match(assigned({ fields: { ...assigned().fields, zebra: 'x' } }), [odd(where)]).answers[0]!.outcome).toBe(
        'near_miss',
      )
  })
  test('a webhook is matched by its source, its type and its data', () => {
    const event: TriggerEvent = {
      ...assigned(),
      tool: 'webhook',
      event: 'received',
      actor: { id: 'webhook:src_1', name: 'alerts', trust: 'source', person: null, teams: [] },
      fields: fieldsFor('webhook', 'received', {
        source: 'alerts',
        type: 'bug.reported',
        'data.severity': 'high',
        'data.count': 5,
      }),
    }
    expect(
      starts(event, '{ webhook: { source: alerts, data: { severity: [high, critical], count: { gt: 3 } } } }'),
    ).toBe(true)
    expect(starts(event, '{ webhook: { source: other } }')).toBe(false)
    expect(starts(event, '{ webhook: { data: { severity: { not: low }, nothing: { exists: false } } } }')).toBe(false)
  })
})

test('no event starts by an actor that is not admitted, whatever else it holds', () => {
  // They write nothing: what an outsider may not start because it writes is another no.
  const workflows = ['members', '"team:payments"', '"user:sam"', 'collaborators', '"bots:x:1"', 'source', 'anyone'].map(
    (who, i) => workflow(`w${i}`, `{ linear: { event: issue_assigned, started_by: ${who} } }`, {}, reads),
  )
  const prepared = prepareWorkflows(workflows)
  fc.assert(
    fc.property(
      fc.record({
        id: fc.constantFrom('x:1', 'x:2', 'usr_sam'),
        name: fc.constantFrom('Sam', 'usr_sam', 'members', 'source', 'x:1'),
        trust: fc.constantFrom(...trustLevels),
        person: fc.constantFrom(null, 'usr_sam', 'usr_eve'),
        teams: fc.subarray(['payments', 'members']),
      }),
      (actor) => {
        const allowed = {
          w0: actor.trust === 'member',
          w1: actor.trust === 'member' && actor.person !== null && actor.teams.includes('payments'),
          w2: actor.trust === 'member' && actor.person === 'usr_sam',
          w3: actor.trust === 'member' || actor.trust === 'collaborator',
          w4: actor.trust === 'bot' && actor.id === 'x:1',
          w5: actor.trust === 'source',
          w6: ['member', 'collaborator', 'outsider'].includes(actor.trust),
        }
        const started = new Set(
          startsOf(matchPrepared(assigned({ actor }), prepared, new Map([['sam', 'usr_sam']]))).map(({ id }) =>
            id.slice(3),
          ),
        )
        for (const [name, may] of Object.entries(allowed)) expect([name, started.has(name)]).toEqual([name, may])
      },
    ),
    { numRuns: 1_000 },
  )
})

test('of 10,000 workflows the 100 that listen answer, the others stand elsewhere', () => {
  const [here] = [workflow('here', '{ linear: { event: issue_assigned, team: Payments } }')]
  const there = workflow('there', '{ linear: { event: issue_created } }')
  const prepared = prepareWorkflows(
    Array.from({ length: 10_000 }, (_, i) => ({ ...(i % 100 === 0 ? here : there), id: `wf_${i}` })),
  )
  const report = matchPrepared(assigned(), prepared)
  expect([report.answers.length, report.elsewhere.length]).toEqual([100, 9_900])
  // Outside senders choose event names: what nobody listens to is kept nowhere.
  for (let n = 0; n < 100; n++) matchPrepared(assigned({ tool: 'webhook', event: `strange ${n}` }), prepared)
  expect([...prepared.elsewhere.keys()]).toEqual(['linear.issue_assigned'])
})

test('two of one name stand in the order of their ids, whichever came first', () => {
  const held = workflow('w', '{ linear: { event: issue_assigned } }')
  const two = [
    { ...held, id: 'wf_b' },
    { ...held, id: 'wf_a' },
  ]
  for (const all of [two, two.toReversed()])
    expect(match(assigned(), all).answers.map(({ id }) => id)).toEqual(['wf_a', 'wf_b'])
})

test('what workflows share is told anew for each event, as if it were the first', () => {
  const teams = ['Payments', 'payments', 'Payments', 'Eng', 'payments']
  const workflows = teams.map((team, i) =>
    workflow(`w${i}`, `{ linear: { event: issue_assigned, team: ${team}, labels: { contains: bug } } }`),
  )
  const prepared = prepareWorkflows(workflows)
  const events: Record<string, string | string[]>[] = [
    { team: 'Payments' },
    { team: 'Eng', labels: ['bug'] },
    { team: 'payments', labels: ['Bug'] },
    {},
  ]
  for (const fields of [...events, ...events.toReversed()]) {
    const event = assigned({ fields })
    expect(matchPrepared(event, prepared)).toEqual(match(event, workflows))
  }
  expect(new Set(matchPrepared(assigned({ fields: events[1]! }), prepared).answers.map(({ why }) => why)).size).toBe(3)
})
