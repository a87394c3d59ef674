import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { compileWorkflow } from './compile.ts'
import { WorkflowError } from './mistake.ts'
import { compiled, errorLines, errorsOf, landingPage, longForm } from './testing/examples.ts'

test('every mistake of a file at once, each in its place, with the nearest word and what mends it', () => {
  const source = `nme: bug-to-pr
trigger:
  linear: { event: issue_asigned, teem: Payments }
repos:
  - acme/payments-api
  - acme/x: { acess: read, ref: 1.10 }
approvals:
  - plan_reviw
  - pr_approval: { approvers: [payments, "@dana"], required: 0 }
actions:
  - slack.coment
runner: { isolation: sandbx }
zebra: 1
`
  expect(
    errorsOf(source).map(({ line, column, endLine, endColumn, path, nearest, fix }) => [
      line,
      column,
      endLine,
      endColumn,
      path.join('.'),
      nearest,
      fix?.text ?? null,
    ]),
  ).toEqual([
    [1, 1, 1, 4, 'nme', 'name', 'name'],
    [3, 20, 3, 33, 'trigger.linear.event', 'issue_assigned', 'issue_assigned'],
    [3, 35, 3, 39, 'trigger.linear.teem', 'team', 'team'],
    [6, 15, 6, 20, 'repos.1.acme/x.acess', 'access', 'access'],
    [6, 33, 6, 37, 'repos.1.acme/x.ref', null, '"1.10"'],
    [8, 5, 8, 15, 'approvals.0', 'plan_review', 'plan_review'],
    [9, 32, 9, 40, 'approvals.1.pr_approval.approvers.0', null, 'team:payments'],
    [9, 42, 9, 49, 'approvals.1.pr_approval.approvers.1', null, 'user:dana'],
    [9, 62, 9, 63, 'approvals.1.pr_approval.required', null, null],
    [11, 5, 11, 17, 'actions.0', 'slack.comment', 'slack.comment'],
    [12, 22, 12, 28, 'runner.isolation', 'sandbox', 'sandbox'],
    [13, 1, 13, 6, 'zebra', null, null],
  ])
  expect(errorsOf(source)[9]).toEqual({
    code: 'unknown_word',
    file: 'w.yaml',
    line: 11,
    column: 5,
    endLine: 11,
    endColumn: 17,
    offset: 247,
    endOffset: 259,
    path: ['actions', 0],
    message: '`slack.coment` is not an action. Nearest: slack.comment.',
    found: '`slack.coment`',
    expected: expect.stringContaining('github.open_pr'),
    nearest: 'slack.comment',
    fix: { label: 'Use slack.comment', from: 247, to: 259, text: 'slack.comment' },
  })
})

test('applying every fix mends what can be mended by a click', () => {
  const broken = landingPage
    .replace('name:', 'nam:')
    .replace('issue_assigned', 'issue_asigned')
    .replace('plan_review', 'plan_reviw')
    .replace('slack.comment', 'slack.coment')
    .replace('acme/payments-api', 'https://github.com/acme/payments-api.git')
    .replace('pool:', 'pol:')
  const fixes = errorsOf(broken).map((error) => error.fix!)
  expect(fixes).toHaveLength(6)
  const mended = fixes
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), broken)
  expect(mended).toBe(landingPage)
})

const base = 'name: w\nrepos: acme/api\n'
describe('one mistake each', () => {
  test.each<[string, RegExp]>([
    // the file
    ['', /^1:1 wrong_value A workflow is a mapping/],
    ['just text', /^1:1 wrong_value .*`just text`/],
    ['- a\n- b', /found a list/],
    ['name: w\nrepos: a\nname: x', /^3:1 duplicate_key/],
    ['name: a\n---\nname: b', /^2:1 yaml A second document/],
    ['name: w\nrepos:\n\t- a', /^3:1 yaml A tab/],
    ['name: *x', /^1:7 yaml The alias \*x/],
    ['name: !js x', /^1:7 yaml Tags/],
    ['%YAML 1.1\n---\nname: w', /^1:1 yaml Only YAML 1.2/],
    ['name: w\nrepos: acme/api\u202e', /^2:16 hidden_character .*U\+202E/],
    ['name: w\ndescription: "a\\u200bb"\nrepos: a', /^2:14 hidden_character/],
    ['name: w\ndescription: "\\ud800"\nrepos: a', /^2:14 hidden_character/],
    [`name: w\n# ${'x'.repeat(262_144)}`, /^1:1 too_large .*256 kB/],
    [`name: ${'['.repeat(60)}`, /too_deep/],
    [`name: w\n${'#\n'.repeat(10_000)}`, /too_large .*10000 lines/],
    [Array.from({ length: 5_001 }, (_, n) => `k${n}:`).join('\n'), /too_large .*more than 5000 values/],
    [`repos: [${'a,'.repeat(5_001)}]`, /too_large .*more than 5000 values/],
    [
      `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`).join('\n')}`,
      /too_large .*5000 values/,
    ],
    ['name: w\nrepos: &r [a, *r]', /holds itself/],
    ['repos: acme/api', /^1:1 missing `name` is missing/],
    // names
    ['name: Bug To PR\nrepos: a', /^1:7 wrong_value `Bug To PR` is not a name of small letters/],
    ['name: w\nrepos: a/../b', /^2:8 wrong_value/],
    ['name: w\nrepos: git@github.com:acme/api.git', /is not a repository/],
    ['name: w\nrepos: { a: , b: }', /Several of these may be written/],
    ['name: w\nrepos: [Acme/API, acme/api]', /^2:19 duplicate/],
    [`${base}team: "Team A"`, /short name of a team/],
    [`name: w\nrepos: { acme/api: { ref: "a..b" } }`, /not the name of a branch/],
    [`name: w\nrepos: { acme/api: { write: ["../x"] } }`, /is not a path or glob/],
    [`name: w\nrepos: { acme/api: { write: [] } }`, /say `access: read`/],
    [`name: w\nrepos: [acme/api, acme/b: { access: read, write: ["x"] }]`, /may only be read/],
    [`name: w\nrepos: { acme/api: { access: read } }`, /^2:1 contradiction implement changes code/],
    ['name: w', /implement changes code, and there is no repository/],
    [`${base}language: 2`, /the number 2 is not 1, the version/],
    // triggers
    [`${base}trigger: github`, /^3:1 missing Which event of GitHub/],
    [`${base}trigger: { linear: {} }`, /Which event of Linear/],
    [`${base}trigger: { teams: {} }`, /`teams` is not a key of a trigger/],
    [`${base}trigger: linaer`, /`linaer` is not a tool\. Nearest: linear/],
    [
      `${base}trigger: { linear: { event: issue_created, label: bug } }`,
      /unknown_field The event issue_created of Linear has no field `label`\. Nearest: labels/,
    ],
    [
      `${base}trigger: { linear: { event: issue_created, team: { startswith: x } } }`,
      /`startswith` is not a key of an operator/,
    ],
    [`${base}trigger: { linear: { event: issue_created, team: { prefix: x, glob: y } } }`, /exactly one operator/],
    [`${base}trigger: { linear: { event: issue_created, priority: high } }`, /`priority` of Linear is a number/],
    [`${base}trigger: { linear: { event: issue_created, priority: { prefix: h } } }`, /prefix compares texts/],
    [`${base}trigger: { linear: { event: issue_created, team: { gt: 4 } } }`, /gt compares numbers/],
    [`${base}trigger: { linear: { event: issue_created, team: { not: { gt: 4 } } } }`, /gt compares numbers/],
    [`${base}trigger: { linear: { event: issue_created, team: [] } }`, /at least one value/],
    [`${base}trigger: { schedule: { } }`, /`cron` is missing/],
    [`${base}trigger: { schedule: { cron: "0 25 * * *" } }`, /`25` is no hour/],
    [`${base}trigger: { schedule: { cron: "* * * *" } }`, /it has 4 fields/],
    [`${base}trigger: { schedule: { cron: "0 9 * * *", timezone: "Middle Earth" } }`, /no time zone/],
    [`${base}trigger: { manual: { started_by: "@dana" } }`, /one who may start it/],
    [`${base}trigger: { manual: { inputs: { a: { required: true, default: x } } } }`, /has a default/],
    [`${base}trigger: { manual: { inputs: { a: { type: number, default: x } } } }`, /default of `a` is not a number/],
    [`${base}trigger: { manual: { inputs: { A: string } } }`, /`A` is not the name of an input/],
    [`${base}trigger: { slack: { channel: #support\n  } }`, /A # begins a comment; put it in quotes/],
    [
      `${base}trigger: { github: { event: issue_opened, started_by: anyone } }`,
      /anyone_writes Anyone may start this, outsiders too/,
    ],
    // context, budget, runner
    [`${base}context: { repo: acme/other, paths: x }`, /acme\/other is not below `repos`/],
    ['name: w\nrepos: [a, b: { access: read }]\ncontext: { paths: x }', /Paths of which repository/],
    [`${base}context: [a, a]`, /named twice/],
    [`${base}budget: { time: 45 }`, /the number 45 is not a duration/],
    [`${base}budget: { usd: 0 }`, /more than nothing/],
    [`${base}budget: { usd: "5 EUR" }`, /`5 EUR` is not dollars/],
    [`${base}budget: { tokens: 2m }`, /number of tokens/],
    [`${base}budget: { time: 30d }`, /at most 7 days/],
    [`${base}concurrency: { limit: 0 }`, /whole number from 1/],
    [`${base}concurrency: { key: "{{ trigger.nothing }}" }`, /^3:22 template `trigger.nothing` names nothing/],
    [`${base}concurrency: { key: "{{ actions.git.open_change.url }}" }`, /names nothing that can be there/],
    [`${base}runner: { requires: "node 22" }`, /a label, a tool or an agent, with or without a version/],
    [`${base}agents: { edit: a, implement: b }`, /two words for one mode/],
    [`${base}agents: { plan: { agent: a, model: "two words" } }`, /the name of a model as its provider writes it/],
    [`${base}agents: { plan: { model: m } }`, /agent/],
    [`${base}steps: [{ mode: plan, model: m }]`, /plan asks for a model and names no agent/],
    // approvals and actions
    [`${base}approvals: [plan_review, plan_review]`, /named twice/],
    [`${base}approvals: [slack.comment]`, /it is not among the actions/],
    [`${base}approvals: { pr_approval: { approvers: [user:a], required: 2 } }`, /2 must decide, and only 1 is named/],
    [`${base}approvals: { pr_approval: { on_expiry: reject } }`, /never expires/],
    [`${base}approvals: { pr_approval: { expires_after: 100d } }`, /at most 90 days/],
    [`${base}approvals: { pr_approval: { of: plan } }`, /`of` is not a key of a gate/],
    [
      `${base}actions: [github.open_pr: { drft: true }]`,
      /`drft` is not a key of the action github.open_pr\. Nearest: draft/,
    ],
    [`${base}actions: { github.open_pr: , slack.comment: }`, /one action per entry/],
    [`${base}actions: [github.create_issue: { repo: acme/api }]`, /`title` is missing/],
    [
      `${base}actions: [github.create_issue: { repo: acme/other, title: x }]`,
      /acme\/other` is not a repository of this workflow/,
    ],
    [`${base}actions: [linear.comment]`, /no trigger comes from linear, so say `issue`/],
    [`${base}actions: [git.merge]`, /git.merge needs git.open_change before it/],
    [`${base}actions: [git.open_change, git.open_change: { into: "a b" }]`, /is not the name of a branch/],
    [`${base}actions: [slack.message: { channel: ops, text: x }]`, /is not a channel/],
    [`${base}actions: [slack.message: { channel: "#{{ trigger.title }}", text: x }]`, /takes no `\{\{ \}\}`/],
    // steps
    [`${base}steps: []`, /`steps` is empty/],
    [`${base}steps: [plan]\nactions: git.open_change`, /`actions` is for workflows without `steps`/],
    [`${base}steps: [plan]\napprovals: plan_review`, /`approvals` is for workflows without `steps`/],
    [`${base}steps: [{ id: a }]`, /`mode` is missing/],
    [`${base}steps: [{ id: plan, mode: plann }]`, /`plann` is not a mode\. Nearest: plan/],
    [`${base}steps: [{ gaet: x, of: y }]`, /^3:11 unknown_key `gaet` is not a key of a gate\. Nearest: gate/],
    [`${base}steps: [plan, { gate: g, of: plam }]`, /^3:30 unknown_name There is no step `plam`\. Nearest: plan/],
    [
      `${base}steps: [plan, implement, verify, { gate: g, of: verify }]`,
      /verify is not a step with a plan or a change/,
    ],
    [`${base}steps: [{ mode: read }, { gate: g, of: read }]`, /read is not a step with a plan or a change/],
    [`${base}steps: [{ gate: plan_review }, plan]`, /plan_review needs a step with a plan or a change before it/],
    [`${base}steps: [{ gate: g, of: plan }, plan]`, /^3:24 wrong_order plan does not come before g/],
    [`${base}steps: [plan, { id: plan, mode: edit }, { mode: edit, id: plan }]`, /Two steps are called `plan`/],
    [
      `${base}steps: [{ id: a, mode: read, needs: b }, { id: b, mode: read, needs: a }]`,
      /wait for each other: (a <- b <- a|b <- a <- b)/,
    ],
    [`${base}steps: [{ id: a, mode: read, needs: a }]`, /a waits for itself/],
    [`${base}steps: [{ id: a, mode: read, needs: bb }]`, /There is no step `bb`/],
    [`${base}steps: [plan, { mode: edit, follows: nope }]`, /There is no step `nope`/],
    [`${base}steps: [plan, { mode: read, follows: plan }]`, /Only a step that edits follows a plan/],
    [`${base}steps: [implement, { mode: edit, of: implement }]`, /Only a step that reviews/],
    [`${base}steps: [plan, { mode: review }]`, /review needs a step that edits before it/],
    [`${base}steps: [{ run: npm test }]`, /verify needs a step that edits before it/],
    [`${base}steps: [implement, { run: npm test, max_rounds: 2 }]`, /say `fix_with`/],
    [`${base}steps: [implement, { run: "test {{ trigger.title }}" }]`, /Commands take no/],
    [`${base}steps: [{ mode: edit, commands: { allow: ["env *"] } }]`, /`env \*` cannot be allowed/],
    [`${base}steps: [{ mode: edit, commands: { deny: ["a;b"] } }]`, /a command pattern/],
    [`${base}steps: [{ mode: plan, context: other }]\ncontext: a`, /a step can only narrow/],
    [
      `${base}steps: [{ mode: plan, prompt: "{{ trigger.titel }}" }]`,
      /`trigger.titel` names nothing that can be there\. Nearest: trigger.title/,
    ],
    [`${base}steps: [{ mode: plan, prompt: "{{ a b }}" }]`, /`a b` is not a path/],
    [`${base}steps: [{ mode: plan, prompt: "{{ run.id" }]`, /not closed/],
    [`${base}steps: [{ mode: plan, prompt: "{{ inputs.x }}" }]`, /names nothing/],
    [`${base}steps: [{ mode: plan, prompt: "{{ constructor.name }}" }]`, /names nothing/],
    [`${base}steps: [{ id: constructor, mode: plan }]`, /the id of a step/],
    [`${base}steps: [plan, { gate: constructor, of: plan }]`, /the name of a gate/], // it is the step's id where none is written
    [`${base}steps: [plan, { gate: plan_review, expires_after: 0h }]`, /^3:51 wrong_value `expires_after` must be/],
    [`${base}steps: [plan, { gate: plan_review, remind_after: 0m }]`, /^3:50 wrong_value `remind_after` must be/],
    // safety
    [`${base}steps: [plan, implement, git.open_change]`, /^3:26 no_gate git.open_change shows code to others/],
    [`${base}steps: [implement, { gate: pr_approval, on_reject: continue }, git.open_change]`, /no_gate/],
    [
      `${base}steps: [implement, pr_approval, { id: again, mode: edit }, { action: git.open_change, of: again }]`,
      /no_gate .*no gate on again/,
    ],
    [`${base}steps: [implement, { gate: pr_approval }, { action: git.open_change, needs: [implement] }]`, /no_gate/],
    [
      'name: w\ntrigger: { linear: { event: issue_created } }\nrepos: [acme/api: { from_event: true }]',
      /contradiction acme\/api begins where the event says .*no trigger here tells of a branch/,
    ],
    [
      'name: w\ntrigger: { ci: {} }\nrepos: [acme/api: { from_event: true, ref: main }]',
      /either at `ref` or where the event says/,
    ],
    [
      `${base}steps: [{ id: look, mode: read }, { action: slack.comment, text: "{{ steps.look.text }}" }]`,
      /no_gate slack.comment shows others what look wrote, and nobody sees it before/,
    ],
    [
      `${base}steps: [{ id: look, mode: read }, { action: slack.comment, text: "{{ steps.lok.text }}" }]`,
      /steps\.lok\.text` names nothing.*steps\.look\.text/,
    ],
    [
      `${base}steps: [{ action: slack.comment, text: "{{ steps.look.text }}" }, { id: look, mode: read }]`,
      /names nothing/,
    ],
    [`${base}steps: [{ id: look, mode: read }, { mode: edit, prompt: "{{ steps.look.text }}" }]`, /names nothing/],
    [
      `${base}steps: [{ gate: g, of: say, approvers: codeowners }, { id: say, action: slack.message, channel: "#x", text: y }]`,
      /has no code owners/,
    ],
    [
      `${base}steps: [{ id: say, action: slack.message, channel: "#x", text: y }, { gate: g, of: say }]`,
      /so it must come before it/,
    ],
  ])('%j', (source, expected) => {
    const lines = errorLines(source)
    expect(lines.some((line) => expected.test(line))).toBe(true)
    expect(lines.length).toBeLessThanOrEqual(3) // one mistake does not become many
  })

  test.each([
    ['runner: 5', ['3:9 wrong_value the number 5 is not a pool, or { pool, isolation, requires }.']],
    [
      'steps: [5]',
      ['3:9 wrong_value the number 5 is not a step: a word, or a mapping with mode, run, gate, action or remember.'],
    ],
    ['steps: [plan, { gaet: x, of: plan }]', ['3:17 unknown_key `gaet` is not a key of a gate. Nearest: gate.']], // not also that `gate` is missing
    [
      'budget: { usd: -1, tokens: 0, time: 0 }', // every one at once, and no quotes where they mend nothing
      [
        '3:16 wrong_value the number -1 is not more than nothing, in dollars, such as 5.',
        '3:28 wrong_value the number 0 is not a number of tokens above zero, such as 2M.',
        '3:37 wrong_value the number 0 is not a duration, such as 45m or 24h.',
      ],
    ],
    ['verify: []', ['3:9 wrong_value an empty list is not commands; `verify: false` checks nothing.']],
    ['repos: c', ['3:1 duplicate_key `repos` stands here twice; the first is on line 2.']],
    [
      'steps: [{ id: p, mode: plan }, { id: p, mode: edit }]', // not also that p waits for itself
      ['3:38 duplicate Two steps are called `p`.'],
    ],
    ['context: [[a]]', ['3:11 wrong_value a list is not context: a name, { repo, paths }, or { history }.']],
  ])('%s: exactly %j', (source, expected) => expect(errorLines(base + source)).toEqual(expected))

  test.each([
    ['description: 5', true],
    ['budget: { time: 45 }', false],
    ['verify: [npm test, 7]', true],
    ['steps: [{ id: 7, mode: plan }]', false],
  ])('%s: quotes are offered where they mend it: %s', (line, offered) => {
    const read = compileWorkflow(base + line)
    const [error] = read.ok ? [] : read.errors
    expect(error?.fix ?? null).toEqual(offered ? expect.objectContaining({ label: 'Put it in quotes' }) : null)
  })

  test('saying that nobody is asked is heard', () =>
    expect(errorLines(`${base}approvals: []\nsteps: [plan, implement, git.open_change]`)).toEqual([]))
  test('a part that cannot be read hides no mistake of another, and starts none', () =>
    expect(
      errorLines(
        `${base}steps:\n  - { id: plan, mode: plann }\n  - { gate: g, of: plan }\n  - { mode: edit, id: e, prompt: "{{ nope.x }}" }\n  - { action: git.open_change }\nbudget: { time: 5 }`,
      ),
    ).toEqual([
      '4:23 unknown_word `plann` is not a mode. Nearest: plan.',
      '6:35 template `nope.x` names nothing that can be there.',
      '8:17 wrong_value the number 5 is not a duration, such as 45m or 24h.',
    ]))
})

describe('any text at all', () => {
  const check = (source: string): void => {
    const result = compileWorkflow(source, 'w.yaml')
    if (result.ok) return
    expect(result.errors.length).toBeGreaterThan(0)
    for (const error of result.errors) {
      WorkflowError.parse(error)
      expect(error.offset).toBeLessThanOrEqual(error.endOffset)
      expect(error.endOffset).toBeLessThanOrEqual(source.length)
      const before = source.slice(0, error.offset).split('\n')
      expect([error.line, error.column]).toEqual([before.length, before.at(-1)!.length + 1])
    }
  }
  test('is compiled or refused with errors that have a place', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), check), { numRuns: 1_000 }))
  test('so is every file with a piece cut, doubled or swapped', () => {
    const piece = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '#',
      '&a ',
      '*a',
      '<<: ',
      '!x ',
      '|',
      '>',
      '%',
      '@',
      '{{',
      '}}',
      '\u202e',
      '\r\n',
      '__proto__: 1\n',
      'constructor: x\n',
      'null',
      '1e999',
      '~',
    )
    fc.assert(
      fc.property(
        fc.constantFrom<string>(landingPage, longForm),
        fc.array(fc.tuple(fc.nat(2_500), fc.nat(12), piece as fc.Arbitrary<string>), { minLength: 1, maxLength: 4 }),
        (source, edits) =>
          check(
            edits.reduce(
              (text, [at, cut, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + cut),
              source,
            ),
          ),
      ),
      { numRuns: 1_000 },
    )
  })
  test('hostile texts end soon', () => {
    for (const text of [
      '['.repeat(200_000),
      '- '.repeat(100_000),
      '? '.repeat(100_000),
      '"'.repeat(200_000),
      '&a '.repeat(80_000),
      '*a '.repeat(80_000),
      '{a: '.repeat(60_000),
      `${'a: &a\n'.repeat(30_000)}`,
      Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      `steps: [${'plan,'.repeat(40_000)}]`,
      `name: ${'a'.repeat(260_000)}`,
    ]) {
      const started = performance.now()
      check(text)
      expect(performance.now() - started).toBeLessThan(25_000)
    }
  })
})

test('a compiled example has no errors', () => expect(compiled(longForm).name).toBe('support-to-pr'))

test.each([
  ['collaborator', 'collaborators'],
  ['Member', 'members'],
  ['payments', 'team:payments'],
  ['"@dana"', 'user:dana'],
])('started_by: %s is mended as %s, and the form of a bot is shown', (written, mended) => {
  const source = `name: w\nrepos: acme/x\ntrigger: { github: { event: issue_opened, started_by: [${written}] } }\n`
  const [error] = errorsOf(source)
  expect(error!.fix?.text).toBe(mended)
  expect(error!.message).toContain('bots:github:49699333')
})
