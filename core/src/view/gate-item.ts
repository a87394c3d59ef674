/**
 * What does a gate ask, as a verb, and how does it stand in the inbox?
 * Readings of a gate in its run. They never say who the viewer is: `yours` and `myVerdict` are filled from votes and rights passed in.
 */
import { runTitle, sourceLabel } from '../match/title.ts'
import type { GateState, RunState } from '../run/state.ts'
import type { GateItem } from './shapes.ts'

const files = (n: number): string => `${n} ${n === 1 ? 'file' : 'files'}`
const branch = (ref: string): string => ref.replace(/^refs\/heads\//, '')

/** The consequence as a verb: "Push 4 files to acme/payments-api". */
export const verbOf = (state: RunState, gate: GateState): string => {
  const subject = gate.subject
  switch (subject.kind) {
    case 'plan':
      return runTitle(state.spec.event)
    case 'change':
      return `Push ${files(subject.change.files.length)} to ${subject.change.repo}`
    case 'command':
      return subject.push
        ? `Allow git push to ${subject.push.change.repo} on ${branch(subject.push.ref)}`
        : `Run ${subject.argv.join(' ')}`
    case 'question':
      return subject.about === 'agent'
        ? `${agentOf(state, gate) ?? 'The agent'} asks: ${subject.text}`.slice(0, 300)
        : subject.text.split(/(?<=[.?])\s/)[0]!.slice(0, 300)
    case 'action':
      return `${subject.action} to ${subject.target}`
  }
}

/** The agent whose work the gate is about, or null. */
export const agentOf = (state: RunState, gate: GateState): string | null =>
  state.steps[gate.step]?.agent?.name ?? state.spec.pins.agents[gate.step] ?? null

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
  openedAt: gate.openedAt,
  closedAt: gate.closedAt,
  holdsRun: gate.kind !== 'context' && gate.kind !== 'workflow',
  yours: viewer.may && gate.state === 'open' && !gate.votes.some((v) => v.person === viewer.person),
  myVerdict: gate.votes.findLast((v) => v.person === viewer.person)?.verdict ?? null,
})
