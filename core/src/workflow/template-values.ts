/**
 * What are the places of a run's templates filled from?
 * The event as it was at match time, the inputs, the run, what agents wrote and what actions brought.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import type { Compiled } from './compiled.ts'
import { renderTemplate, type TemplateValue, type TemplateValues } from './template.ts'

export type RunNames = { id: string; title: string; url: string; branch: string; workflow: string; source: string }

/** `actions`: what receipts observed, by action name; of several the last. `steps`: what agents wrote, by step. */
export const templateValues = (
  event: TriggerEvent,
  inputs: Readonly<Record<string, TemplateValue>>,
  run: RunNames,
  actions: TemplateValues['actions'] = {},
  steps: TemplateValues['steps'] = {},
): TemplateValues => ({
  trigger: {
    id: event.id,
    tool: event.tool,
    event: event.event,
    actor: event.actor.name,
    label: event.subject.label,
    title: event.subject.title,
    text: event.text,
    url: event.subject.url,
    ...event.fields,
  },
  inputs,
  steps,
  actions,
  run,
})

/** Runs with the same key share a limit. null: there is no limit, or the event lacks what the key names, so the run stands alone. */
export const concurrencyKey = (compiled: Pick<Compiled, 'concurrency'>, values: TemplateValues): string | null => {
  if (compiled.concurrency === null) return null
  const { text, missing } = renderTemplate(compiled.concurrency.key, values, 'key')
  return missing.length > 0 ? null : text
}
