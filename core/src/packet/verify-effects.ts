/**
 * Was every effect approved before it began, done once, and done as approved?
 * It reads the facts alone. What the workflow allows without asking is read from the frozen workflow, not from the words of the approval.
 */
import { actionForm } from '../action/actions.ts'
import { changeDigest, changeIn } from '../gate/subject.ts'
import { protectedIn } from '../policy/paths.ts'
import { isDraftFirst } from '../run/draft-first.ts'
import type { FactOf } from '../run/facts.ts'
import type { RunSpec } from '../run/spec.ts'
import { mayMerge } from '../run/change-standing.ts'
import { isPersonsMerge } from '../run/state.ts'
import { publishedStep } from '../run/action-inputs.ts'
import { decideCommand } from '../policy/command.ts'
import type { AgentStep } from '../workflow/compiled.ts'
import { executedOf, executedOtherwise } from './executed.ts'
import { showsEffect } from '../gate/shown-action.ts'
import type { Link } from './links.ts'
import { factsFile } from './names.ts'
import type { GateSeen } from './verify-decisions.ts'
import { fault, type Fault, type FaultCode } from './verdict.ts'

type Intent = {
  proposed: FactOf<'intent.proposed'>
  approved: boolean
  state: 'idle' | 'executing' | 'succeeded'
  attempt: number
}
type Wrong = [code: FaultCode, words: string] | null

/** Reads the facts of intents in order; asks `gates` as they stand at that place. `all`: the whole chain, to tell "later" from "never". */
export const effectReader = (spec: RunSpec, gates: ReadonlyMap<string, GateSeen>, all: readonly Link[]) => {
  const intents = new Map<string, Intent>()
  const merges = new Set<string>() // `change digest` that a person asked to merge
  const opened = new Map<string, string>() // change id -> digest
  const done = new Map<string, string>() // key of an effect -> intent that did it
  const pushes: FactOf<'push.recorded'>[] = []
  let stopped = false // asked to stop, or ended otherwise than well

  const read = ({ fact }: Link): Wrong[] => {
    switch (fact.type) {
      case 'run.cancel_requested':
        stopped = true
        return []
      case 'run.finished':
        stopped ||= fact.data.outcome !== 'succeeded'
        return []
      case 'push.recorded':
        pushes.push(fact.data)
        return []
      case 'intent.proposed': {
        const { intent, change, digest } = fact.data
        const again = intents.has(intent)
        intents.set(intent, { proposed: fact.data, approved: false, state: 'idle', attempt: 0 })
        return [
          again ? ['impossible', `${intent} was proposed twice.`] : null,
          change && changeDigest(change) !== digest
            ? ['approved_differs', `The change has the digest ${changeDigest(change)}; the intent names ${digest}.`]
            : null,
        ]
      }
      case 'intent.approved': {
        const intent = intents.get(fact.data.intent)
        if (!intent) return [['impossible', `There is no intent ${fact.data.intent} before it.`]]
        intent.approved = true
        return [
          fact.data.gate === null ? unasked(intent.proposed) : byGate(intent.proposed, fact.data.gate),
          ...actionGates(intent.proposed),
        ]
      }
      case 'intent.rehearsed': {
        const intent = intents.get(fact.data.intent)
        if (!intent) return [['impossible', `There is no intent ${fact.data.intent} before it.`]]
        return [spec.rehearsal === undefined ? ['impossible', 'It was rehearsed in a run that is no rehearsal.'] : null]
      }
      case 'effect.started': {
        const intent = intents.get(fact.data.intent)
        if (!intent) return [['impossible', `There is no intent ${fact.data.intent} before it.`]]
        const before = intent.attempt
        const was = intent.state
        intent.attempt = fact.data.attempt
        intent.state = 'executing'
        return [
          intent.approved ? null : notYet(fact.data.intent),
          spec.rehearsal === undefined ? null : ['not_approved', 'It began in a rehearsal, where nothing is done.'],
          stopped && before === 0 && !isPersonsMerge({ spec }, intent.proposed)
            ? ['began_after_stop', 'It had not begun when the run was stopped.']
            : null,
          was === 'idle'
            ? null
            : [
                'duplicate_effect',
                was === 'executing'
                  ? 'It began while another attempt was under way.'
                  : 'It began again after it had succeeded.',
              ],
          fact.data.attempt === before + 1
            ? null
            : ['impossible', `Attempt ${fact.data.attempt} follows attempt ${before}.`],
        ]
      }
      case 'effect.succeeded': {
        const intent = intents.get(fact.data.intent)
        if (!intent) return [['impossible', `There is no intent ${fact.data.intent} before it.`]]
        const { key, action, digest, change } = intent.proposed
        const twice =
          intent.state === 'succeeded' || done.has(key)
            ? `${action} was done by ${done.get(key) ?? fact.data.intent} already.`
            : null
        const other = executedOtherwise(action, digest, change, executedOf(fact.data.receipt))
        const ran = intent.state === 'executing' && intent.attempt === fact.data.attempt
        intent.state = 'succeeded'
        done.set(key, fact.data.intent)
        return [
          twice ? ['duplicate_effect', twice] : ran ? null : ['impossible', 'It succeeded without having begun.'],
          other ? ['executed_differs', `${other}.`] : null,
        ]
      }
      case 'effect.failed':
      case 'effect.unknown': {
        const intent = intents.get(fact.data.intent)
        const ran = intent?.state === 'executing' && intent.attempt === fact.data.attempt
        if (intent && ran) intent.state = 'idle'
        return [ran ? null : ['impossible', 'It ended without having begun.']]
      }
      case 'effect.settled': {
        const intent = intents.get(fact.data.intent)
        const free = intent?.state === 'idle' && intent.attempt > 0
        if (intent && free && fact.data.how === 'done') {
          intent.state = 'succeeded'
          done.set(intent.proposed.key, fact.data.intent)
        }
        return [
          free
            ? null
            : ['impossible', 'It was closed by a word while it had not begun, was under way or had succeeded.'],
          fact.by.kind === 'person' ? null : ['approver_not_allowed', 'It was not closed by a person.'],
          fact.data.gate === null || gates.get(fact.data.gate)?.outcome === 'answered'
            ? null
            : ['approver_not_allowed', `The question ${fact.data.gate} was not answered before it.`],
        ]
      }
      case 'change.opened':
        opened.set(fact.data.id, changeDigest(fact.data.change))
        return [
          intents.get(fact.data.intent)?.proposed.digest === changeDigest(fact.data.change)
            ? null
            : ['executed_differs', 'The opened change is not the approved one.'],
        ]
      case 'change.merge_requested':
        merges.add(`${fact.data.id} ${fact.data.digest}`)
        return [
          fact.by.kind === 'person' ? null : ['approver_not_allowed', 'It was not asked by a person.'],
          mayMerge({ spec }, askedSoFar()).has(fact.data.as)
            ? null
            : ['approver_not_allowed', `It was asked as ${fact.data.as}, who could not.`],
          opened.get(fact.data.id) === fact.data.digest
            ? null
            : [
                'decision_digest_differs',
                `The merge was asked on ${fact.data.digest}; the change is ${opened.get(fact.data.id) ?? 'not open'}.`,
              ],
        ]
      case 'change.merged': {
        const by = intents.get(fact.data.intent)
        return [
          by?.proposed.action === 'git.merge' && by.state === 'succeeded'
            ? null
            : ['not_approved', 'No merge that succeeded stands behind it.'],
        ]
      }
      default:
        return []
    }
  }

  const askedSoFar = () => [...gates.values()].map(({ opened, approvers }) => ({ kind: opened.kind, approvers }))

  const notYet = (id: string): Wrong => {
    const later = all.find(({ fact }) => fact.type === 'intent.approved' && fact.data.intent === id)
    return later
      ? ['approved_after_execution', `It began before its approval (fact ${later.fact.seq}).`]
      : ['not_approved', 'It began and was never approved.']
  }

  const byGate = ({ change, digest, action, target, params }: Intent['proposed'], id: string): Wrong => {
    const gate = gates.get(id)
    if (!gate) return ['not_approved', `There is no gate ${id} before it.`]
    if (gate.outcome !== 'approved')
      return (
        laterVote(id) ?? [
          'not_approved',
          `The gate ${id} is ${gate.outcome?.replace('_', ' ') ?? 'open'} at this point.`,
        ]
      )
    const { subject } = gate.opened
    const shown = changeIn(subject)
    if (subject.kind === 'action')
      return showsEffect(subject, { action, target, params, change })
        ? null
        : ['approved_differs', `The gate ${id} showed another action.`]
    if (!change || !shown) return ['approved_differs', `The gate ${id} did not show what this does.`]
    return changeDigest(shown) === digest
      ? null
      : ['approved_differs', `The gate ${id} showed ${changeDigest(shown)}; this would do ${digest}.`]
  }

  /** Every gate that the workflow writes right before this action: the last one that opened for it has approved exactly this. */
  const actionGates = (proposed: Intent['proposed']): Wrong[] =>
    spec.workflow.compiled.steps.flatMap((step): Wrong[] => {
      if (step.kind !== 'gate' || step.gate !== 'action') return []
      const own = spec.workflow.compiled.steps.find((one) => one.id === step.of)
      // A merge that a person asks for must not pass a gate of the workflow on merging.
      const meant =
        proposed.step === step.of ||
        (own?.kind === 'action' && own.action === 'git.merge' && proposed.action === 'git.merge')
      if (!meant) return []
      const gate = [...gates.values()].findLast((one) => one.opened.gateStep === step.id)
      if (gate?.outcome !== 'approved')
        return [
          (gate && laterVote(gate.opened.gate)) ?? ['not_approved', `The workflow asks at ${step.name} before it.`],
        ]
      return [
        showsEffect(gate.opened.subject, proposed)
          ? null
          : ['approved_differs', `The gate ${gate.opened.gate} showed another action.`],
      ]
    })

  const laterVote = (id: string): Wrong =>
    all.some(
      ({ fact }) =>
        fact.type === 'gate.closed' &&
        fact.data.gate === id &&
        fact.data.outcome === 'approved' &&
        gates.get(id)?.outcome === null,
    )
      ? ['approved_after_execution', `The gate ${id} was approved later.`]
      : null

  /** Without a gate: a merge that a person asked for, a push that the workflow allows, or a workflow that asks nobody. */
  const unasked = ({ action, step, digest, params, change }: Intent['proposed']): Wrong => {
    const own = spec.workflow.compiled.steps.find((one) => one.id === step)
    if (action === 'git.merge' && merges.has(`${String(params['change'])} ${digest}`)) return null
    if (
      own?.kind === 'agent' &&
      action === 'git.push' &&
      pushes.some((push) => allows(own, push, digest, params['ref']))
    )
      return null
    // An action that carries no change stands in the workflow by itself; gates on a change say nothing about it.
    const of = own?.kind === 'action' && actionForm(own.action)?.change ? publishedStep({ spec }, own.of) : null
    const asks = spec.workflow.compiled.steps.some(
      (one) => one.kind === 'gate' && one.gate === 'change' && one.of === of,
    )
    if (own?.kind === 'action' && isDraftFirst(spec.workflow.compiled.steps, own)) {
      const guarded = change ? protectedIn(spec.workflow.compiled.repos, change) : []
      if (action !== own.action && action !== 'git.push')
        return ['not_approved', `The workflow opens a draft there, and does not ${action}.`]
      return guarded.length === 0
        ? null
        : ['not_approved', `The draft shows ${guarded[0]}, which is protected, and nobody was asked.`]
    }
    return own?.kind === 'action' && !asks
      ? null
      : ['not_approved', 'No gate approved it, and the workflow does not leave it unasked.']
  }

  return {
    read: (link: Link): Fault[] =>
      read(link).flatMap((wrong) => (wrong ? [fault(wrong[0], factsFile, wrong[1], `fact ${link.fact.seq}`)] : [])),
  }
}

/** Is this the very push that was recorded, and do the step's own rules allow it without asking? */
const allows = (own: AgentStep, push: FactOf<'push.recorded'>, digest: string, ref: unknown): boolean =>
  push.step === own.id &&
  push.ref === ref &&
  changeDigest(push.change) === digest &&
  decideCommand(push.argv, own.commands, { sandboxed: false }).decision === 'allow'
