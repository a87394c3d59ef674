/**
 * What follows inside the run from what just happened, without anybody deciding anything?
 * Asked again after each batch until nothing follows. It never looks outside the state.
 */
import { comesBack, pullEnded } from './after-open.ts'
import { sayBudget } from './budget.ts'
import { isOverBudget, isStuck, startsAgain, waitsForBudget } from './due.ts'
import { openActionFor } from './action-step.ts'
import { mergeSteps } from './change-standing.ts'
import { closeGates, finish, question, reopen } from './consequence.ts'
import { isAskedAnew, waitsForChecks } from './hear.ts'
import { asksToGoOn, isTaintHeld } from './holds.ts'
import { isUnrouted, routeAbout, routeAskers } from './routed.ts'
import { openStepGate } from './step-gate.ts'
import { breakerOf } from '../workflow/breaker.ts'
import { stuckChoices, stuckWords } from './stuck-effect.ts'
import { changeOf, inHand, isDone, isPersonsMerge, needsDone, type RunState } from './state.ts'
import { toldFollows } from './told-check.ts'
import type { Draft } from './facts.ts'

const system = { kind: 'system' } as const

/** The next facts that follow, or none. */
export const follow = (state: RunState, at: number): Draft[] => {
  const merge = mergeFollows(state)
  if (merge.length) return merge
  const told = toldFollows(state)
  if (told.length) return told
  const back = comesBack(state, at)
  if (back.length) return back
  if (state.finished) return []
  if (state.cancelling) return cancelFollows(state)
  if (isUnrouted(state)) return askWhereTo(state, at)
  const ended = [...pullEnded(state), ...changeEnded(state)]
  if (ended.length) return ended
  const asks = asksToGoOn(state, at)
  if (asks.length) return asks
  if (state.held) return []
  const trouble = troubles(state, at)
  if (trouble.length) return trouble
  for (const spec of state.spec.workflow.compiled.steps) {
    const step = state.steps[spec.id]!
    if (!needsDone(state, spec.id)) continue
    if (
      spec.kind === 'gate' &&
      (step.status === 'open' || (step.status === 'waiting' && isAskedAnew(state, spec.id))) &&
      !waitsForChecks(state, spec.id)
    )
      return openStepGate(state, spec, at)
    if (
      spec.kind === 'action' &&
      !isTaintHeld(state, spec.id) &&
      (step.status === 'open' || step.status === 'waiting')
    ) {
      const drafts = openActionFor(state, spec, at)
      if (drafts.length) return drafts
    }
    if (spec.kind === 'remember' && step.status === 'open' && !isTaintHeld(state, spec.id))
      return finish(
        'failed',
        `The step ${spec.id} proposes a note to remember; this version of Viewport does not keep notes yet.`,
      )
  }
  const steps = state.spec.workflow.compiled.steps
  return steps.every((s) => isDone(state, s.id)) ? finish('succeeded', 'Every step is done.') : []
}

/** A merge that a runner carried out closes the change, also after the run has ended. */
const mergeFollows = (state: RunState): Draft[] => {
  const change = state.change
  if (!change || change.state === 'merged') return []
  const merged = Object.values(state.intents).find(
    (i) => i.action === 'git.merge' && i.state === 'succeeded' && i.params['change'] === change.id,
  )
  const commit = merged?.receipt?.observed['commit']
  if (!merged || typeof commit !== 'string') return []
  return [{ type: 'change.merged', by: system, data: { id: change.id, commit, intent: merged.id } }]
}

/** A person merged or closed the change while the run was still to merge it: nobody is asked about that any more. */
const changeEnded = (state: RunState): Draft[] => {
  const merges = mergeSteps(state)
  if (state.change?.state === 'abandoned' && merges.some((id) => !isDone(state, id)))
    return finish('rejected', 'The change was closed without merging.')
  if (state.change?.state !== 'merged') return []
  const pointless = Object.values(state.gates).filter((g) => g.state === 'open' && merges.includes(g.step))
  return closeGates(pointless, 'superseded', 'The change was merged.')
}

const cancelFollows = (state: RunState): Draft[] => {
  const open = Object.values(state.gates).filter((g) => g.state === 'open')
  if (open.length) return closeGates(open, 'cancelled', 'The run was stopped.')
  return inHand(state)
    ? []
    : finish(
        'cancelled',
        `Stopped by ${state.cancelling!.by}${state.cancelling!.reason ? `: ${state.cancelling!.reason}` : ''}.`,
      )
}

const asked = (state: RunState, step: string, about: string): boolean =>
  Object.values(state.gates).some(
    (g) => g.state === 'open' && g.step === step && g.subject.kind === 'question' && g.subject.about === about,
  )

const asksForBudget = (state: RunState): boolean =>
  Object.values(state.gates).some(
    (g) => g.state === 'open' && g.subject.kind === 'question' && g.subject.about === 'budget_spent',
  )

/** Steps and effects that cannot go on by themselves: sent back where the workflow says so, else a person is asked. */
const troubles = (state: RunState, at: number): Draft[] => {
  for (const spec of state.spec.workflow.compiled.steps) {
    const step = state.steps[spec.id]!
    if (isOverBudget(step) || waitsForBudget(state, spec.id)) {
      if (asksForBudget(state)) continue // one question for the whole run
      return question(
        state,
        spec.id,
        'budget_spent',
        `The budget of this run is used up: ${sayBudget(state)}. ${isOverBudget(step) ? step.failure?.summary : `${spec.id} has not begun.`} Go on with as much again?`,
        [{ id: 'more', label: 'Go on with as much again', text: 'none' }, stop],
        at,
      )
    }
    if ((spec.kind === 'agent' || spec.kind === 'run') && startsAgain(step, spec.restart)) continue
    if (step.status === 'failed' && !asked(state, spec.id, 'failed'))
      return question(
        state,
        spec.id,
        'failed',
        `${step.failure?.summary ?? 'The step failed.'} ${step.failure?.check ?? ''}`.trim(),
        [again, stop],
        at,
      )
    if (step.status === 'lost' && !asked(state, spec.id, 'lost'))
      return question(
        state,
        spec.id,
        'lost',
        `The runner was lost while it worked on ${spec.id} (attempt ${step.attempt}). What it did outside is not known.`,
        [again, stop],
        at,
      )
    if (spec.kind === 'run' && step.status === 'finished' && step.result?.kind === 'checks') {
      const { found, passed } = step.result
      if (!found && !asked(state, spec.id, 'no_checks'))
        return question(
          state,
          spec.id,
          'no_checks',
          'Which command proves this change? The repository declares no checks.',
          [
            { id: 'command', label: 'Run this command', text: 'required' },
            { id: 'continue', label: 'Go on without checks', text: 'none' },
            stop,
          ],
          at,
        )
      if (found && !passed && !asked(state, spec.id, 'checks_failed')) {
        if (spec.fixWith && step.round <= spec.maxRounds) return reopen(state, spec.fixWith, 'checks_failed', null)
        return question(
          state,
          spec.id,
          'checks_failed',
          `The checks are still red after ${step.round === 1 ? 'one run' : `${step.round} runs`}.`,
          [
            ...(spec.fixWith ? [{ id: 'again', label: 'One more round', text: 'optional' as const }] : []),
            { id: 'continue', label: 'Go on with red checks', text: 'none' },
            stop,
          ],
          at,
        )
      }
    }
    if (
      spec.kind === 'agent' &&
      step.status === 'finished' &&
      step.unchanged >= unchangedAtMost(state) &&
      !asked(state, spec.id, 'no_progress')
    )
      return question(
        state,
        spec.id,
        'no_progress',
        `${spec.id} was sent back ${step.unchanged} times in a row and brought the very same change each time.`,
        [
          { id: 'revise', label: 'Send back with a comment', text: 'required' },
          { id: 'continue', label: 'Go on with it as it is', text: 'none' },
          stop,
        ],
        at,
      )
    if (
      spec.kind === 'agent' &&
      spec.mode === 'edit' &&
      step.status === 'finished' &&
      changeOf(step) === null &&
      !asked(state, spec.id, 'no_change')
    )
      return question(
        state,
        spec.id,
        'no_change',
        'The agent changed nothing.',
        [{ id: 'revise', label: 'Send back with a comment', text: 'required' }, stop],
        at,
      )
  }
  for (const intent of Object.values(state.intents)) {
    if (intent.action === 'git.merge' && state.change?.state === 'merged') continue
    // A merge that a person asked for leaves the change open again, with the reason: they see it where they asked.
    if (!isStuck(intent) || isPersonsMerge(state, intent) || asked(state, intent.step, `effect:${intent.id}`)) continue
    return question(state, intent.step, `effect:${intent.id}`, stuckWords(intent), stuckChoices(intent), at)
  }
  return []
}

const unchangedAtMost = ({ spec }: RunState): number => breakerOf(spec.workflow.compiled).unchanged

/** Nothing begins before a person has said where: their answer is the only thing that lets it. */
const askWhereTo = (state: RunState, at: number): Draft[] => {
  const { workflow, routing } = state.spec
  const [first] = workflow.compiled.steps
  if (!routing || asked(state, first!.id, routeAbout)) return []
  const closed = routing.among.filter((option) => routing.options[option]!.lacks !== undefined)
  const without = closed.map((option) => ` Not ${routing.options[option]!.label}: ${routing.options[option]!.lacks}.`)
  return question(
    state,
    first!.id,
    routeAbout,
    `Where is this worked on? ${routing.why}${without.join('')}`,
    [
      ...routing.among.flatMap((option) =>
        closed.includes(option)
          ? []
          : {
              id: `place-${option + 1}`,
              label: routing.options[option]!.label,
              text: 'none' as const,
            },
      ),
      stop,
    ],
    at,
    routeAskers(workflow.compiled),
  )
}

const again = { id: 'again', label: 'Try again', text: 'none' } as const
const stop = { id: 'stop', label: 'Stop the run', text: 'optional' } as const
