/** The gates of the story: a change in its second round, a plan, a command, a question, an action, one whose bytes are away. */
import { decideCommand } from '@viewportai/core/policy/command'
import { subjectDigest, type Change, type ChangedFile, type Subject } from '@viewportai/core/gate/subject'
import type { GateCard, GateItem } from '@viewportai/core/view/shapes'
import { body, patchText, planText } from './bodies.ts'
import { jess, minute, now, can } from './people.ts'

export const usage = (dollars: number, tokens: number) => ({
  inputTokens: Math.round(tokens * 0.9),
  outputTokens: Math.round(tokens * 0.1),
  cachedTokens: 0,
  usdMicros: Math.round(dollars * 1_000_000),
  source: 'gateway' as const,
})
export const unknownUsage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  usdMicros: null,
  source: 'unavailable' as const,
}
const changed = (
  path: string,
  added: number,
  removed: number,
  status: ChangedFile['status'] = 'modified',
): ChangedFile => ({ path, from: null, status, mode: '100644', added, removed, binary: false })
const id = (letter: string) => letter.repeat(40)

export const plan = body(planText, 'plan', 'text/markdown')
export const patches = { 1: body(patchText(1), 'patch', 'text/x-diff'), 2: body(patchText(2), 'patch', 'text/x-diff') }
export const change = (round: 1 | 2): Change => ({
  repo: 'acme/payments-api',
  base: `9d2e07${id('1').slice(6)}`,
  commit: `5be01c${id('2').slice(6)}`,
  tree: `3f9c52${id('3').slice(6)}`,
  patch: patches[round].digest,
  files: [
    changed('apps/api/Checkout/PaymentService.php', round === 1 ? 2 : 6, 2),
    changed('apps/api/Checkout/RetryHandler.php', 2, 1),
    changed('apps/api/tests/CheckoutRetryTest.php', 11, 0, 'added'),
    ...(round === 2 ? [changed('database/migrations/2026_11_12_idempotency.php', 8, 0, 'added')] : []),
  ],
})
export const planned = [
  'apps/api/Checkout/RetryHandler.php',
  'apps/api/Checkout/PaymentService.php',
  'apps/api/tests/CheckoutRetryTest.php',
]

const vote = (
  handle: string,
  verdict: GateCard['votes'][number]['verdict'],
  at: number,
  digest: string,
  lines: GateCard['votes'][number]['lines'] = [],
) => ({
  person: `usr_${handle}`,
  name: `@${handle}`,
  verdict,
  at,
  digest,
  comment: null,
  lines,
  answer: null,
  selfApproved: false,
})

type Made = {
  item: Partial<GateItem> & Pick<GateItem, 'gate' | 'kind' | 'verb' | 'source' | 'title'>
  subject: Subject
  card?: Partial<GateCard>
}
const card = ({ item, subject, card: more }: Made): GateCard => ({
  run: 'run_2107',
  number: 2107,
  state: 'open',
  outcome: null,
  workflow: 'bug-to-pr',
  agent: 'codex',
  round: 1,
  tainted: false,
  openedAt: now - 6 * minute,
  closedAt: null,
  holdsRun: true,
  yours: true,
  myVerdict: null,
  ...item,
  name: item.kind === 'plan' ? 'plan_review' : item.kind === 'change' ? 'pr_approval' : item.kind,
  subject,
  digest: subjectDigest(subject),
  body: null,
  may: { decide: true, why: 'You are among the approvers: team payments.' },
  approvers: [{ principal: 'team:payments', label: 'team payments' }],
  required: 1,
  votes: [],
  excluded: [{ name: '@sam', why: 'assigned the ticket' }],
  expiresAt: null,
  reasons: [`${item.kind === 'plan' ? 'plan_review' : 'pr_approval'}: the workflow asks here.`],
  rules: [],
  plannedFiles: null,
  planBody: null,
  tests: null,
  previous: null,
  then: ['The run goes on as you answer.'],
  leaves: subject.kind === 'change' || (subject.kind === 'command' && subject.push) ? 'push' : null,
  isolation: can.isolation,
  agentVersion: '0.58.0',
  agentTested: true,
  usage: usage(2.41, 647_000),
  budgetUsd: 5,
  held: { runner: 'rnr_1', name: 'payments-vps', online: true, lastSeen: now },
  voters: 2,
  pushesRefused: 0,
  choices: subject.kind === 'question' ? subject.choices : [],
  withdrawable: false,
  next: null,
  ...more,
})

const changeSubject = (round: 1 | 2): Subject => ({
  kind: 'change',
  run: 'run_2107',
  step: 'implement',
  round,
  change: change(round),
  ref: 'refs/heads/vp/pay-1842',
  protected: round === 2 ? ['database/migrations/2026_11_12_idempotency.php'] : [],
})
const check = (passed: number, failed: number) => ({
  command: 'composer test',
  exit: failed ? 1 : 0,
  millis: 41_000,
  tests: { passed, failed },
  log: null,
})
const away = body('this text is on a machine that is away', 'plan', 'text/markdown', true)

export const cards: GateCard[] = [
  card({
    item: {
      gate: 'gate_2107-2',
      kind: 'change',
      verb: 'Push 4 files to acme/payments-api',
      source: 'PAY-1842',
      title: 'Fix double-charge on checkout retry',
      round: 2,
      tainted: true,
    },
    subject: changeSubject(2),
    card: {
      body: patches[2],
      required: 2,
      votes: [vote('dana', 'approve', now - 3 * minute, subjectDigest(changeSubject(2)))],
      reasons: ['pr_approval: database/migrations/2026_11_12_idempotency.php is protected, so one approver more.'],
      plannedFiles: planned,
      planBody: plan,
      tests: { before: [check(212, 3)], after: [check(215, 0)], passed: true, rounds: 2 },
      previous: {
        gate: 'gate_2107-1',
        round: 1,
        digest: subjectDigest(changeSubject(1)),
        subject: changeSubject(1),
        body: patches[1],
        votes: [
          vote('jess', 'request_changes', now - 11 * minute, subjectDigest(changeSubject(1)), [
            {
              path: 'apps/api/Checkout/PaymentService.php',
              line: 63,
              side: 'new',
              text: 'Derive the key from the order. A retry must find the first charge.',
            },
          ]),
        ],
      },
      then: ['payments-vps pushes vp/pay-1842; Viewport opens the change.', 'slack.comment.'],
    },
  }),
  card({
    item: {
      gate: 'gate_977-1',
      kind: 'plan',
      verb: 'Merge 14 duplicate-charge tickets',
      source: 'SUP-977',
      title: 'Merge 14 duplicate-charge tickets',
      workflow: 'ticket-triage',
      agent: 'claude',
      openedAt: now - 4 * minute,
      tainted: true,
    },
    subject: { kind: 'plan', run: 'run_2107', step: 'plan', round: 1, body: plan.digest, files: planned, steps: 6 },
    card: {
      body: plan,
      agentVersion: '2.3.1',
      usage: usage(0.38, 96_000),
      then: ['codex implements it on the same runner.', 'The checks run.', 'pr_approval asks again before it leaves.'],
    },
  }),
  card({
    item: {
      gate: 'gate_5521-1',
      kind: 'command',
      verb: 'Run composer require brick/money',
      source: 'CI #5521',
      title: 'Nightly currency rounding test fails',
      workflow: 'ci-repair',
      openedAt: now - 11 * minute,
    },
    subject: {
      kind: 'command',
      run: 'run_2107',
      step: 'implement',
      round: 1,
      argv: ['composer', 'require', 'brick/money', '--no-interaction; rm -rf /', 'g\u0456t'],
      cwd: '/srv/payments-api',
      push: null,
      reason: 'The test needs exact decimal arithmetic.',
    },
    card: {
      reasons: [
        'The agent asked before it runs this.',
        "The workflow's rules for commands say ask: the rule `composer require *` asks.",
      ],
      rules: decideCommand(
        ['composer', 'require', 'brick/money', '--no-interaction; rm -rf /', 'g\u0456t'],
        { allow: ['composer test'], ask: ['composer require *'], deny: ['terraform *'] },
        { sandboxed: false },
      ).trace,
    },
  }),
  card({
    item: {
      gate: 'gate_555-1',
      kind: 'action',
      verb: 'Reply in #support to the reporter',
      source: '#support',
      title: 'Receipt email shows the wrong time zone',
      workflow: 'support-to-pr',
      openedAt: now - 31 * minute,
    },
    subject: {
      kind: 'action',
      run: 'run_2107',
      step: 'reply',
      round: 1,
      action: 'slack.comment',
      target: '#support, thread 1763.0412',
      params: { text: 'The receipt now shows the time of your own zone.\nIt ships with PR #1907.', unfurl: false },
    },
  }),
  card({
    item: {
      gate: 'gate_1839-1',
      kind: 'question',
      verb: 'Which command proves this change?',
      source: 'PAY-1839',
      title: 'Ledger export drops the last page',
      openedAt: now - 65 * minute,
    },
    subject: {
      kind: 'question',
      run: 'run_2107',
      step: 'verify',
      round: 1,
      about: 'checks',
      text: 'Which command proves this change? The repository declares no checks.',
      body: null,
      choices: [
        { id: 'run', label: 'Run this command', text: 'required' },
        { id: 'none', label: 'Go on without checks', text: 'optional' },
        { id: 'stop', label: 'Stop the run', text: 'none' },
      ],
    },
  }),
  card({
    item: {
      gate: 'gate_600-1',
      kind: 'plan',
      verb: 'Refresh the retry policy page',
      source: 'docs',
      title: 'Refresh the retry policy page',
      workflow: 'docs-refresh',
      agent: 'claude',
      openedAt: now - 6 * 60 * minute,
      holdsRun: false,
    },
    subject: {
      kind: 'plan',
      run: 'run_2107',
      step: 'plan',
      round: 1,
      body: away.digest,
      files: ['docs/retry.md'],
      steps: 2,
    },
    card: {
      body: away,
      held: { runner: 'rnr_2', name: 'acme-mbp', online: false, lastSeen: now - 22 * minute },
      usage: unknownUsage,
      isolation: { ...can.isolation, level: 'none', processes: 'sweep', network: 'open' },
    },
  }),
]
const decided = (
  gate: string,
  verb: string,
  source: string,
  outcome: string,
  age: number,
  kind: GateItem['kind'] = 'plan',
): GateCard =>
  card({
    item: {
      gate,
      kind,
      verb,
      source,
      title: verb,
      state: 'closed',
      outcome,
      closedAt: now - age * minute,
      openedAt: now - (age + 8) * minute,
      myVerdict: outcome === 'rejected' ? 'reject' : outcome === 'approved' ? 'approve' : 'request_changes',
      yours: false,
    },
    subject: { kind: 'plan', run: 'run_2107', step: 'plan', round: 1, body: plan.digest, files: [], steps: 4 },
    card: {
      body: plan,
      may: { decide: false, why: 'This is decided.' },
      votes: [vote('jess', 'approve', now - age * minute, plan.digest)],
      next: 'gate_2107-2',
      withdrawable: age < 26,
    },
  })
export const closed: GateCard[] = [
  decided('gate_2107-1', 'Push 4 files, round 1', 'PAY-1842', 'changes_requested', 11, 'change'),
  decided('gate_a', 'Refund button after a timeout, 4 steps', '#support', 'approved', 24),
  decided('gate_b', 'Fix double-charge on checkout retry', 'PAY-1842', 'approved', 28),
  decided('gate_c', 'Remember the staging password', 'ci-repair', 'rejected', 180),
]

/** The item of a card: exactly the keys of GateItem. */
export const itemOf = (one: GateCard): GateItem => {
  const {
    gate,
    run,
    number,
    kind,
    state,
    outcome,
    verb,
    source,
    title,
    workflow,
    agent,
    round,
    tainted,
    openedAt,
    closedAt,
    holdsRun,
    yours,
    myVerdict,
  } = one
  return {
    gate,
    run,
    number,
    kind,
    state,
    outcome,
    verb,
    source,
    title,
    workflow,
    agent,
    round,
    tainted,
    openedAt,
    closedAt,
    holdsRun,
    yours,
    myVerdict,
  }
}
export const viewer = jess
