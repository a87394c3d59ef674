/** Which workflow is a try? Plan, gate, implement, checks, gate, branch: the usual steps, written out as YAML that people keep. */
import { slugOf } from '../slug.ts'
import { parseDocument, stringify } from 'yaml'

export type TryWorkflow = {
  readonly name: string
  readonly team: string
  readonly repository: string
  readonly branch: string
  readonly agent: string
  readonly pool: string
  /** Empty: the repository's own. */
  readonly checks: readonly string[]
  /** Commands that check a change anyway, so the agent need not ask before it runs one. */
  readonly mayRun: readonly string[]
  readonly budgetUsd: number
  readonly description: string
}

export const workflowSource = (about: TryWorkflow): string => {
  const plain = about.mayRun.filter((one) => /^[\w ./:=@-]+$/.test(one)) // no patterns, no operators of a shell
  return stringify(
    {
      name: about.name,
      description: about.description,
      team: about.team,
      trigger: { manual: {} },
      repos: [{ [about.repository]: { ref: about.branch } }],
      agents: { plan: about.agent, implement: about.agent },
      ...(about.checks.length > 0 && { verify: [...about.checks] }),
      // The branch goes out once, after the last decision; a push of the agent's own before the checks would only ask twice.
      commands: { ...(plain.length > 0 && { allow: plain }), deny: ['git push', 'git push *'] },
      budget: { usd: about.budgetUsd },
      actions: ['git.open_change'],
      runner: { pool: about.pool },
    },
    { lineWidth: 0 },
  )
}

/** A name that a workflow may have: small letters, digits and dashes. */
export const workflowName = (text: string): string => slugOf(text, 50)

/** The name of the workflow of tries on a repository: one per repository, so that the list of workflows does not grow with every task. */
export const tryName = (repository: string): string => workflowName(`try-${repository.split('/').at(-1)}`)

/** Does a workflow of this name hold tries? By their name alone: people may keep and change it like any other. */
export const isTryName = (workflow: string): boolean => workflow.startsWith('try-')

/** The workflow of a try as it is kept under a name of its own: the same steps, with a description that no longer speaks of one task. */
export const keptSource = (tried: string, name: string, repository: string): string => {
  const document = parseDocument(tried)
  document.set('name', name)
  document.set('description', `Plan, approve, change, check, approve on ${repository}.`)
  return document.toString({ lineWidth: 0 })
}
