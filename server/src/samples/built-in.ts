/** What comes in without a tool: a webhook, a schedule, a person, a program. The event as it is read. */
import { fieldsFor } from '@viewportai/core/event/fields'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'

type Told = Pick<TriggerEvent, 'tool' | 'event' | 'subject' | 'fields' | 'text'>
export type ReadSample = { readonly id: string; readonly says: string; readonly told: Told }

const title = 'Customers are charged twice when a payment is retried'
const text = 'Retry a payment that timed out: the first charge is not taken back.'
const told = (tool: string, event: string, label: string, fields: Record<string, unknown>): Told => ({
  tool,
  event,
  subject: { label, title, url: null },
  fields: fieldsFor(tool, event, fields),
  text,
})

export const builtIn: readonly ReadSample[] = [
  {
    id: 'webhook.received',
    says: 'A signed webhook reports a bug',
    told: told('webhook', 'received', 'BUG-42', {
      source: 'bugs',
      type: 'bug.reported',
      title,
      text,
      'data.severity': 'high',
    }),
  },
  {
    id: 'schedule.tick',
    says: 'A schedule comes due',
    told: told('schedule', 'tick', 'Schedule', { cron: '0 9 * * 1-5', timezone: 'UTC', missed: 'once' }),
  },
  { id: 'manual.requested', says: 'A person starts it', told: told('manual', 'requested', 'by hand', {}) },
  { id: 'api.requested', says: 'A program starts it', told: told('api', 'requested', 'by a program', {}) },
]
