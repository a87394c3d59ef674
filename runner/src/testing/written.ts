/** Which workflow could the control plane of the tests have been told, so that it asks for this work? JSON is YAML. */
import type { Job } from '@viewportai/core/wire/job'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { WorkflowSource } from '@viewportai/core/wire/messages'

/** The source of a job's lease. Throws with the mistakes when no workflow says such a job. */
export const sourceFor = (step: string, job: Job): WorkflowSource => {
  const text = JSON.stringify(documentFor(step, job))
  const result = compileWorkflow(text)
  if (!result.ok)
    throw new Error(`no workflow says this job: ${result.errors.map(({ message }) => message).join(' ')}\n${text}`)
  return { text, digest: result.digest, budgets: 1 }
}

const documentFor = (step: string, job: Job): object => {
  const repos = job.repos.map(({ name, ref, use }) => ({
    [name]: {
      access: use.access,
      ...(use.ref !== null && { ref: ref.replace('refs/heads/', '') }),
      ...(use.access === 'write' && { write: use.write, protect: use.protect }),
    },
  }))
  return {
    name: 'bug-to-pr',
    trigger: 'manual',
    repos: job.repos.some(({ use }) => use.access === 'write') ? repos : [...repos, 'acme/written'],
    budget: { time: `${Math.max(60, job.limits.seconds)}s`, usd: 'unlimited' },
    ...(job.kind === 'effect' && { approvals: [] }), // whoever merges was asked elsewhere
    steps: stepsFor(step, job),
  }
}

const before = { id: 'before', mode: 'edit' }

const stepsFor = (step: string, job: Job): object[] => {
  if (job.kind === 'checks')
    return job.commands?.length
      ? [before, { id: step, run: job.commands, of: 'before' }]
      : [before, { id: step, run: 'own_checks', of: 'before' }]
  if (job.kind === 'effect')
    return [before, { action: 'git.open_change' }, ...(job.action === 'git.merge' ? [{ action: 'git.merge' }] : [])]
  const { mode, agent, prompt, commands } = job
  return [
    ...(mode === 'review' ? [before] : []),
    { id: step, mode, agent, ...(prompt !== null && { prompt }), commands, ...(mode === 'review' && { of: 'before' }) },
  ]
}
