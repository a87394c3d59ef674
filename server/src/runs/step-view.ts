/** How does one step of a run read in the row of steps: who, what, how it stands? */
import type { z } from 'zod'
import type { StepView } from '@viewportai/core/api/runs'
import { isDone, openAsks, type RunState, type StepState } from '@viewportai/core/run/state'
import type { Names } from '@viewportai/core/view/board-row'
import { effectWhere } from '@viewportai/core/view/effect-words'
import type { Step } from '@viewportai/core/workflow/compiled'

type View = z.infer<typeof StepView>

export const stepView = (state: RunState, spec: Step, names: Names): View => {
  const step = state.steps[spec.id]!
  return {
    id: spec.id,
    kind: spec.kind,
    ...wordsOf(state, spec, step, names),
    tone: toneOf(state, spec, step),
    startedAt: step.startedAt,
    finishedAt: step.finishedAt,
    attempt: step.attempt,
    round: step.round,
    usage: step.usage,
    log: step.log,
    live: step.status === 'running',
    agent: spec.kind === 'agent' ? (step.agent?.name ?? state.spec.pins.agents[spec.id] ?? spec.agent) : null,
    agentVersion: step.agent?.version ?? null,
    agentTested: step.agent?.tested ?? null,
    model: spec.kind === 'agent' ? (spec.model ?? null) : null,
    why: step.failure ? `${step.failure.summary} ${step.failure.check}`.trim() : null,
  }
}

const wordsOf = (state: RunState, spec: Step, step: StepState, names: Names): Pick<View, 'label' | 'detail'> => {
  switch (spec.kind) {
    case 'agent':
      return { label: step.agent?.name ?? state.spec.pins.agents[spec.id] ?? spec.agent ?? 'agent', detail: spec.mode }
    case 'run':
      return { label: 'Checks', detail: step.round > 1 ? `${step.round} rounds` : '' }
    case 'gate': {
      const votes = (step.gate ? state.gates[step.gate]?.votes : undefined) ?? []
      const required = (step.gate ? state.gates[step.gate]?.required : undefined) ?? spec.required
      const who =
        votes.length > 0
          ? votes.map((vote) => names.label(`user:${vote.person}`))
          : spec.approvers.map((principal) => names.label(principal))
      return { label: who.join(' '), detail: required > 1 ? `${spec.gate}, ${votes.length} of ${required}` : spec.gate }
    }
    case 'action':
      return { label: spec.action, detail: step.intent === null ? '' : actsWhere(state.intents[step.intent]) }
    case 'remember':
      return { label: 'Note', detail: '' }
  }
}

const actsWhere = (intent: RunState['intents'][string] | undefined): string =>
  intent === undefined ? '' : effectWhere(intent.target, intent.receipt)

const toneOf = (state: RunState, spec: Step, step: StepState): View['tone'] => {
  if (isDone(state, spec.id)) return 'done'
  if (!state.finished && openAsks(state, spec.id).length > 0) return 'wait'
  switch (step.status) {
    case 'running':
      return state.finished ? 'stop' : 'run'
    case 'failed':
    case 'lost':
      return 'stop'
    case 'waiting':
      return state.finished ? 'stop' : spec.kind === 'gate' ? 'wait' : 'run'
    case 'open':
    case 'parked':
    case 'finished':
    case 'done':
      return 'idle'
  }
}
