/** Workflow texts that several tests share: the file of the landing page as printed there, and the same meaning at length. */
import { compileWorkflow } from '../compile.ts'
import type { Compiled } from '../compiled.ts'
import type { WorkflowError } from '../mistake.ts'

export const landingPage = `name: bug-to-pr
trigger:
  linear:
    event: issue_assigned
    team: Payments
repos:
  - acme/payments-api
context:
  - payments.domain-rules
  - checkout.runbook
approvals:
  - plan_review
  - pr_approval
actions:
  - github.open_pr
  - slack.comment
runner:
  pool: payments-secure
`

/** The landing page's file with everything written out. */
export const landingPageAtLength = `
language: 1
runner: { requires: [], pool: "payments-secure" }   # key order and comments mean nothing
name: "bug-to-pr"
repos: { acme/payments-api: { access: write, write: ["**"], protect: [] } }
trigger:
  - linear: { team: { is: [Payments] }, event: [issue_assigned], started_by: members, own_events: false }
context: [{ name: payments.domain-rules }, checkout.runbook]
budget: { usd: $5, time: 45m }
steps:
  - { mode: plan, id: plan, commands: {}, needs: [] }
  - { gate: plan_review, of: plan, approvers: ["role:member"], required: 1, exclude: [requester], on_reject: stop, max_rounds: 3, remind_after: 24h, needs: [plan] }
  - { mode: implement, follows: plan, restart: ask }
  - { run: own_checks, fix_with: implement, of: implement, max_rounds: 2, baseline: true, restart: auto }
  - { gate: pr_approval, of: implement }
  - { action: github.open_pr, of: implement, repo: acme/payments-api, title: "{{ run.title }}", draft: false, labels: [], reviewers: [] }
  - { action: slack.comment, text: "Proposed: {{ actions.github.open_pr.url }}" }
`

export const longForm = `name: support-to-pr
team: support
trigger:
  - slack: { event: app_mention, channel: "#support", started_by: [team:support] }
  - manual: { inputs: { ticket: { type: string, required: true } } }
repos:
  - acme/payments-api: { ref: main, write: ["src/**", "test/**"], protect: ["infra/**"] }
  - acme/runbooks: { access: read }
context: [support-runbook, { repo: acme/runbooks, paths: ["checkout/**/*.md"], max: 5 }, { history: same-ticket }]
budget: { usd: 5, tokens: 2M, time: 45m }            # checked on every usage report; warns at 80 %, stops at the cap
concurrency: { key: "{{ trigger.ticket }}", limit: 1, when_full: queue }      # queue | replace | skip
steps:
  - { id: plan, agent: claude, mode: plan, prompt: "Find the cause and propose a fix." }
  - { gate: plan_review, of: plan, approvers: [team:payments], required: 1, exclude: [requester], expires_after: 24h, on_expiry: reject }
  - { id: implement, agent: codex, mode: edit, follows: plan, commands: { ask: ["git push *"], deny: ["terraform *"] }, restart: ask }
  - { id: verify, run: ["npm ci", "npm test"], fix_with: implement, max_rounds: 2 }
  - { id: review, agent: claude, mode: review, of: implement, needs: [verify] }
  - { gate: pr_approval, of: implement, approvers: [codeowners, "user:dana"], required: 2 }
  - { action: github.open_pr, of: implement, draft: true }
  - { action: slack.comment, text: "Proposed: {{ actions.github.open_pr.url }}" }
  - { remember: "what the next run should know", approvers: [team:payments] }
runner: { pool: payments-secure, isolation: sandbox, requires: [node>=22, docker] }
`

/** The compiled form, or a thrown list of what is wrong. */
export const compiled = (source: string): Compiled => {
  const result = compileWorkflow(source)
  if (!result.ok)
    throw new Error(result.errors.map((error) => `${error.line}:${error.column} ${error.message}`).join('\n'))
  return result.compiled
}

/** The errors, or none. */
export const errorsOf = (source: string): WorkflowError[] => {
  const result = compileWorkflow(source, 'w.yaml')
  return result.ok ? [] : result.errors
}

/** `line:column code message` of every error. */
export const errorLines = (source: string): string[] =>
  errorsOf(source).map((error) => `${error.line}:${error.column} ${error.code} ${error.message}`)
