/**
 * Which steps' words does an action take outside?
 * Read from the places `{{ steps.ID.text }}` of its texts. Only these leave the runner as text; it never says who approved them.
 */
import type { ActionStep, Step } from './compiled.ts'
import { parseTemplate } from './template.ts'

/** Ids of the steps whose words the action's texts hold. */
export const toldBy = ({ params }: Pick<ActionStep, 'params'>): Set<string> => new Set(textsOf(params).flatMap(stepsIn))

/** Ids of the steps whose words any action of the workflow takes outside. */
export const toldSteps = (steps: readonly Step[]): Set<string> =>
  new Set(steps.flatMap((step) => (step.kind === 'action' ? [...toldBy(step)] : [])))

const stepsIn = (text: string): string[] =>
  parseTemplate(text).places.flatMap(({ path: [root, step, name] }) =>
    root === 'steps' && step !== undefined && name === 'text' ? [step] : [],
  )

const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value === null || typeof value !== 'object'
      ? []
      : Object.values(value).flatMap(textsOf)
