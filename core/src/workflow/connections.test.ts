import { expect, test } from 'vitest'
import { connectionsNeeded, namesNeeded } from './connections.ts'
import { resultWord } from './result-word.ts'
import { compiled, landingPage, longForm } from './testing/examples.ts'

test('the file of the landing page needs Linear, GitHub and Slack', () =>
  expect(connectionsNeeded(compiled(landingPage))).toEqual([
    { tool: 'github', for: ['action github.open_pr'] },
    { tool: 'linear', for: ['trigger issue_assigned'] },
    { tool: 'slack', for: ['action slack.comment'] },
  ]))

test('what is part of Viewport needs no connection', () =>
  expect(
    connectionsNeeded(
      compiled(
        'name: w\nrepos: a\ntrigger: [manual, api, { webhook: { source: alerts } }, { schedule: { cron: "0 9 * * *" } }]\nactions: [git.open_change, git.merge, webhook.send: { to: ops }]',
      ),
    ),
  ).toEqual([]))

test('every other name', () => {
  expect(namesNeeded(compiled(longForm))).toEqual({
    repos: ['acme/payments-api', 'acme/runbooks'],
    pool: 'payments-secure',
    agents: ['claude', 'codex'],
    agentModes: [],
    teams: ['payments', 'support'],
    users: ['dana'],
    roles: [],
    onCall: [],
    context: ['support-runbook'],
    sources: [],
    targets: [],
    codeowners: true,
  })
  expect(
    namesNeeded(
      compiled(
        'name: w\nrepos: a\ntrigger: { webhook: { source: [alerts, crashes] } }\napprovals: { plan_review: { approvers: [on-call, "on-call:db", "role:admin"], expires_after: 1h, on_expiry: { escalate: "team:leads" } } }\nactions: [webhook.send: { to: ops }]',
      ),
    ),
  ).toEqual({
    repos: ['a'],
    pool: null,
    agents: [],
    agentModes: ['edit', 'plan'],
    teams: ['leads'],
    users: [],
    roles: ['admin'],
    onCall: ['', 'db'],
    context: [],
    sources: ['alerts', 'crashes'],
    targets: ['ops'],
    codeowners: false,
  })
})

test.each([
  ['actions: [github.open_pr, slack.comment]', 'PR'],
  ['actions: gitlab.open_mr', 'MR'],
  ['actions: git.open_change', 'change'],
  ['', 'change'],
  ['steps: [implement, { mode: review }]', 'change'],
  ['steps: [plan]', 'plan'],
  ['steps: [{ mode: read }]', 'answer'],
  ['steps: [{ mode: read }, { action: slack.message, channel: "#x", text: y }]', 'Slack'],
])('%s brings %s', (source, word) => expect(resultWord(compiled(`name: w\nrepos: a\n${source}`))).toBe(word))
