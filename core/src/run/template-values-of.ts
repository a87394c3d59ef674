/**
 * What do the places of this run's texts stand for, as far as it has come?
 * The event as it was, the inputs, the run's names, what agents wrote and what receipts observed. It renders nothing.
 */
import { templateValues } from '../workflow/template-values.ts'
import type { TemplateValue, TemplateValues } from '../workflow/template.ts'
import { keptText } from '../wire/level.ts'
import { linkOf } from './receipt-link.ts'
import type { IntentState, RunState } from './state.ts'

/** `run.url` is the address of the run's page (only its path where the run does not know the address of its Viewport); `actions` holds what is known of effects that succeeded. `event`: as an agent is given it, for what an agent is told. */
export const templateValuesOf = (state: RunState, event = state.spec.event): TemplateValues => {
  const { inputs, branch, workflow } = state.spec
  const run = {
    id: state.run,
    title: event.subject.title,
    url: pageOf(state),
    branch,
    workflow: workflow.name,
    source: event.subject.label,
  }
  return templateValues(event, inputs, run, broughtBy(state), writtenIn(state))
}

const pageOf = (state: RunState): string => `${state.spec.address ?? ''}/runs/${state.number}`

/** What agents wrote, by step, of steps whose words an action takes out; those that a runner keeps for itself are not here. */
const writtenIn = (state: RunState): TemplateValues['steps'] =>
  Object.fromEntries(
    Object.entries(state.steps).flatMap(([id, { result }]) => {
      const text = result && 'text' in result ? result.text : undefined
      return text === undefined || text === keptText ? [] : [[id, { text }]]
    }),
  )

/** Results by action name; of several the last. */
const broughtBy = (state: RunState): TemplateValues['actions'] =>
  Object.fromEntries(
    Object.values(state.intents)
      .filter((intent) => intent.state === 'succeeded' && intent.receipt !== null)
      .map((intent) => [intent.action, resultsOf(state, intent)]),
  )

const resultsOf = (state: RunState, intent: IntentState): Record<string, TemplateValue> => {
  const { action, receipt } = intent
  const observed = Object.entries(receipt!.observed).filter(
    (pair): pair is [string, string | number | boolean] => pair[1] !== null && typeof pair[1] !== 'object',
  )
  const all = { ...Object.fromEntries(observed), id: receipt!.id, url: linkOf(state.spec, intent) }
  if (action !== 'git.open_change') return all
  // The change is a page of the run; its commit is what the push before it left on the remote.
  const pushed = Object.values(state.intents).findLast((i) => i.action === 'git.push' && i.state === 'succeeded')
  const commit = pushed?.receipt?.observed['commit']
  return { ...all, url: `${pageOf(state)}?show=diff`, commit: typeof commit === 'string' ? commit : null }
}
