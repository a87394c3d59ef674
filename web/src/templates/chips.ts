/** How a workflow goes, as the row of chips that a run of it would begin with. */
import type { Chip } from '@viewportai/core/view/shapes'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import { resultWord } from '@viewportai/core/workflow/result-word'

const verbs = { plan: 'plan', read: 'read', edit: 'implement', review: 'review' } as const

/** Agents and people in order; what it brings stands at the end. */
export const chipsOf = (compiled: Compiled): Chip[] => [
  ...compiled.steps.flatMap((step): Chip[] => {
    if (step.kind === 'agent') return [chip(step.id, 'agent', step.agent ?? 'agent', verbs[step.mode])]
    if (step.kind === 'gate') return [chip(step.id, 'person', compiled.team ?? 'members', 'decide')]
    return []
  }),
  chip('result', 'result', resultWord(compiled), ''),
]

const chip = (step: string, actor: Chip['actor'], name: string, verb: string): Chip => ({
  step,
  actor,
  name,
  verb,
  state: 'later',
})
