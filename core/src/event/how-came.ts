/** By which way did an event come, and would it have come without a webhook? */
import { eventForm } from './tools.ts'

/** Ways of a delivery: a webhook, found by asking, over a line that Viewport opened. */
export const ways = ['webhook', 'asked', 'line'] as const
export type Way = (typeof ways)[number]

/** How each way is said, at the beginning of a sentence. */
export const wayWords: Readonly<Record<Way, string>> = {
  webhook: 'By a webhook',
  asked: 'Found by asking',
  line: 'Over a line that Viewport opened',
}

/** Of this event (as `issue_edited`) asking tells less than a webhook does: a sentence; null: it tells all of it. */
export const onlyByWebhook = (tool: string, event: string): string | null => {
  const unasked = eventForm(tool, event)?.unasked
  return unasked === undefined ? null : `Only a webhook tells all of these: asking ${unasked}.`
}
