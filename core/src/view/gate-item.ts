/**
 * What does a gate ask, as a verb, and how does it stand in the inbox?
 * Readings of a gate in its run. They never say who the viewer is: `yours` and `myVerdict` are filled from votes and rights passed in.
 */
import { argvLine } from './argv-line.ts'
import { runTitle, sourceLabel } from '../match/title.ts'
import { actionForm } from '../action/actions.ts'
import { stepSpec, type GateState, type RunState } from '../run/state.ts'
import { publishedStep } from '../run/action-inputs.ts'
import type { Change } from '../gate/subject.ts'
import type { GateItem } from './shapes.ts'
import { whatLeaves } from './what-leaves.ts'

const files = (n: number): string => `${n} ${n === 1 ? 'file' : 'files'}`
const branch = (ref: string): string => ref.replace(/^refs\/heads\//, '')

/** The consequence as a verb: "Push 4 files to acme/payments-api". */
export const verbOf = (state: RunState, gate: GateState): string => {
  const subject = gate.subject
  switch (subject.kind) {
    case 'plan':
      return runTitle(state.spec.event)
    case 'change':
      return verbOfChange(state, gate, subject.change)
    case 'command':
      return subject.push
        ? `Allow git push to ${subject.push.change.repo} on ${branch(subject.push.ref)}`
        : `Run ${argvLine(subject.argv)}`
    case 'question':
      return subject.about === 'agent'
        ? `${agentOf(state, gate) ?? 'The agent'} asks: ${subject.text}`.slice(0, 300)
        : subject.text.split(/(?<=[.?])\s/)[0]!.slice(0, 300)
    case 'action':
      return verbOfAction(subject)
  }
}

const verbOfChange = (state: RunState, gate: GateState, change: Change): string => {
  const n = files(change.files.length)
  switch (whatLeaves(state, gate)) {
    case 'open':
      return `Open the change of ${n} in ${change.repo}`
    case 'nothing':
      return `Accept the change of ${n} in ${change.repo}`
    default:
      return `Push ${n} to ${change.repo}`
  }
}

/** "Merge the change of 1 file into main of acme/shop". Other tools: what is done, and on what. */
const verbOfAction = ({
  action,
  target,
  params,
  change,
}: Extract<GateState['subject'], { kind: 'action' }>): string => {
  const says = actionForm(action)?.says ?? action
  const into = params['into']
  if (!change) return `${says}: ${target}`.slice(0, 300)
  return `${says} of ${files(change.files.length)}${typeof into === 'string' ? ` ${action === 'git.merge' ? 'into' : 'for'} ${branch(into)}` : ''} of ${change.repo}`
}

/** The agent whose work the gate is about, or null. */
const agentOf = (state: RunState, gate: GateState): string | null =>
  state.steps[workOf(state, gate)]?.agent?.name ?? state.spec.pins.agents[workOf(state, gate)] ?? null

/** The step whose work a gate is about: of an action the step that it publishes, else the gate's own. */
export const workOf = (state: RunState, gate: Pick<GateState, 'step'>): string => {
  const spec = stepSpec(state, gate.step)
  return (spec?.kind === 'action' ? publishedStep(state, spec.of) : null) ?? gate.step
}

/** A gate as an item of a list, as this viewer sees it. */
export const gateItem = (state: RunState, gate: GateState, viewer: { person: string; may: boolean }): GateItem => ({
  gate: gate.id,
  run: state.run,
  number: state.number,
  kind: gate.kind,
  state: gate.state,
  outcome: gate.outcome,
  verb: verbOf(state, gate),
  source: sourceLabel(state.spec.event),
  title: runTitle(state.spec.event),
  workflow: state.spec.workflow.name,
  agent: agentOf(state, gate),
  round: gate.round,
  tainted: state.tainted,
  rehearsal: state.spec.rehearsal !== undefined,
  openedAt: gate.openedAt,
  closedAt: gate.closedAt,
  holdsRun: gate.kind !== 'context' && gate.kind !== 'workflow',
  yours: viewer.may && gate.state === 'open' && !gate.votes.some((v) => v.person === viewer.person),
  myVerdict: gate.votes.findLast((v) => v.person === viewer.person)?.verdict ?? null,
})
