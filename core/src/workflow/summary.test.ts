import { expect, test } from 'vitest'
import { summarize } from './summary.ts'
import { compiled, landingPage, longForm } from './testing/examples.ts'

const said = (source: string): string =>
  summarize(compiled(source))
    .map(
      ({ title, lines }) => `${title}\n${lines.map((line) => `  ${line.default ? '· ' : ''}${line.text}`).join('\n')}`,
    )
    .join('\n')

// What nobody wrote is marked by a dot, and every default is there.
test('the file of the landing page, in sentences', () =>
  expect(said(landingPage)).toBe(`Starts when
  Linear assigns an issue, where team is Payments.
  · Members of the workspace may start it.
  · Never what a run itself did.
May touch
  Write to acme/payments-api; the change goes there.
  · From the default branch of acme/payments-api.
  · Any file of acme/payments-api may change.
Protected
  · .github, CODEOWNERS, .viewport, agents' own settings, and what editors, installs and builds run by themselves (57 patterns): one approver more.
Context
  payments.domain-rules.
  checkout.runbook.
Steps
  · plan: the workspace's choice of agent reads and plans.
  · plan, implement: other commands are asked, unless they only read and a sandbox holds the agent. vpd holds every push; the rest is held only by an agent that asks before it runs a command.
  · plan: when its runner is lost, it starts again.
  · implement: the workspace's choice of agent changes code after the plan.
  · implement: when its runner is lost, a person is asked.
  · verify: the repository's own checks; when there are none, a person is asked.
  · verify: red checks go back to implement, at most twice; then a person is asked.
  · verify: the base is checked too, so that red before and green after are seen.
Asks
  · plan_review: one of the members of the workspace for the plan.
  · plan_review, pr_approval: never who asked for the run, unless alone; it is then marked as self-approved.
  · plan_review, pr_approval: it does not expire.
  · plan_review, pr_approval: a reminder in the timeline after 24h.
  · plan_review, pr_approval: a rejection ends the run; changes can be requested 3 times, then a person is asked.
  · pr_approval: one of the members of the workspace for the change.
May do
  Open a pull request on GitHub for acme/payments-api.
  · github_open_pr: title is “{{ run.title }}”.
  · github_open_pr: draft is false.
  Comment on Slack, in the thread it came from, else in the team's channel.
  slack_comment: text is “Proposed: {{ actions.github.open_pr.url }}”.
  · Linear is not told how a run goes.
Runs on
  Pool payments-secure.
  · With the isolation its runner has; every run shows which.
Stops at
  · $5.00.
  · 45m of work; waiting for a person does not count.
  · No cap in tokens.
  · Any number of runs at once.
  · 12 starts by the same issue, pull request or thread within 1h; the next one asks a person, and for 1h nothing more of it starts.
  · 3 runs in a row that woke each other; the next one asks a person.
  · 2 rounds in a row in which a step that was sent back brings the same change; then a person is asked.
  · github.open_pr: at most 3 times in one run, and in an hour as often as the workspace allows (60 unless it chose otherwise).
  · slack.comment: at most 10 times in one run, and in an hour as often as the workspace allows (60 unless it chose otherwise).`))

test('what a workspace switched on is told beside: settings of the repository that agents work in, on its default branch alone', () => {
  const lines = (source: string, name: string, branch = 'main'): string[] =>
    summarize(compiled(source), { agentSettings: [{ name, branch }] })
      .flatMap((group) => group.lines.map((line) => line.text))
      .filter((text) => text.startsWith('Agents load'))
  expect(lines(landingPage, 'acme/payments-api')).toEqual([
    'Agents load the settings that acme/payments-api has for them (hooks and servers, which are programs) as they are on main, where the runner trusts it too; never in a run that outside text reached.',
  ])
  expect(lines(landingPage, 'acme/other')).toEqual([])
  const form = compiled(landingPage)
  const onBranch = { ...form, repos: form.repos.map((repo) => ({ ...repo, ref: 'refs/heads/next' })) }
  const told = summarize(onBranch, { agentSettings: [{ name: 'acme/payments-api', branch: 'main' }] })
  expect(JSON.stringify(told)).not.toContain('Agents load')
})

test('the long form, in sentences', () =>
  expect(said(longForm)).toBe(`Starts when
  Slack mentions the app, where channel is #support.
  Team support may start it.
  · Never what a run itself did.
  A person starts it by hand, with ticket (a text, required).
  · Members of the workspace may start it.
May touch
  Write to acme/payments-api; the change goes there.
  From main of acme/payments-api.
  Only src/**, test/** may change in acme/payments-api.
  Read acme/runbooks.
  · From the default branch of acme/runbooks.
Protected
  · .github, CODEOWNERS, .viewport, agents' own settings, and what editors, installs and builds run by themselves (57 patterns): one approver more.
  infra/** in acme/payments-api: one approver more.
Context
  support-runbook.
  At most 5 of checkout/**/*.md in acme/runbooks.
  Earlier runs: same-ticket.
Steps
  plan: claude reads and plans.
  plan: it is told: “Find the cause and propose a fix.”
  · plan, implement, review: other commands are asked, unless they only read and a sandbox holds the agent. vpd holds every push; the rest is held only by an agent that asks before it runs a command.
  · plan, review: when its runner is lost, it starts again.
  implement: codex changes code after the plan.
  implement: commands: git push * asked and terraform * denied.
  · implement: when its runner is lost, a person is asked.
  verify: npm ci, npm test.
  · verify: red checks go back to implement, at most twice; then a person is asked.
  · verify: the base is checked too, so that red before and green after are seen.
  review: claude reviews implement.
  remember: proposes to remember: “what the next run should know”.
Asks
  plan_review: one of team payments for the plan.
  · plan_review, pr_approval: never who asked for the run, unless alone; it is then marked as self-approved.
  plan_review: after 24h it is rejected; waiting never approves.
  · plan_review, pr_approval: a reminder in the timeline after 24h.
  · plan_review, pr_approval: a rejection ends the run; changes can be requested 3 times, then a person is asked.
  pr_approval: 2 of the owners of the paths or user dana for the change.
  · pr_approval: it does not expire.
  remember: one of team payments before it is remembered.
May do
  Open a pull request on GitHub for acme/payments-api.
  github_open_pr: draft is true.
  · github_open_pr: title is “{{ run.title }}”.
  Comment on Slack, in the thread it came from, else in the team's channel.
  slack_comment: text is “Proposed: {{ actions.github.open_pr.url }}”.
  · One message in the thread in Slack says how a run goes, and is changed as it goes on.
Runs on
  Pool payments-secure.
  At least in a sandbox.
  Needs node>=22, docker.
Stops at
  · $5.00.
  · 45m of work; waiting for a person does not count.
  2M tokens.
  1 run at once for each {{ trigger.ticket }}; a further one waits.
  · 12 starts by the same issue, pull request or thread within 1h; the next one asks a person, and for 1h nothing more of it starts.
  · 3 runs in a row that woke each other; the next one asks a person.
  · 2 rounds in a row in which a step that was sent back brings the same change; then a person is asked.
  · github.open_pr: at most 3 times in one run, and in an hour as often as the workspace allows (60 unless it chose otherwise).
  · slack.comment: at most 10 times in one run, and in an hour as often as the workspace allows (60 unless it chose otherwise).`))

test('what is switched off is said in words', () => {
  const off = said(
    'name: w\nrepos: { acme/api: { write: docs/** } }\ntrigger: { schedule: { cron: "0 9 * * 1", timezone: Europe/Berlin } }\napprovals: []\nverify: false\nactions: [git.open_change]\nbudget: { usd: unlimited }',
  )
  expect(off).toContain('Asks\n  Nobody. Nothing waits for a person, except commands that are asked and questions.')
  expect(off).toContain('No cap in dollars.')
  expect(off).toContain('The schedule comes due Monday at 09:00 in Europe/Berlin (0 9 * * 1).')
  expect(off).toContain('Only docs/** may change in acme/api.')
})

test('a repository that begins where the event says', () =>
  expect(
    said(
      'name: w\ntrigger: { ci: {} }\nrepos: [{ acme/api: { from_event: true, access: read } }]\nsteps: [{ mode: read }]',
    ),
  ).toContain('  From the branch or pull request of acme/api that the event is about, else from its default branch.'))
