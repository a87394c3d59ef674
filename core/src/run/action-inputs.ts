/**
 * What does an action step rest on: whose change, which parameters, which branch?
 * Parameters are rendered from the run and checked; it never says what is done with them.
 */
import { actionForm } from '../action/actions.ts'
import { readParams } from '../action/params.ts'
import { runTitle } from '../match/title.ts'
import type { ActionStep } from '../workflow/compiled.ts'
import { renderTemplate, type TemplateValues } from '../workflow/template.ts'
import { keptText } from '../wire/level.ts'
import { toldBy } from '../workflow/told-steps.ts'
import type { IntentState, RunState } from './state.ts'
import { templateValuesOf } from './template-values-of.ts'

/** An effect that a step would have now. */
export type Wanted = Pick<IntentState, 'action' | 'step' | 'key' | 'digest' | 'params' | 'change' | 'target' | 'at'>

/** The step whose tree an action publishes. */
export const publishedStep = (state: Pick<RunState, 'spec'>, of: string | null): string | null =>
  of ?? state.spec.workflow.compiled.steps.findLast((s) => s.kind === 'agent' && s.mode === 'edit')?.id ?? null

/** The step's parameters with their places filled and checked, or why they cannot be used. */
export const renderedParams = (state: RunState, spec: ActionStep): Record<string, unknown> | string => {
  const values = templateValuesOf(state)
  const silent = [...toldBy(spec)].find((step) => !Object.hasOwn(values.steps, step))
  if (silent !== undefined) return notTold(state, silent)
  const form = actionForm(spec.action)?.params ?? {}
  const filled = Object.entries(spec.params).flatMap(([key, value]) => {
    const param = form[key]
    if (param?.kind === 'json') return [[key, filledIn(value, values)] as const]
    if (param?.kind !== 'template' || typeof value !== 'string') return [[key, value] as const]
    const { text } = renderTemplate(value, values, param.quote ?? 'markdown')
    // Places without a value are nothing; a text of nothing else is as if it were not written, and has its default.
    return text.trim() === '' && !param.required ? [] : [[key, text] as const]
  })
  const read = readParams(spec.action, Object.fromEntries(filled))
  return read.ok ? read.params : read.why
}

/** Why the words of a step are not here. Without them an action would say nothing, or less than was meant. */
const notTold = (state: RunState, step: string): string => {
  const result = state.steps[step]?.result
  const kept = result && 'text' in result && result.text === keptText
  return kept
    ? `what ${step} wrote stays on its runner, which keeps short texts (its policy says \`excerpts: false\`, or the workspace \`--leaves metadata\`): let them leave, or take \`steps.${step}.text\` out of the workflow`
    : `${step} has written nothing that could be used`
}

/** Any JSON value with the places of its texts filled. */
const filledIn = (value: unknown, values: TemplateValues): unknown => {
  if (typeof value === 'string') return renderTemplate(value, values, 'line').text
  if (Array.isArray(value)) return value.map((one) => filledIn(one, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, values)]))
}

export const titleOf = (state: RunState): string => runTitle(state.spec.event)
/** The full ref that the run began from in a repository. */
export const targetRef = (state: RunState, repo: string): string =>
  state.spec.pins.repos.find((r) => r.name === repo)?.ref ?? 'refs/heads/main'

/** A branch's own name: `main` of `refs/heads/main`. */
export const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, '')
