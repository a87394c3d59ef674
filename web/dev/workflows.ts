/** Workflows and deliveries of the story. */
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { minute, now } from './people.ts'

export const source = `name: bug-to-pr
team: payments
trigger:
  linear:
    event: issue_assigned
    team: Payments
repos:
  - acme/payments-api
  - acme/ledger-docs: { access: read }
context:
  - payments.domain-rules
  - checkout.runbook
agents: { plan: claude, implement: codex }
approvals:
  - plan_review
  - pr_approval
verify: ["composer install", "composer test"]
actions:
  - github.open_pr: { draft: true }
  - slack.comment
runner:
  pool: payments-secure
# comments and key order do not change the digest
`
const compiled = compileWorkflow(source)
if (!compiled.ok) throw new Error(compiled.errors.map((error) => error.message).join('\n'))

const missing = [
  {
    kind: 'connection' as const,
    name: 'linear',
    why: 'is not connected',
    fix: { label: 'Connect', href: null, command: 'viewport connect linear' },
  },
  {
    kind: 'repository' as const,
    name: 'acme/ledger-docs',
    why: 'payments-vps may not read it',
    fix: { label: 'Runners', href: '/runners', command: null },
  },
]
export const item = {
  id: 'wf_1',
  name: 'bug-to-pr',
  version: 7,
  digest: compiled.digest,
  enabled: true,
  ready: false,
  missing,
  team: 'payments',
  triggers: ['linear issue_assigned'],
  runs: 31,
  lastRunAt: now - 40 * minute,
}
export const workflow = {
  ...item,
  source,
  compiled: compiled.compiled,
  summary: compiled.summary.map(({ title, lines }) => ({
    title,
    lines: lines.map(({ text, default: isDefault }) => ({ text, isDefault })),
  })),
  resolved: [
    { kind: 'pool', name: 'payments-secure', to: '1 runner online, sandbox, 4 slots' },
    { kind: 'agent', name: 'claude, codex', to: 'on payments-vps, tested versions' },
    { kind: 'repository', name: 'acme/payments-api', to: 'main' },
  ],
  versions: [
    { version: 7, digest: compiled.digest, savedBy: '@dana', savedAt: now - 10 * 1440 * minute, note: null },
    {
      version: 6,
      digest: '40c7aa'.padEnd(64, '1'),
      savedBy: '@jess',
      savedAt: now - 19 * 1440 * minute,
      note: 'one more context source',
    },
  ],
}
export const manual = {
  ...item,
  id: 'wf_2',
  name: 'docs-refresh',
  version: 3,
  ready: true,
  missing: [],
  triggers: ['by hand'],
  runs: 4,
  team: 'eng',
}

const condition = (field: string, expected: string, found: string, pass = true) => ({ field, expected, found, pass })
const actor = { pass: true, why: '@sam is a member' }
export const delivery = {
  id: 'dlv_1',
  source: 'linear',
  tool: 'linear',
  event: 'issue_assigned',
  title: 'PAY-1842 assigned',
  actor: '@sam',
  at: now - 42 * minute,
  state: 'processed' as const,
  verdict: 'started run 2107',
  matched: 1,
  repeats: 0,
  runs: [{ run: 'run_2107', number: 2107, workflow: 'bug-to-pr' }],
}
export const why = {
  ...delivery,
  eventRead: {
    tool: 'linear',
    event: 'issue_assigned',
    id: 'd1',
    at: now,
    actor: { id: 'linear:1', name: '@sam', trust: 'member' as const, person: 'usr_sam', teams: ['payments'] },
    subject: { label: 'PAY-1842', title: 'Fix double-charge on checkout retry', url: null },
    fields: { team: 'Payments', labels: ['bug', 'checkout'] },
    text: 'A retry of the checkout charges twice.',
    outsideText: true,
  },
  lines: [
    {
      workflow: 'wf_1',
      name: 'bug-to-pr',
      version: 7,
      matched: true,
      near: false,
      conditions: [
        condition('event', 'issue_assigned', 'issue_assigned'),
        condition('team', 'Payments', 'Payments'),
        condition('own events', 'not from a run', 'a person'),
      ],
      actor,
      why: 'Every condition holds.',
      run: 'run_2107',
    },
    {
      workflow: 'wf_2',
      name: 'docs-refresh',
      version: 3,
      matched: false,
      near: true,
      conditions: [
        condition('event', 'issue_assigned', 'issue_assigned'),
        condition('team', 'Payments or Eng', 'Payments'),
        condition('labels', 'contains runbook', 'bug, checkout', false),
      ],
      actor,
      why: 'One condition fails: labels.',
      run: null,
    },
    {
      workflow: 'wf_3',
      name: 'ticket-triage',
      version: 11,
      matched: false,
      near: false,
      conditions: [
        condition('event', 'issue_created', 'issue_assigned', false),
        condition('team', 'Support', 'Payments', false),
      ],
      actor,
      why: 'It listens to other events.',
      run: null,
    },
  ],
  dedupe: 'new',
  problem: null,
}
