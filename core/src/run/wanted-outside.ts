/**
 * What exactly would an action do at an outside tool: on what, with which parameters?
 * It names the target as the tool does; whether a connection may touch it is asked again right before the effect.
 */
import { actionForm } from '../action/actions.ts'
import { capOf, isCapped } from '../action/caps.ts'
import type { ActionForm } from '../action/form.ts'
import { digestOf } from '../digest/canonical.ts'
import { changeDigest, type Change } from '../gate/subject.ts'
import type { ActionStep } from '../workflow/compiled.ts'
import { heldAt } from './held-tools.ts'
import { changeOf, type RunState } from './state.ts'
import { branchOf, publishedStep, renderedParams, targetRef, titleOf, type Wanted } from './action-inputs.ts'

/** The effect, or why it cannot be done, in words. */
export const outsideIntent = (state: RunState, spec: ActionStep): Wanted | string => {
  const form = actionForm(spec.action)
  if (!form) return `There is no action ${spec.action}.`
  const of = form.change ? publishedStep(state, spec.of) : null
  const change = of ? changeOf(state.steps[of]) : null
  if (form.change && !change)
    return `${spec.action} has no change to work with: no step before it edited the repository.`
  const written = renderedParams(state, spec)
  if (typeof written === 'string') return `${spec.id}: ${written}.`
  if (change && written['repo'] !== undefined && written['repo'] !== change.repo)
    return `${spec.id} names ${String(written['repo'])}; the change of ${of} is in ${change.repo}.`
  const target = targetOf(state, spec.action, form, written, change)
  if (target === null)
    return `${spec.action} has no target: the event came from elsewhere, and the step names none${form.targetParam ? ` (${form.targetParam})` : ''}.`
  const capped = runCapReached(state, spec)
  if (capped !== null) return capped
  const params = { ...written, ...(form.publishes && change ? published(state, form, change, written) : {}) }
  return {
    action: spec.action,
    step: spec.id,
    key: digestOf({
      run: state.run,
      action: spec.action,
      step: spec.id,
      round: state.steps[spec.id]?.round ?? 1,
      target,
      params,
      tree: change?.tree ?? null,
    }),
    digest: change ? changeDigest(change) : digestOf({ action: spec.action, target, params }),
    params,
    change,
    target,
    at: heldAt(state.spec, form.tool, target) ? 'runner' : 'server',
  }
}

/** Was it done as often in this run as it may? Then why not once more, in words; else null. */
export const runCapReached = (state: RunState, { id, action }: Pick<ActionStep, 'id' | 'action'>): string | null => {
  if (!isCapped(action)) return null
  const { run: most, isWritten } = capOf(state.spec.workflow.compiled, action)
  // What a step publishes again after a round of changes goes to the pull request that it opened: it is no further one.
  const again = (one: { step: string }): boolean => actionForm(action)?.publishes === true && one.step === id
  const many = Object.values(state.intents).filter((one) => one.action === action && !again(one)).length
  if (many < most) return null
  return most === 0
    ? `${action} may not be done: the workflow's cap is 0.`
    : `${action} was done ${many === 1 ? 'once' : `${many} times`} in this run already, which is as often as it may (${isWritten ? 'caps of the workflow' : 'the cap of this action; `caps` in the workflow changes it'}).`
}

/**
 * A pull request: which branch, into which, and its title, written out so that a person sees them. One that stands there keeps what the step
 * says nothing of.
 */
const published = (
  state: RunState,
  form: ActionForm,
  change: Change,
  written: Record<string, unknown>,
): Record<string, unknown> => ({
  repo: change.repo,
  ...(form.after.length > 0 ? {} : opening(state, change, written)),
})

const opening = (state: RunState, change: Change, written: Record<string, unknown>): Record<string, unknown> => ({
  title: String(written['title'] ?? titleOf(state)).slice(0, 250),
  head: branchOf(state.spec.branch),
  base: typeof written['base'] === 'string' ? branchOf(written['base']) : branchOf(targetRef(state, change.repo)),
})

/** On what: named by the step, else what the event was about when it came from this tool, else what this run opened with it. */
const targetOf = (
  { spec, intents }: RunState,
  action: string,
  form: ActionForm,
  params: Record<string, unknown>,
  change: Change | null,
): string | null => {
  if (action === 'webhook.send') return String(params['to'])
  const named = form.targetParam === null ? undefined : params[form.targetParam]
  if (typeof named === 'string') return named
  if (form.target !== null) {
    if (spec.event.tool === form.tool && spec.event.subject.ref) return spec.event.subject.ref
    // A sample is about nothing that exists. It is shown as what it would be on, and nothing in a rehearsal is ever done.
    if (spec.event.tool === form.tool && spec.rehearsal !== undefined) return spec.event.subject.label
    const opened = Object.values(intents).findLast(
      (one) => one.state === 'succeeded' && one.action.startsWith(`${form.tool}.`) && refIn(one.receipt?.observed),
    )
    if (opened) return refIn(opened.receipt!.observed)
    const { team } = spec.workflow.compiled
    return form.target === 'source_or_team' && team !== null ? `team:${team}` : null
  }
  const own = ownAction(action, form, intents)
  if (own !== undefined) return own
  const home = params['repo'] ?? params['team'] ?? params['project'] ?? params['channel'] ?? change?.repo
  return typeof home === 'string' ? home : null
}

/** An action that changes what an earlier one of this run brought: its target is that very thing. */
const ownAction = (action: string, form: ActionForm, intents: RunState['intents']): string | null | undefined => {
  if (form.after.length === 0) return undefined
  const earlier = Object.values(intents).findLast(
    (one) => one.state === 'succeeded' && form.after.includes(one.action) && one.action !== action,
  )
  return refIn(earlier?.receipt?.observed)
}

const refIn = (observed: Record<string, unknown> | undefined): string | null =>
  typeof observed?.['ref'] === 'string' ? observed['ref'] : null
