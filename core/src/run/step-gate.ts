/**
 * What does a gate of the workflow ask when its turn has come: about a plan, a change, an action?
 * It builds the opening of the gate on exactly what is there. It never decides who may vote beyond what the workflow says.
 */
import { protectedIn } from '../policy/paths.ts'
import { subjectDigest, type Subject } from '../gate/subject.ts'
import type { GateStep } from '../workflow/compiled.ts'
import { finish, openGate } from './consequence.ts'
import { draftBefore } from './draft-first.ts'
import { couldNotVote } from './pinned-people.ts'
import { stepSpec, type GateState, type RunState } from './state.ts'
import { publishedStep } from './action-inputs.ts'
import { wantedOf } from './wanted.ts'
import type { Draft } from './facts.ts'
import { lastPush } from './pull-standing.ts'
import { toldOf } from './told-check.ts'

/** The workflow's own gate opens on the result of its step. */
export const openStepGate = (state: RunState, spec: GateStep, at: number): Draft[] => {
  const of = state.steps[spec.of]
  const result = of?.result
  const common = { run: state.run, step: spec.of, round: of?.round ?? 1 }
  const { repos } = state.spec.workflow.compiled
  const ask = {
    name: spec.name,
    step: spec.of,
    gateStep: spec.id,
    ask: null,
    approvers: spec.approvers,
    exclude: spec.exclude,
    excluded: excludedBy(state, spec),
    expiresAt: spec.expiresAfterSeconds === null ? null : at + spec.expiresAfterSeconds * 1_000,
    onExpiry: spec.onExpiry,
    remindAt: spec.remindAfterSeconds === null ? null : at + spec.remindAfterSeconds * 1_000,
  }
  if (spec.gate === 'plan' && result?.kind === 'plan') {
    const subject: Subject = {
      kind: 'plan',
      ...common,
      body: result.body.digest,
      files: result.files,
      steps: result.steps,
    }
    return [
      openGate(state, {
        ...ask,
        kind: 'plan',
        subject,
        body: result.body,
        required: spec.required,
        why: `${spec.name}: the workflow asks before the plan is carried out.`,
      }),
    ]
  }
  if (spec.gate === 'change' && result?.kind === 'change' && result.change && result.patch) {
    const guarded = protectedIn(repos, result.change)
    const subject: Subject = {
      kind: 'change',
      ...common,
      change: result.change,
      ref: state.spec.branch,
      protected: guarded,
    }
    const more = guarded.length > 0 ? 1 : 0
    const draft = draftWords(state, spec.id)
    const why = more
      ? `${oneMore(spec.name, guarded)}${draft === null ? '' : ` ${draft}`}`
      : `${spec.name}: ${draft ?? 'the workflow asks before a change leaves the runner.'}`
    return [
      openGate(state, {
        ...ask,
        kind: 'change',
        subject,
        body: result.patch,
        required: spec.required + more,
        why,
        ...keptApprovals(state, spec.id, subjectDigest(subject)),
      }),
    ]
  }
  if (spec.gate === 'action') {
    const action = stepSpec(state, spec.of)
    if (action?.kind !== 'action')
      return finish('failed', `The gate ${spec.id} looks at ${spec.of}, which is no action.`)
    const wanted = wantedOf(state, action)
    if (typeof wanted === 'string') return finish('failed', wanted)
    const { params, target, change } = wanted
    const subject: Subject = {
      kind: 'action',
      ...common,
      action: action.action,
      target,
      params,
      ...(change && { change }),
    }
    const guarded = change ? protectedIn(repos, change) : []
    const of = state.steps[publishedStep(state, action.of) ?? '']?.result
    return [
      openGate(state, {
        ...ask,
        kind: 'action',
        subject,
        body: of?.kind === 'change' && of.patch?.digest === change?.patch ? of.patch : null,
        required: spec.required + (guarded.length > 0 ? 1 : 0),
        why:
          guarded.length > 0 ? oneMore(spec.name, guarded) : `${spec.name}: the workflow asks before ${action.action}.`,
      }),
    ]
  }
  return finish(
    'failed',
    `The gate ${spec.id} has nothing to show: ${spec.of} brought ${result?.kind ?? 'no result'}, a ${spec.gate} was expected.`,
  )
}

/**
 * Who approved exactly this here, before its checks ran again: where they passed now, nothing is worse than what they approved, and they are not asked twice. Where they went otherwise
 * everybody is asked about that. An approval at the forge is not kept: each look says anew whether it stands.
 */
const keptApprovals = (
  state: RunState,
  gateStep: string,
  digest: string,
): { kept: { gate: string; people: string[] } } | undefined => {
  const before = state.gates[state.steps[gateStep]?.gate ?? '']
  if (!before || before.outcome !== 'superseded' || before.digest !== digest) return undefined
  if (state.pull?.checks?.outcome !== 'passed') return undefined
  const people = before.votes.flatMap(({ verdict, person, via }) =>
    verdict === 'approve' && via.surface !== 'forge' ? [person] : [],
  )
  return people.length === 0 ? undefined : { kept: { gate: before.id, people } }
}

/** What is known of the draft that stands for this change: how the forge's checks ended at exactly its commit. */
const draftWords = (state: RunState, gate: string): string | null => {
  const draft = draftBefore(state.spec.workflow.compiled.steps, gate)
  const { pull } = state
  if (!draft || pull?.step !== draft.id) return null
  const { checks } = pull
  const ended = {
    passed: `its ${checks?.total} ${checks?.total === 1 ? 'check' : 'checks'} passed`,
    failed: `${checks?.failed.join(', ')} failed`,
    none: 'no check was reported',
    running: 'its checks run again',
    unfinished: 'its checks take too long to wait for',
    unseen: `its checks could not be seen, so nobody knows whether they passed: ${checks?.why ?? 'the forge does not show them'}`,
  }[checks?.outcome ?? 'none']
  // A word beside the forge's checks: whatever ran in the job could have said it.
  const passes = toldOf(state, lastPush(state)?.commit ?? '', 'passed').map(({ name }) => name)
  const told =
    passes.length === 0 ? '' : ` CI told, which proves nothing by itself, that this passed: ${passes.join('; ')}.`
  return `the draft ${pull.ref} is open; ${ended}${checks ? ` at ${checks.head.slice(0, 12)}` : ''}.${told}`
}

const oneMore = (name: string, guarded: readonly string[]): string =>
  `${name}: ${guarded[0]}${guarded.length > 1 ? ` and ${guarded.length - 1} more are` : ' is'} protected, so one approver more.`

/** People who may not vote, and why, by id. */
const excludedBy = (state: RunState, spec: GateStep): GateState['excluded'] => {
  const { requester, event } = state.spec
  return [...new Set([requester.person, event.actor.person])].flatMap((person) => {
    const why = person === null ? null : couldNotVote(state.spec, spec, person)
    return person === null || why === null ? [] : [{ person, why }]
  })
}
