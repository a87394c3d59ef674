/**
 * What does each ordered step mean once its defaults are written out?
 * One place per kind of step.
 */
import type { Step } from '../compiled.ts'
import type { Mistakes } from '../mistakes.ts'
import { lowerAction } from './action.ts'
import { lowerAgent } from './agent.ts'
import { lowerGate } from './gate.ts'
import type { Order } from './order.ts'
import { approversOf, type Surroundings } from './place.ts'
import { lowerRun } from './run.ts'

/** All steps, compiled. A step whose references cannot be resolved is left out; its mistake is told. */
export const lowerSteps = (order: Order, around: Surroundings, mistakes: Mistakes): Step[] =>
  order.steps.flatMap((placed): Step[] => {
    const place = { placed, order, around, mistakes }
    const { id, needs, draft } = placed
    switch (draft.kind) {
      case 'agent':
        return one(lowerAgent(draft, place))
      case 'run':
        return one(lowerRun(draft, place))
      case 'gate':
        return one(lowerGate(draft, place))
      case 'action':
        return one(lowerAction(draft, place))
      case 'remember':
        return [
          {
            kind: 'remember',
            id,
            needs,
            text: draft.written.remember,
            approvers: approversOf(draft.written.approvers, around),
          },
        ]
    }
  })

const one = (step: Step | null): Step[] => (step === null ? [] : [step])
