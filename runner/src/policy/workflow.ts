/**
 * Is the work what its workflow says?
 * The text that came with the lease is compiled here, and the step compared with the job: what a control plane asks for beside
 * the text of a workflow is refused. Which texts may run at all is `workflows` of the policy.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { jobMisfit } from '@viewportai/core/run/job-fits'
import type { Lease } from '@viewportai/core/wire/messages'
import { compileWorkflow, type CompileResult } from '@viewportai/core/workflow/compile'
import { fits } from './pattern.ts'
import type { Policy } from './policy.ts'

type Asked = Pick<Lease, 'run' | 'step' | 'workflow' | 'job' | 'source'>

/** Why the work is refused, or null. The grant must have been read before: it binds the text. */
export const workflowRefusal = (policy: Policy, { source, run, step, workflow, job }: Asked): Refusal | null => {
  if (!source) return differs('the control plane did not send its text')
  const result = compiled(source.text)
  if (!result.ok) {
    const [first] = result.errors
    return differs(`its text does not compile here (line ${first?.line ?? 1}: ${first?.message ?? 'unreadable'})`)
  }
  const { digest } = result
  if (digest !== source.digest)
    return differs(`its text compiles to ${digest.slice(0, 12)}, the run says ${source.digest.slice(0, 12)}`)
  const { name } = result.compiled
  if (name !== workflow) return differs(`the text is that of ${name}, the work is called ${workflow}`)
  if (!fits(`${name}@${digest}`, policy.workflows))
    return refuse('runner_refused', {
      what: `the workflow ${name}@${digest.slice(0, 12)}…`,
      rule: 'workflows does not name it',
    })
  const { budgets } = source
  if (budgets > policy.budgets)
    return refuse('runner_refused', {
      what: `${budgets} times the budget of ${name}`,
      rule: `budgets allows ${policy.budgets}`,
    })
  const why = jobMisfit(result.compiled, { run, step, budgets, job })
  return why === null ? null : differs(why)
}

const differs = (why: string): Refusal => refuse('workflow_differs', { why })

// A run asks for the same text at each of its steps. Few texts are kept, none is large.
const most = 20
const known = new Map<string, CompileResult>()

const compiled = (text: string): CompileResult => {
  const result = known.get(text) ?? compileWorkflow(text)
  known.delete(text)
  known.set(text, result)
  for (const oldest of known.keys()) if (known.size > most) known.delete(oldest)
  return result
}
