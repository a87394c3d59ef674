/** May this machine do the work of this lease? The runner has the last word; its no is shown to people. */
import { notAllowed } from '@viewportai/core/policy/hosts'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { MergeParams, PushParams, type Job } from '@viewportai/core/wire/job'
import type { Lease } from '@viewportai/core/wire/messages'
import { fits } from './pattern.ts'
import type { Policy } from './policy.ts'
import { allowedHosts } from '../walls/hosts.ts'
import { isLocal, isPlain, repositoryName } from '@viewportai/core/policy/repository-name'

/** What a decision needs to know beside the policy. */
export type Ground = { readonly policy: Policy; readonly server: string }

/** Why the work is refused, or null. The first reason found; nothing is started or fetched to find it. */
export const refusalFor = ({ policy, server }: Ground, lease: Pick<Lease, 'bodies' | 'job'>): Refusal | null => {
  const no = (what: string, rule: string): Refusal => refuse('runner_refused', { what, rule })
  if (lease.bodies === 'stored' && !policy.leaves.store)
    return no('storing bodies on the control plane', 'leaves.store is false')
  for (const { name, url } of lease.job.repos) {
    const why = whyNotRepository(url, policy, server)
    if (why) return no(`the repository ${name} (${shown(url)})`, why)
  }
  return refusalForJob(lease.job, policy, no)
}

/** Why it is refused to look at a repository, or null: the same rule as for work on it. Nothing is asked of its remote to find it. */
export const lookRefusal = ({ policy, server }: Ground, url: string): Refusal | null => {
  const why = whyNotRepository(url, policy, server)
  return why === null ? null : refuse('runner_refused', { what: `the repository ${shown(url)}`, rule: why })
}

/** Why an errand to a tool is refused, or null: it is named like an action, and touches repositories that work may touch. */
export const errandRefusal = (
  { policy, server }: Ground,
  action: string,
  repos: readonly { readonly name: string; readonly url: string }[],
): Refusal | null => {
  if (!fits(action, policy.actions))
    return refuse('runner_refused', { what: `the action ${action}`, rule: 'actions does not name it' })
  for (const { name, url } of repos) {
    const why = whyNotRepository(url, policy, server)
    if (why !== null) return refuse('runner_refused', { what: `the repository ${name} (${shown(url)})`, rule: why })
  }
  return null
}

const refusalForJob = (job: Job, policy: Policy, no: (what: string, rule: string) => Refusal): Refusal | null => {
  const kind = job.kind === 'agent' ? 'agents' : 'checks'
  const host = job.kind === 'effect' ? null : notAllowed(job.hosts ?? [], allowedHosts(policy.network[kind]))
  if (host !== null) return no(`the host ${shown(host)}, which the workflow needs`, `network.${kind} does not name it`)
  switch (job.kind) {
    case 'agent':
      if (!fits(job.agent, policy.agents)) return no(`the agent ${job.agent}`, 'agents does not name it')
      if (job.model !== undefined && !fits(job.model, policy.models))
        return no(`the model ${shown(job.model)}`, 'models does not name it')
      if (!policy.modes.includes(job.mode)) return no(`work of mode ${job.mode}`, 'modes does not name it')
      if (!fits(job.branch, policy.branches)) return no(`the ref ${job.branch}`, 'branches does not name it')
      return null
    case 'checks': {
      const command = job.commands?.find((one) => !fits(one, policy.checks))
      return command === undefined ? null : no(`the command ${shown(command)}`, 'checks does not name it')
    }
    case 'effect': {
      if (!fits(job.action, policy.actions)) return no(`the action ${job.action}`, 'actions does not name it')
      const merge = job.action === 'git.merge' ? MergeParams.safeParse(job.params).data : undefined
      const ref = merge?.ref ?? PushParams.safeParse(job.params).data?.ref
      if (ref !== undefined && !fits(ref, policy.branches)) return no(`the ref ${ref}`, 'branches does not name it')
      if (merge && !fits(merge.into, policy.merge_into))
        return no(`a merge into ${merge.into}`, 'merge_into does not name it')
      return null
    }
  }
}

const whyNotRepository = (url: string, policy: Policy, server: string): string | null => {
  const found = repositoryName(url)
  if ('why' in found) return found.why
  const named = policy.repositories.filter((one) => one !== '**')
  if (fits(found.name, named)) return null
  if (!policy.repositories.includes('**')) return 'repositories does not name it'
  // Beside a control plane on this machine its own repositories are usual; from elsewhere they must be named.
  if (isPlain(found.name) && !(isLocal(found.name) && isLocal(`${server}/`)))
    return 'repositories does not name it, and only https remotes are fetched unnamed'
  return null
}

const shown = (text: string): string =>
  (text.length > 200 ? `${text.slice(0, 200)}…` : text).replace(/[^\x20-\x7e]/g, '?')
