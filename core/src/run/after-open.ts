/**
 * What follows inside the run from what was said of its open change?
 * Reviews and failed checks come back into the step that made the change, many at once as one round, as often as the workflow allows. A merge
 * or a closing ends what is left to do. It never asks the forge.
 */
import { defaults } from '../workflow/defaults.ts'
import { revealed } from '../policy/hidden.ts'
import { finish, question, reopen } from './consequence.ts'
import { effectIsDue } from './due.ts'
import type { Draft } from './facts.ts'
import { unapprovedWords } from './merged-unapproved.ts'
import { openFor } from './pull-standing.ts'
import { changeOf, inHand, type RunState } from './state.ts'

/** The step goes back with everything that was said, once nothing of the run is under way. */
export const comesBack = (state: RunState, at: number): Draft[] => {
  const [first] = state.pending
  const id = openFor(state)
  const step = id === null ? undefined : state.steps[id]
  if (!first || id === null || !step || state.cancelling || underWay(state)) return []
  if (state.finished && state.finished.outcome !== 'succeeded') return []
  if (step.status !== 'finished' && step.status !== 'done') return []
  if (state.held || changeOf(step) === null || asksAboutRounds(state, id)) return []
  const resumed: Draft[] = state.finished
    ? [{ type: 'run.resumed', by: { kind: 'system' }, data: { because: first.because } }]
    : []
  const used = step.round - 1
  if (used < roundsFor(state, id)) return [...resumed, ...reopen(state, id, first.because, null)]
  const said = state.pending.map((one) => `${revealed(one.from)}:\n${quoted(one.text)}`).join('\n')
  return [
    ...resumed,
    ...question(
      { ...state, finished: null },
      id,
      'rounds',
      `${id} was sent back ${used} times, as often as the workflow allows. Now:\n${said}`,
      [
        { id: 'revise', label: 'Send back once more', text: 'optional' },
        { id: 'stop', label: 'Stop the run', text: 'optional' },
      ],
      at,
    ),
  ]
}

/** Each line with a mark of ours, so that no words of others read as our own. */
const quoted = (text: string): string =>
  revealed(text)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')

const underWay = (state: RunState): boolean =>
  inHand(state) ||
  Object.values(state.steps).some((step) => step.status === 'parked') ||
  Object.values(state.intents).some((intent) => effectIsDue(state, intent))

/** As often as the gate on this change lets people ask for changes; without one, as often as by default. */
const roundsFor = ({ spec }: RunState, id: string): number => {
  const gate = spec.workflow.compiled.steps.find((one) => one.kind === 'gate' && one.gate === 'change' && one.of === id)
  return gate?.kind === 'gate' ? gate.maxRounds : defaults.gateRounds
}

const asksAboutRounds = (state: RunState, step: string): boolean =>
  Object.values(state.gates).some((gate) => gate.state === 'open' && gate.step === step && gate.name === 'rounds')

/** The pull request was merged or closed while the run still worked on it: there is nothing left to decide or to push. */
export const pullEnded = ({ pull }: RunState): Draft[] => {
  if (pull?.state === 'merged') {
    const without = pull.unapproved ? ` ${unapprovedWords(pull.unapproved.why, pull.unapproved.head)}` : ''
    return finish('succeeded', `${pull.ref} was merged by ${pull.by ?? 'somebody'}${without}.`)
  }
  return pull?.state === 'closed'
    ? finish('rejected', `${pull.ref} was closed without merging by ${pull.by ?? 'somebody'}.`)
    : []
}
