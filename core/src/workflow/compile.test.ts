import { describe, expect, test } from 'vitest'
import { compileWorkflow } from './compile.ts'
import { Compiled } from './compiled.ts'
import { defaults } from './defaults.ts'
import { StepGraph } from './graph.ts'
import { Summary } from './summary.ts'
import { compiled, errorLines, landingPage, landingPageAtLength, longForm } from './testing/examples.ts'

const write = (name: string, more = {}) => ({
  name,
  ref: null,
  access: 'write',
  write: ['**'],
  protect: [...defaults.protect],
  ...more,
})
const noCommands = { allow: [], ask: [], deny: [] }
const gate = {
  kind: 'gate',
  required: 1,
  exclude: ['requester'],
  expiresAfterSeconds: null,
  onExpiry: 'reject',
  onReject: 'stop',
  maxRounds: 3,
  remindAfterSeconds: 86_400,
}
const agent = { kind: 'agent', agent: null, prompt: null, follows: null, of: null, commands: noCommands, context: null }

describe('the three forms', () => {
  test('the file of the landing page compiles as it stands, every default written out', () =>
    expect(compiled(landingPage)).toEqual({
      language: 1,
      name: 'bug-to-pr',
      description: null,
      team: null,
      triggers: [
        {
          tool: 'linear',
          event: 'issue_assigned',
          where: { team: { is: ['Payments'] } },
          startedBy: ['members'],
          ownEvents: false,
          inputs: {},
        },
      ],
      repos: [write('acme/payments-api')],
      context: [
        { kind: 'name', name: 'payments.domain-rules' },
        { kind: 'name', name: 'checkout.runbook' },
      ],
      budget: { usd: 5, tokens: null, seconds: 2_700 },
      concurrency: null,
      steps: [
        { ...agent, id: 'plan', needs: [], mode: 'plan', restart: 'auto' },
        {
          ...gate,
          id: 'plan_review',
          needs: ['plan'],
          gate: 'plan',
          name: 'plan_review',
          of: 'plan',
          approvers: ['role:member'],
        },
        { ...agent, id: 'implement', needs: ['plan_review'], mode: 'edit', follows: 'plan', restart: 'ask' },
        {
          kind: 'run',
          id: 'verify',
          needs: ['implement'],
          of: 'implement',
          commands: null,
          fixWith: 'implement',
          maxRounds: 2,
          baseline: true,
          restart: 'auto',
        },
        {
          ...gate,
          id: 'pr_approval',
          needs: ['verify'],
          gate: 'change',
          name: 'pr_approval',
          of: 'implement',
          approvers: ['role:member'],
        },
        {
          kind: 'action',
          id: 'github_open_pr',
          needs: ['pr_approval'],
          action: 'github.open_pr',
          of: 'implement',
          params: { repo: 'acme/payments-api', title: '{{ run.title }}', draft: false, labels: [], reviewers: [] },
        },
        {
          kind: 'action',
          id: 'slack_comment',
          needs: ['github_open_pr'],
          action: 'slack.comment',
          of: null,
          params: { text: 'Proposed: {{ actions.github.open_pr.url }}' },
        },
      ],
      runner: { pool: 'payments-secure', isolation: null, requires: [] },
    }))

  test('the same meaning at length is the same', () => {
    expect(compiled(landingPageAtLength)).toEqual(compiled(landingPage))
    const [short, long] = [compileWorkflow(landingPage), compileWorkflow(landingPageAtLength)]
    if (!short.ok || !long.ok) throw new Error('both compile')
    expect(long.digest).toBe(short.digest)
    expect(long.summary).toEqual(short.summary)
  })

  test('a model is asked for by mode or by step, and stays with the agent it was chosen for', () => {
    const steps = compiled(`
name: models
repos: acme/api
agents: { plan: { agent: claude, model: claude-opus-5-5 }, implement: { agent: codex, model: gpt-6.1-sol }, review: claude }
steps:
  - plan
  - { mode: edit, id: usual }
  - { mode: edit, id: other, model: gpt-5.5 }
  - { mode: edit, id: another, agent: gemini }
  - { mode: review, model: "qwen2.5-coder:7b" }
  - pr_approval
  - action: git.open_change
`).steps.flatMap((step) => (step.kind === 'agent' ? [[step.id, step.agent, step.model]] : []))
    expect(steps).toEqual([
      ['plan', 'claude', 'claude-opus-5-5'],
      ['usual', 'codex', 'gpt-6.1-sol'],
      ['other', 'codex', 'gpt-5.5'],
      ['another', 'gemini', undefined],
      ['review', 'claude', 'qwen2.5-coder:7b'],
    ])
  })

  test('a workflow that asks for no model has the digest that it had before models could be asked for', () => {
    const result = compileWorkflow(landingPage)
    if (!result.ok) throw new Error('it compiles')
    expect(JSON.stringify(result.compiled)).not.toContain('model')
    expect(result.digest).toBe('4fe338b3df9cf9971bc53f0a930a4999b8016f717af2114f82f744536a5da28f')
  })

  test('the middle form opens what it needs', () => {
    const middle = compiled(`
name: middle
team: payments
trigger: manual
repos: acme/api
agents: { plan: claude, implement: codex }
approvals:
  - plan_review: { approvers: [team:payments], required: 2, exclude: [requester] }
  - pr_approval
verify: ["npm ci", "npm test"]
actions: [{ github.open_pr: { draft: true } }, slack.comment]
`)
    expect(middle.steps.map((step) => step.id)).toEqual([
      'plan',
      'plan_review',
      'implement',
      'verify',
      'github_open_pr',
      'pr_approval',
      'github_update_pr',
      'slack_comment',
    ])
    expect(middle.steps.find((step) => step.id === 'plan_review')).toMatchObject({
      approvers: ['team:payments'],
      required: 2,
    })
    expect(middle.steps.find((step) => step.id === 'pr_approval')).toMatchObject({
      approvers: ['team:payments'],
      required: 1,
    })
    expect(middle.steps.filter((step) => step.kind === 'agent').map((step) => step.agent)).toEqual(['claude', 'codex'])
    expect(middle.steps.find((step) => step.id === 'verify')).toMatchObject({ commands: ['npm ci', 'npm test'] })
    expect(middle.steps.find((step) => step.id === 'github_open_pr')).toMatchObject({ params: { draft: true } })
  })

  test('the long form', () => {
    const long = compiled(longForm)
    expect(long).toMatchObject({
      team: 'support',
      budget: { usd: 5, tokens: 2_000_000, seconds: 2_700 },
      concurrency: { key: '{{ trigger.ticket }}', limit: 1, whenFull: 'queue' },
      repos: [
        write('acme/payments-api', {
          ref: 'main',
          write: ['src/**', 'test/**'],
          protect: [...defaults.protect, 'infra/**'],
        }),
        { name: 'acme/runbooks', ref: null, access: 'read', write: [], protect: [] },
      ],
      context: [
        { kind: 'name', name: 'support-runbook' },
        { kind: 'paths', repo: 'acme/runbooks', paths: ['checkout/**/*.md'], max: 5 },
        { kind: 'history', of: 'same-ticket' },
      ],
      triggers: [
        { tool: 'slack', event: 'app_mention', where: { channel: { is: ['#support'] } }, startedBy: ['team:support'] },
        {
          tool: 'manual',
          event: 'requested',
          where: {},
          startedBy: ['members'],
          inputs: { ticket: { type: 'string', required: true, default: null, description: null } },
        },
      ],
      runner: { pool: 'payments-secure', isolation: 'sandbox', requires: ['node>=22', 'docker'] },
    })
    expect(long.steps).toMatchObject([
      { id: 'plan', agent: 'claude', mode: 'plan', prompt: 'Find the cause and propose a fix.' },
      {
        id: 'plan_review',
        of: 'plan',
        gate: 'plan',
        approvers: ['team:payments'],
        expiresAfterSeconds: 86_400,
        onExpiry: 'reject',
      },
      {
        id: 'implement',
        agent: 'codex',
        follows: 'plan',
        commands: { allow: [], ask: ['git push *'], deny: ['terraform *'] },
      },
      { id: 'verify', commands: ['npm ci', 'npm test'], fixWith: 'implement', maxRounds: 2 },
      { id: 'review', mode: 'review', of: 'implement', needs: ['verify'] },
      {
        id: 'pr_approval',
        of: 'implement',
        gate: 'change',
        approvers: ['codeowners', 'user:dana'],
        required: 2,
        needs: ['review'],
      },
      { id: 'github_open_pr', params: { draft: true } },
      { id: 'slack_comment' },
      { id: 'remember', kind: 'remember', text: 'what the next run should know', approvers: ['team:payments'] },
    ])
  })

  test('what a compilation brings fits its schemas, and the graph its steps', () => {
    const result = compileWorkflow(longForm)
    if (!result.ok) throw new Error('it compiles')
    expect(Compiled.parse(result.compiled)).toEqual(result.compiled)
    expect(Summary.parse(result.summary)).toEqual(result.summary)
    expect(StepGraph.parse(result.graph)).toEqual(result.graph)
    expect(result.graph.nodes.map(({ id, level }) => `${id} ${level}`)).toEqual([
      'plan 0',
      'plan_review 1',
      'implement 2',
      'verify 3',
      'review 4',
      'pr_approval 5',
      'github_open_pr 6',
      'slack_comment 7',
      'remember 8',
    ])
    const labels = new Map(result.graph.nodes.map(({ id, label }) => [id, label]))
    expect(['verify', 'plan_review', 'pr_approval'].map((id) => labels.get(id))).toEqual([
      'npm ci, npm test',
      'people decide on the plan',
      'people decide on the change',
    ])
    expect(result.graph.edges).toContainEqual({ from: 'verify', to: 'implement', kind: 'repairs' })
    expect(result.graph.edges).toContainEqual({ from: 'implement', to: 'pr_approval', kind: 'looks_at' })
  })
})

const base = 'name: w\nrepos: acme/api\n'
const steps = (source: string) => compiled(base + source).steps

describe('steps', () => {
  test('words stand for steps', () =>
    expect(
      steps('steps: [plan, plan_review, implement, verify, pr_approval, git.open_change]').map((step) => [
        step.id,
        step.kind,
      ]),
    ).toEqual([
      ['plan', 'agent'],
      ['plan_review', 'gate'],
      ['implement', 'agent'],
      ['verify', 'run'],
      ['pr_approval', 'gate'],
      ['git_open_change', 'action'],
    ]))
  test('words among steps mean what the short form means', () =>
    expect(steps('steps: [plan, plan_review, implement, verify, pr_approval, git.open_change]')).toEqual(
      steps('actions: git.open_change'),
    ))
  test('no approvals is both gates; an empty list is none, in words', () => {
    expect(
      steps('actions: git.open_change')
        .filter((step) => step.kind === 'gate')
        .map((step) => step.id),
    ).toEqual(['plan_review', 'pr_approval'])
    expect(steps('actions: git.open_change\napprovals: []').filter((step) => step.kind === 'gate')).toEqual([])
  })
  test('an action can be gated by its name', () => {
    const gated = steps(
      'approvals: [pr_approval, slack.message]\nactions: [git.open_change, slack.message: { channel: "#ops", text: hi }]',
    )
    expect(gated.slice(-2)).toMatchObject([
      { id: 'slack_message_approval', gate: 'action', of: 'slack_message', needs: ['git_open_change'] },
      { id: 'slack_message', needs: ['slack_message_approval'] },
    ])
    expect(
      steps('steps: [{ gate: look, of: say }, { id: say, action: slack.message, channel: "#ops", text: hi }]')[0],
    ).toMatchObject({ gate: 'action', of: 'say' })
  })
  test('needs let steps run side by side', () => {
    const beside = steps(
      'steps: [plan, { id: a, mode: read, needs: plan }, { id: b, mode: read, needs: [plan] }, { id: c, mode: edit, needs: [a, b] }]',
    )
    expect(beside.map(({ id, needs }) => [id, needs])).toEqual([
      ['plan', []],
      ['a', ['plan']],
      ['b', ['plan']],
      ['c', ['a', 'b']],
    ])
  })
  test('ids are given where none is written, and never twice', () =>
    expect(
      steps('steps: [implement, { mode: edit }, { id: implement_2, mode: edit }, { mode: edit }]').map(
        (step) => step.id,
      ),
    ).toEqual(['implement', 'implement_3', 'implement_2', 'implement_4']))
  test('verify: false leaves the checks out; a check can be opened', () => {
    expect(steps('verify: false').map((step) => step.id)).not.toContain('verify')
    expect(
      steps('verify: { run: make check, max_rounds: 0, baseline: false }').find((step) => step.kind === 'run'),
    ).toMatchObject({ commands: ['make check'], fixWith: null, maxRounds: 0, baseline: false })
  })
  test("a step's context that is the whole context is no narrowing", () =>
    expect(
      steps('context: [a, b]\nsteps: [{ mode: plan, context: [b, a] }, { mode: read, context: a }]'),
    ).toMatchObject([{ context: null }, { context: [{ kind: 'name', name: 'a' }] }]))
  test("the workflow's rules on commands join each step's", () =>
    expect(
      steps(
        'commands: { deny: ["terraform *"] }\nsteps: [{ mode: edit, commands: { ask: "git push *", deny: "rm *" } }, plan]',
      ),
    ).toMatchObject([
      { commands: { allow: [], ask: ['git push *'], deny: ['rm *', 'terraform *'] } },
      { commands: { allow: [], ask: [], deny: ['terraform *'] } },
    ]))
})

describe('triggers', () => {
  const triggers = (source: string) => compiled(`name: w\nrepos: acme/api\ntrigger: ${source}\n`).triggers
  test('without a trigger a person starts it', () =>
    expect(compiled(base).triggers).toMatchObject([{ tool: 'manual', event: 'requested', startedBy: ['members'] }]))
  test.each<[string, object[]]>([
    ['manual', [{ tool: 'manual', event: 'requested' }]],
    ['[manual, github.issue_opened]', [{ tool: 'manual' }, { tool: 'github', event: 'issue_opened' }]],
    [
      '{ manual: , slack: { channel: "#x" } }',
      [{ tool: 'slack', event: 'app_mention', where: { channel: { is: ['#x'] } } }, { tool: 'manual' }],
    ], // the order of keys means nothing
    [
      '{ github: { event: [pr_opened, pr_updated], repo: acme/api, draft: false } }',
      [{ event: 'pr_opened', where: { repo: { is: ['acme/api'] }, draft: { is: [false] } } }, { event: 'pr_updated' }],
    ],
    [
      '{ github: { event: issue_labeled, label: [bug, crash], labels: { not: wontfix }, title: { prefix: "[x]" }, number: { gt: 5 }, milestone: { exists: true } } }',
      [
        {
          where: {
            label: { is: ['bug', 'crash'] },
            labels: { not: { is: ['wontfix'] } },
            title: { prefix: '[x]' },
            number: { gt: 5 },
            milestone: { exists: true },
          },
        },
      ],
    ],
    [
      '{ webhook: { source: alerts, type: bug.reported, data: { severity: [high, critical], count: { gt: 3 } } } }',
      [
        {
          tool: 'webhook',
          event: 'received',
          startedBy: ['source', 'members'],
          where: {
            source: { is: ['alerts'] },
            type: { is: ['bug.reported'] },
            'data.severity': { is: ['high', 'critical'] },
            'data.count': { gt: 3 },
          },
        },
      ],
    ],
    [
      '{ schedule: { cron: "0 9 * * mon-fri", timezone: Europe/Berlin } }',
      [
        {
          tool: 'schedule',
          event: 'tick',
          startedBy: ['source'],
          where: { cron: { is: ['0 9 * * mon-fri'] }, timezone: { is: ['Europe/Berlin'] } },
        },
      ],
    ],
    [
      '{ schedule: { cron: "*/5 * * * *" } }',
      [{ where: { cron: { is: ['*/5 * * * *'] }, timezone: { is: ['UTC'] } } }],
    ],
    [
      '{ manual: { inputs: { a: string, b: { type: number, default: 3 }, c: { default: true, description: hm } } } }',
      [
        {
          inputs: {
            a: { type: 'string', required: false, default: null, description: null },
            b: { type: 'number', required: false, default: 3, description: null },
            c: { type: 'boolean', required: false, default: true, description: 'hm' },
          },
        },
      ],
    ],
    [
      '{ ci: { branch: main, own_events: true, started_by: [collaborators, "bots:github:49699333"] } }',
      [{ tool: 'ci', event: 'build_failed', ownEvents: true, startedBy: ['collaborators', 'bots:github:49699333'] }],
    ],
  ])('%s', (source, expected) => expect(triggers(source)).toMatchObject(expected))
})

test('YAML is read as YAML: anchors, aliases, merge keys, block texts', () => {
  const source = `
name: w
repos: acme/api
x-not: &people [team:a, user:b]
`
  expect(errorLines(source)[0]).toContain('`x-not` is not a key')
  expect(
    compiled(`
name: w
repos: [&api acme/api]
context: { repo: *api, paths: docs/** }
approvals:
  plan_review: &g { approvers: &people [team:a, user:b], required: 2 }
  pr_approval: { <<: *g, required: 1, exclude: [] }
description: >
  folded
  text
`).steps.filter((step) => step.kind === 'gate'),
  ).toMatchObject([
    { approvers: ['team:a', 'user:b'], required: 2, exclude: ['requester'] },
    { approvers: ['team:a', 'user:b'], required: 1, exclude: [] },
  ])
})

test('a file of 500 lines compiles', () => {
  const many = Array.from(
    { length: 45 },
    (_, i) => `
  - id: plan-${i}
    agent: claude
    mode: plan
    prompt: "Look at {{ trigger.title }} and part ${i}"
    needs: ${i === 0 ? '[]' : `[plan-${i - 1}]`}
  - gate: review-${i}
    of: plan-${i}
    approvers: [team:payments, user:dana]
    required: 1
    expires_after: 24h`,
  ).join('')
  const source = `name: long\nteam: payments\ntrigger: { github: { event: issue_opened } }\nrepos: acme/api\nsteps:${many}\n`
  expect(source.split('\n').length).toBeGreaterThan(450)
  expect(compiled(source).steps.length).toBeGreaterThan(80)
})
