/**
 * Is this work what the workflow says for this step?
 * Compares a job with the compiled workflow, for a runner that does not take the control plane's word for it. It sees no votes, no
 * results of earlier steps and not what an event really said: those stay what the control plane says.
 */
import { canonical } from '../digest/canonical.ts'
import { headOf, isHead } from '../match/head.ts'
import { runTitle } from '../match/title.ts'
import { MergeParams, PushParams, type AgentJob, type ChecksJob, type EffectJob, type Job } from '../wire/job.ts'
import type { AgentStep, Compiled, RunStep } from '../workflow/compiled.ts'
import { parseTemplate, renderTemplate, type TemplateValue } from '../workflow/template.ts'
import { templateValues } from '../workflow/template-values.ts'
import { toldSteps } from '../workflow/told-steps.ts'

/** A piece of work with where it belongs. `budgets`: how many times the workflow's budget the run may use. */
export type PlacedJob = { readonly run: string; readonly step: string; readonly budgets: number; readonly job: Job }

/** What of the job the workflow does not say, in words; null when it fits. */
export const jobMisfit = (compiled: Compiled, { run, step, budgets, job }: PlacedJob): string | null =>
  repoMisfit(compiled, job) ??
  limitMisfit(compiled, budgets, job) ??
  hostMisfit(compiled, job) ??
  stepMisfit(compiled, run, step, job)

const stepMisfit = (compiled: Compiled, run: string, step: string, job: Job): string | null => {
  if (job.kind === 'effect') return effectMisfit(compiled, job)
  const spec = compiled.steps.find(({ id }) => id === step)
  if (!spec) return `it has no step ${step}`
  if (job.kind === 'agent')
    return spec.kind === 'agent' ? agentMisfit(compiled, spec, run, job) : `${step} is no step of an agent`
  return spec.kind === 'run' ? checksMisfit(spec, job) : `${step} runs no checks`
}

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

/** Fewer repositories are fewer rights; another one, or other rights to one, are not the workflow's. */
const repoMisfit = (compiled: Compiled, job: Job): string | null => {
  for (const repo of job.repos) {
    const use = compiled.repos.find(({ name }) => name === repo.name)
    if (!use) return `it does not name the repository ${repo.name}`
    if (!same(use, repo.use)) return `it gives other rights to ${repo.name}`
    if (use.fromEvent) {
      const said = job.kind === 'agent' ? headOf(job.event, repo.name) : null
      if (said ? repo.ref !== said.ref : !isHead(repo.ref))
        return `it takes ${repo.ref} of ${repo.name}, which its event is not about`
    } else if (use.ref !== null && repo.ref !== fullRef(use.ref))
      return `it takes ${use.ref} of ${repo.name}, not ${repo.ref}`
  }
  const change = job.kind === 'agent' ? job.start : job.change
  const repo = change && compiled.repos.find(({ name }) => name === change.repo)
  return change && repo?.access !== 'write' ? `it changes nothing in ${change.repo}` : null
}

const fullRef = (ref: string): string => (ref.startsWith('refs/') ? ref : `refs/heads/${ref}`)

const limitMisfit = ({ budget }: Compiled, budgets: number, { limits, kind }: Job): string | null => {
  const over = (has: number | null, most: number | null): boolean =>
    most !== null && (has === null || has > most * budgets)
  if (over(limits.seconds, budget.seconds)) return `it gives ${budget.seconds * budgets} seconds, not ${limits.seconds}`
  if (kind === 'effect') return null // no agent's work: it uses no model
  if (over(limits.tokens, budget.tokens)) return 'it gives fewer tokens'
  return over(limits.usdMicros, budget.usd === null ? null : Math.round(budget.usd * 1_000_000))
    ? 'it gives less money'
    : null
}

const hostMisfit = ({ network }: Compiled, job: Job): string | null => {
  if (job.kind === 'effect') return null // vpd itself does it, and reaches the repository alone
  const named = job.kind === 'agent' ? network?.agents : network?.checks
  // No host at all is fewer rights, as a tainted run and a rehearsal have them.
  const none = job.tainted === true && job.hosts?.length === 0
  return none || same(job.hosts ?? null, named ?? null) ? null : 'it gives other hosts to be reached'
}

const agentMisfit = (compiled: Compiled, spec: AgentStep, run: string, job: AgentJob): string | null => {
  if (job.mode !== spec.mode) return `${spec.id} has mode ${spec.mode}, not ${job.mode}`
  if (spec.agent !== null && job.agent !== spec.agent) return `${spec.id} is for ${spec.agent}, not ${job.agent}`
  if (job.model !== spec.model)
    return `${spec.id} is for ${spec.model ?? "the agent's own choice of model"}, not ${job.model ?? 'any model'}`
  if (!same(job.commands, spec.commands)) return `the rules on commands of ${spec.id} are others`
  if (!same(job.context, spec.context ?? compiled.context)) return `the context of ${spec.id} is another`
  if (job.title !== runTitle(job.event)) return 'its title is not that of the event'
  if (job.tell && !toldSteps(compiled.steps).has(spec.id)) return `no action of it shows what ${spec.id} wrote`
  if (job.plan !== null && spec.follows === null) return `${spec.id} follows no plan`
  return isPrompt(compiled, spec.prompt, run, job) ? null : `the prompt of ${spec.id} is another`
}

const isPrompt = (compiled: Compiled, template: string | null, run: string, job: AgentJob): boolean => {
  if (template === null || job.prompt === null) return template === job.prompt
  const { event, branch, prompt } = job
  const names = { id: run, title: event.subject.title, branch, workflow: compiled.name, source: event.subject.label }
  const inputs = job.inputs as Record<string, TemplateValue>
  const values = templateValues(event, inputs, { ...names, url: '' })
  // Where the text may have got to: what only the control plane knows can end in several places.
  let ends = new Set([0])
  let last = 0
  const pass = (part: string): void => void (ends = afterText(prompt, ends, part))
  for (const { from, to, path } of parseTemplate(template).places) {
    pass(template.slice(last, from))
    if (path[0] === 'actions' || path.join('.') === 'run.url') ends = afterUnknown(prompt, ends)
    else pass(renderTemplate(template.slice(from, to), values, 'prompt').text)
    last = to
  }
  pass(template.slice(last))
  return ends.has(prompt.length)
}

const afterText = (text: string, ends: Set<number>, part: string): Set<number> =>
  new Set([...ends].filter((at) => text.startsWith(part, at)).map((at) => at + part.length))

/** Where a value that is not known here can end: a quoted text has one end, a number, a path or an address any up to the next other sign. */
const afterUnknown = (text: string, ends: Set<number>): Set<number> => {
  const next = new Set<number>()
  let seen = 0
  for (const at of [...ends].toSorted((a, b) => a - b)) {
    const string = stringEnd(text, at)
    if (string !== null) next.add(string)
    for (let end = Math.max(at, seen); end < Math.min(text.length, at + 500) && inert.test(text[end]!); end++)
      next.add((seen = end + 1))
  }
  return next
}

const inert = /[A-Za-z0-9./_~=&?#:+-]/

const stringEnd = (text: string, from: number): number | null => {
  if (text[from] !== '"') return null
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return null
}

/** Where the workflow leaves the checks to the repository, a person may have answered with one command; the local policy bounds it. */
const checksMisfit = (spec: RunStep, job: ChecksJob): string | null => {
  if (job.baseline && !spec.baseline) return `${spec.id} is not run on the base`
  const fits = spec.commands === null ? (job.commands ?? []).length <= 1 : same(job.commands, spec.commands)
  return fits ? null : `the commands of ${spec.id} are others`
}

const effectMisfit = (compiled: Compiled, job: EffectJob): string | null => {
  const named = compiled.steps.filter((step) => step.kind === 'action')
  const opens = named.filter(({ action }) => action === 'git.open_change')
  if (job.action === 'git.push') {
    const { success, data } = PushParams.safeParse(job.params)
    if (!success) return 'the parameters of its push cannot be read'
    const edits = compiled.steps.some((step) => step.kind === 'agent' && step.mode === 'edit')
    return edits ? writable(compiled, data.repo) : 'no step of it edits'
  }
  if (job.action !== 'git.merge')
    return named.some(({ action }) => action === job.action) ? null : `no step of it does ${job.action}`
  // A change that was opened may be merged by a person on its page.
  const { success, data } = MergeParams.safeParse(job.params)
  if (!success) return 'the parameters of its merge cannot be read'
  if (opens.length === 0) return 'no step of it opens a change'
  const merges = named.filter(({ action }) => action === 'git.merge')
  const into = [...opens, ...merges].map(({ params }) => params['into'])
  const base = job.repos.find(({ name }) => name === data.repo)?.ref
  const target = into.some((one) =>
    typeof one === 'string' ? one.includes('{{') || fullRef(one) === data.into : data.into === base,
  )
  return target ? writable(compiled, data.repo) : `no step of it merges into ${data.into}`
}

const writable = ({ repos }: Compiled, repo: string): string | null =>
  repos.some(({ name, access }) => name === repo && access === 'write') ? null : `it may not write to ${repo}`
