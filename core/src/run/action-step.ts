/**
 * What does an action step of the workflow do when its turn has come?
 * It proposes intents, sees whether their approval is there, and ends when the effect was observed. It never does an effect.
 */
import { actionForm } from '../action/actions.ts'
import { digestOf } from '../digest/canonical.ts'
import { changeDigest } from '../gate/subject.ts'
import { showsEffect } from '../gate/shown-action.ts'
import { protectedIn } from '../policy/paths.ts'
import { idWithin } from '../ids.ts'
import { finish, keptRefusal, openGate, unwritten } from './consequence.ts'
import { isDraftFirst } from './draft-first.ts'
import { changeOf, stepSpec, type IntentState, type RunState } from './state.ts'
import { publishedStep, type Wanted } from './action-inputs.ts'
import { pushIntent, wantedOf, type openParams } from './wanted.ts'
import { runCapReached } from './wanted-outside.ts'
import type { ActionStep } from '../workflow/compiled.ts'
import type { Draft } from './facts.ts'

const system = { kind: 'system' } as const

/** The facts that the step's turn brings: intents proposed and approved, a change opened. None while an effect is under way. */
export const openActionFor = (state: RunState, spec: ActionStep, at: number): Draft[] => {
  const form = actionForm(spec.action)
  const stands = standing(state, spec.id)
  const wanted = stands ?? wantedOf(state, spec)
  const capped = stands === null && typeof wanted === 'string' ? runCapReached(state, spec) : null
  if (capped !== null)
    return [
      keptRefusal(system, 'cap_reached', capped, spec.id, { action: spec.action, per: 'run' }),
      ...finish('failed', capped),
    ]
  if (typeof wanted === 'string')
    return isAfterRehearsed(state) ? propose(state, notKnown(state, spec, wanted), null, '') : finish('failed', wanted)
  const draft = isDraftFirst(state.spec.workflow.compiled.steps, spec) ? draftGate(state, spec, wanted, at) : undefined
  if (Array.isArray(draft)) return draft
  const ofChange =
    draft !== undefined ? draft : wanted.change ? approvingGate(state, publishedStep(state, spec.of)!) : null
  if (ofChange === undefined)
    return finish('failed', `The change that ${spec.action} would publish is not the approved one.`)
  const ofAction = gateOfAction(state, spec, wanted)
  if (ofAction === undefined) return finish('failed', `What ${spec.action} would do is not what was approved.`)
  const gate = ofAction ?? ofChange
  if (spec.action === 'git.merge') return proposedOnce(state, spec.id, wanted, gate)
  if (!form?.publishes) return intentOf(state, wanted.key) ? [] : propose(state, wanted, gate, ruleOf(gate))
  const push = pushIntent(state, spec.id, wanted.change!, state.spec.branch)
  const done = intentOf(state, push.key)
  if (!done) return propose(state, push, ofChange ?? ofAction, ruleOf(ofChange ?? ofAction, draft !== undefined))
  if (done.state !== 'succeeded' && done.state !== 'rehearsed') return []
  const opened = intentOf(state, wanted.key)
  if (!opened) return propose(state, wanted, gate, ruleOf(gate, draft !== undefined))
  return opened.state === 'approved' && opened.action === 'git.open_change' ? openedChange(state, spec.id, opened) : []
}

/**
 * Who lets an unapproved change stand as a draft: the workflow's own word (null), or, where the change touches what is protected, a gate
 * on exactly this that was approved. Drafts of facts while that gate is asked for, none while it is open.
 */
const draftGate = (state: RunState, spec: ActionStep, wanted: Wanted, at: number): string | null | Draft[] => {
  const guarded = wanted.change ? protectedIn(state.spec.workflow.compiled.repos, wanted.change) : []
  const asked = Object.values(state.gates).filter((gate) => gate.step === spec.id && gate.gateStep === null)
  if (guarded.length === 0) return null
  const approved = asked.find((gate) => gate.outcome === 'approved' && showsEffect(gate.subject, wanted))
  if (approved) return approved.id
  if (asked.some((gate) => gate.state === 'open')) return []
  if (asked.some((gate) => gate.outcome === 'rejected' && showsEffect(gate.subject, wanted)))
    return finish('rejected', `${spec.action} was not to show ${guarded[0]} before the change is approved.`)
  const of = state.steps[publishedStep(state, spec.of) ?? '']?.result
  const { action, target, params, change } = wanted
  const common = { run: state.run, step: spec.id, round: state.steps[spec.id]?.round ?? 1 }
  return [
    openGate(state, {
      ...unwritten(state, spec.id, at),
      kind: 'action',
      name: `${spec.action} as a draft`,
      ask: null,
      subject: { kind: 'action', ...common, action, target, params, ...(change && { change }) },
      body: of?.kind === 'change' && of.patch?.digest === change?.patch ? of.patch : null,
      why: `The draft would be seen, and checked by the forge, before anybody approved the change, and ${guarded[0]} is protected.`,
    }),
  ]
}

/** Was an effect before it only shown? Then what it would have brought is missing, and that is no failure of the run. */
const isAfterRehearsed = (state: RunState): boolean =>
  Object.values(state.intents).some((intent) => intent.state === 'rehearsed')

/** In a rehearsal: an action on what an earlier one would have brought. Why its parameters are not known stands in their place. */
const notKnown = (state: RunState, { id, action }: ActionStep, why: string): Wanted => {
  const digest = digestOf({ run: state.run, step: id, action, why })
  const target = 'what an action before it would have brought'
  return { action, step: id, key: digest, digest, params: { not_known: why }, change: null, target, at: 'server' }
}

/** What the step's turn already proposed, as it was: templates may read what other steps brought since. */
const standing = (state: RunState, step: string): Wanted | null => {
  const proposed = state.intents[state.steps[step]?.intent ?? '']
  const spec = stepSpec(state, step)
  return proposed && spec?.kind === 'action' && proposed.action === spec.action ? proposed : null
}

const ruleOf = (gate: string | null, draft = false): string =>
  gate
    ? 'approved at its gate'
    : draft
      ? 'the workflow opens a draft before the decision'
      : 'the workflow names it and asks nobody before it'
const intentOf = (state: RunState, key: string): IntentState | undefined =>
  Object.values(state.intents).findLast((i) => i.key === key)
const proposedOnce = (state: RunState, step: string, wanted: Wanted, gate: string | null): Draft[] =>
  Object.values(state.intents).some((i) => i.step === step && i.action === wanted.action)
    ? []
    : propose(state, wanted, gate, ruleOf(gate))

/** Proposed and approved in one breath: the approval was given before. */
export const propose = (state: RunState, wanted: Wanted, gate: string | null, rule: string): Draft[] => {
  const intent = idWithin('int', state.run, state.counts.intents + 1)
  return [
    { type: 'intent.proposed', by: system, data: { intent, ...wanted } },
    // In a rehearsal nothing is ever approved, so that nobody, here or on a runner, is told to do it.
    state.spec.rehearsal === undefined
      ? { type: 'intent.approved', by: system, data: { intent, gate, rule } }
      : { type: 'intent.rehearsed', by: system, data: { intent, gate } },
  ]
}

/** Facts of a change opened in Viewport after its branch was pushed: the change, and the receipt of opening it. */
const openedChange = (
  state: RunState,
  step: string,
  { id: intent, attempt: before, params, ...opened }: IntentState,
): Draft[] => {
  const { ref, into, title, body } = params as ReturnType<typeof openParams>
  const id = idWithin('chg', state.run, 1)
  const change = opened.change!
  const attempt = before + 1
  return [
    { type: 'effect.started', by: system, data: { intent, attempt, epoch: null } },
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
        attempt,
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

/** The last of the workflow's gates right before this action, all of which approved exactly this; null when there is none. */
const gateOfAction = (state: RunState, spec: ActionStep, wanted: Wanted): string | null | undefined => {
  let last: string | null = null
  for (const step of state.spec.workflow.compiled.steps) {
    if (step.kind !== 'gate' || step.gate !== 'action' || step.of !== spec.id) continue
    const gate = state.gates[state.steps[step.id]?.gate ?? '']
    if (gate?.outcome !== 'approved' || !showsEffect(gate.subject, wanted)) return undefined
    last = gate.id
  }
  return last
}

/** The last gate of the workflow that approved this step's change, or null when the workflow asks nobody. One that was rejected and may go on approves nothing. */
const approvingGate = (state: RunState, of: string): string | null | undefined => {
  const gates = state.spec.workflow.compiled.steps.filter(
    (s) => s.kind === 'gate' && s.gate === 'change' && s.of === of,
  )
  if (gates.length === 0) return null
  const wanted = changeOf(state.steps[of])
  let approved: string | undefined
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
    if (gate.outcome === 'approved') approved = gate.id
  }
  return approved
}
