/**
 * What does an action step of the workflow do when its turn has come?
 * It proposes intents, sees whether their approval is there, and ends when the effect was observed. It never does an effect.
 */
import { actionForm } from '../action/actions.ts'
import { readParams } from '../action/params.ts'
import { changeDigest, type Change } from '../gate/subject.ts'
import { digestOf } from '../digest/canonical.ts'
import { idWithin } from '../ids.ts'
import { finish } from './consequence.ts'
import { changeOf, type IntentState, type RunState } from './state.ts'
import { templateValuesOf } from './template-values-of.ts'
import { renderTemplate } from '../workflow/template.ts'
import type { ActionStep } from '../workflow/compiled.ts'
import type { Draft } from './facts.ts'

const system = { kind: 'system' } as const

/** The facts that the step's turn brings: intents proposed and approved, a change opened. None while an effect is under way. */
export const openActionFor = (state: RunState, spec: ActionStep): Draft[] => {
  const of = publishedStep(state, spec.of)
  const change = of ? changeOf(state.steps[of]) : null
  if (spec.action !== 'git.open_change' && spec.action !== 'git.merge')
    return finish('failed', `The action ${spec.action} needs a connection that this workspace does not have.`)
  if (!of || !change)
    return finish('failed', `${spec.action} has no change to publish: no step before it edits the repository.`)
  const gate = approvingGate(state, of)
  if (gate === undefined)
    return finish('failed', `The change that ${spec.action} would publish is not the approved one.`)
  const params = renderedParams(state, spec)
  if (typeof params === 'string') return finish('failed', `${spec.id}: ${params}.`)
  if (params.repo !== undefined && params.repo !== change.repo)
    return finish('failed', `${spec.id} names ${params.repo}; the change of ${of} is in ${change.repo}.`)
  if (spec.action === 'git.merge')
    return state.change
      ? proposedOnce(state, spec.id, mergeIntent(state, spec.id, params), gate)
      : finish('failed', 'git.merge comes before a change was opened.')
  const push = pushIntent(state, spec.id, change, state.spec.branch)
  const done = intentOf(state, push.key)
  if (!done) return propose(state, push, gate, ruleOf(gate))
  if (done.state !== 'succeeded') return []
  const open = openIntent(state, spec.id, change, params)
  const opened = intentOf(state, open.key)
  if (!opened) return propose(state, open, gate, ruleOf(gate))
  if (opened.state !== 'approved') return []
  return openedChange(state, spec.id, opened.id, openParams(state, change, params))
}

type Written = { repo?: string; title?: string; body?: string; into?: string; method?: 'merge' | 'fast_forward' }

/** The step's parameters with their places filled and checked, or why they cannot be used. */
const renderedParams = (state: RunState, spec: ActionStep): Written | string => {
  const values = templateValuesOf(state)
  const form = actionForm(spec.action)?.params ?? {}
  const filled = Object.entries(spec.params).flatMap(([key, value]) => {
    const param = form[key]
    if (param?.kind !== 'template' || typeof value !== 'string') return [[key, value] as const]
    const { text } = renderTemplate(value, values, param.quote ?? 'markdown')
    // Places without a value are nothing; a text of nothing else is as if it were not written, and has its default.
    return text.trim() === '' && !param.required ? [] : [[key, text] as const]
  })
  const read = readParams(spec.action, Object.fromEntries(filled))
  return read.ok ? (read.params as Written) : read.why
}

export type Wanted = Pick<IntentState, 'action' | 'step' | 'key' | 'digest' | 'params' | 'change' | 'target' | 'at'>

const ruleOf = (gate: string | null): string =>
  gate ? 'approved at its gate' : 'the workflow asks nobody (approvals: [])'
const intentOf = (state: RunState, key: string): IntentState | undefined =>
  Object.values(state.intents).findLast((i) => i.key === key)
const titleOf = (state: RunState): string => state.spec.event.subject.title
const targetRef = (state: RunState, repo: string): string =>
  state.spec.pins.repos.find((r) => r.name === repo)?.ref ?? 'refs/heads/main'

const proposedOnce = (state: RunState, step: string, wanted: Wanted, gate: string | null): Draft[] =>
  Object.values(state.intents).some((i) => i.step === step && i.action === wanted.action)
    ? []
    : propose(state, wanted, gate, ruleOf(gate))

/** Proposed and approved in one breath: the approval was given before. */
export const propose = (state: RunState, wanted: Wanted, gate: string | null, rule: string): Draft[] => {
  const intent = idWithin('int', state.run, state.counts.intents + 1)
  return [
    { type: 'intent.proposed', by: system, data: { intent, ...wanted } },
    { type: 'intent.approved', by: system, data: { intent, gate, rule } },
  ]
}

/** A push of exactly this tree to exactly this ref. The same ref and tree is the same effect, whoever asked for it. */
export const pushIntent = (state: RunState, step: string, change: Change, ref: string): Wanted => {
  const last = Object.values(state.intents).findLast(
    (i) =>
      i.action === 'git.push' && i.state === 'succeeded' && i.params['repo'] === change.repo && i.params['ref'] === ref,
  )
  const expect = typeof last?.receipt?.observed['commit'] === 'string' ? last.receipt.observed['commit'] : null
  const key = digestOf({ run: state.run, action: 'git.push', repo: change.repo, ref, tree: change.tree })
  return {
    action: 'git.push',
    step,
    key,
    digest: changeDigest(change),
    params: { repo: change.repo, ref, expect, message: titleOf(state) },
    change,
    target: `${change.repo} ${ref}`,
    at: 'runner',
  }
}

const branchRef = (name: string): string => (name.startsWith('refs/') ? name : `refs/heads/${name}`)

const openParams = (state: RunState, change: Change, written: Written) => ({
  repo: change.repo,
  ref: state.spec.branch,
  into: written.into ? branchRef(written.into) : targetRef(state, change.repo),
  title: (written.title ?? titleOf(state)).slice(0, 300),
  ...(written.body && { body: written.body }),
})

const openIntent = (state: RunState, step: string, change: Change, written: Written): Wanted => {
  const params = openParams(state, change, written)
  return {
    action: 'git.open_change',
    step,
    key: digestOf({ run: state.run, action: 'git.open_change', ...params, tree: change.tree }),
    digest: changeDigest(change),
    params,
    change,
    target: change.repo,
    at: 'server',
  }
}

/** The step of a merge that a person asked for on the page of the change. No step of a workflow can have this name. */
export const onChangePage = 'person:merge'

/** A merge of the opened change. A failed one may be asked for again: the ordinal makes it a new effect. */
export const mergeIntent = (state: RunState, step: string, written: Written = {}): Wanted => {
  const open = state.change!
  const ordinal = Object.values(state.intents).filter((i) => i.action === 'git.merge').length + 1
  const into = written.into ? branchRef(written.into) : open.into
  const method = written.method ?? 'merge'
  const params = { repo: open.repo, ref: open.ref, into, title: open.title, change: open.id, method }
  return {
    action: 'git.merge',
    step,
    key: digestOf({ run: state.run, action: 'git.merge', ordinal, ...params, tree: open.change.tree }),
    digest: changeDigest(open.change),
    params,
    change: open.change,
    target: `${open.repo} ${into}`,
    at: 'runner',
  }
}

/** Facts of a change opened in Viewport after its branch was pushed: the change, and the receipt of opening it. */
const openedChange = (
  state: RunState,
  step: string,
  intent: string,
  { ref, into, title, body }: ReturnType<typeof openParams>,
): Draft[] => {
  const opened = state.intents[intent]!
  const id = idWithin('chg', state.run, 1)
  const change = opened.change!
  return [
    { type: 'effect.started', by: system, data: { intent, attempt: opened.attempt + 1, epoch: null } },
    {
      type: 'change.opened',
      by: system,
      data: { id, repo: change.repo, ref, into, title, change, intent, ...(body && { body }) },
    },
    {
      type: 'effect.succeeded',
      by: system,
      data: {
        intent,
        attempt: opened.attempt + 1,
        reconciled: false,
        receipt: {
          provider: 'viewport',
          id,
          url: null,
          observed: { ref, into, tree: change.tree, digest: changeDigest(change), step },
          readBack: true,
        },
      },
    },
  ]
}

/** The step whose tree an action publishes. */
const publishedStep = (state: RunState, of: string | null): string | null =>
  of ?? state.spec.workflow.compiled.steps.findLast((s) => s.kind === 'agent' && s.mode === 'edit')?.id ?? null

/** The gate of the workflow that approved this step's change, or null when the workflow asks nobody. */
const approvingGate = (state: RunState, of: string): string | null | undefined => {
  const gates = state.spec.workflow.compiled.steps.filter(
    (s) => s.kind === 'gate' && s.gate === 'change' && s.of === of,
  )
  if (gates.length === 0) return null
  const wanted = changeOf(state.steps[of])
  for (const spec of gates) {
    const gate = state.gates[state.steps[spec.id]?.gate ?? '']
    if (
      !gate ||
      (gate.outcome !== 'approved' && gate.outcome !== 'rejected') ||
      gate.subject.kind !== 'change' ||
      !wanted ||
      changeDigest(gate.subject.change) !== changeDigest(wanted)
    )
      return undefined
  }
  return state.steps[gates.at(-1)!.id]?.gate ?? undefined
}
