/**
 * How does a message of ours look, and how is it found again?
 * By its metadata, and by the id of its last block where Slack gives no metadata. Only together with our own account it proves anything.
 */
import type { Account, Effect } from '../port.ts'
import type { Told } from './ask.ts'
import { ourLink, plainForm, safeText, sectionsOf, type Block } from './safe-text.ts'

export const eventType = 'viewport_effect'
type Marked = Pick<Effect, 'intent' | 'page'>

/** What chat.postMessage and chat.update take, but for the channel. No link is fetched for a preview, and no word is made a mention. */
export const messageOf = (text: string, marked: Marked): Record<string, object | string | boolean> =>
  dressed(safeText(text), [], marked)

/** The same for a text that is safe already, with more blocks below it. */
export const dressed = (
  safe: string,
  more: readonly Block[],
  { intent, page }: Marked,
): Record<string, object | string | boolean> => ({
  text: plainForm(safe),
  blocks: [
    // Nothing of it is folded away behind *See more*.
    ...sectionsOf(safe).map((part) => ({
      type: 'section',
      expand: true,
      text: { type: 'mrkdwn', text: part, verbatim: true },
    })),
    ...more,
    {
      type: 'context',
      block_id: intent,
      elements: [{ type: 'mrkdwn', text: ourLink(page, nameOf(page)), verbatim: true }],
    },
  ],
  metadata: { event_type: eventType, event_payload: { intent } },
  parse: 'none',
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
})

/** Of a start that waits there is no run yet, and its page is that of the event. */
const nameOf = (page: string): string => {
  const [, number] = /\/runs\/(\d+)$/.exec(page) ?? []
  return number === undefined ? 'Viewport' : `Viewport run ${number}`
}

/** Does the message hold our mark of this intent, or of any of ours? */
export const isMarked = (message: Told, intent?: string): boolean => {
  const fits = (mark: unknown): boolean =>
    typeof mark === 'string' && (intent === undefined ? /^(int|sts)_[0-9a-z-]{1,70}$/.test(mark) : mark === intent)
  const { metadata, blocks } = message as { metadata?: Told; blocks?: unknown }
  if (metadata?.['event_type'] === eventType && fits(metadata['event_payload']?.intent)) return true
  return Array.isArray(blocks) && blocks.some((block: Told | null) => fits(block?.['block_id']))
}

/** Was it written by the account that we are? */
export const isByUs = (message: Told, account: Account | null): boolean =>
  account === null ||
  message['user'] === account.id.split('/')[1] ||
  (account.app !== undefined && message['app_id'] === account.app)

/** A place in Slack: a channel, a thread in it, a message in that. As `Said.subject.ref` and receipts name it. */
export type Place = { readonly channel: string; readonly thread: string | null; readonly message: string | null }

const ts = '\\d{1,12}\\.\\d{1,8}'
const form = new RegExp(`^([CDG][A-Z0-9]{6,20})(?:/(${ts})(?:/(${ts}))?)?$`)

/** Reads `C024BE91L/1700000000.000100`; null: it is none (a channel's name, a team). */
export const placeIn = (ref: string): Place | null => {
  const found = form.exec(ref)
  if (!found) return null
  const [, channel, thread, message] = found
  return { channel: channel!, thread: thread ?? null, message: message ?? thread ?? null }
}

/** How a message is named: its thread stands in it when it is a reply. */
export const refOf = (channel: string, message: string, thread: string | null): string =>
  thread === null || thread === message ? `${channel}/${message}` : `${channel}/${thread}/${message}`

/** The address people open. `site`: https://acme.slack.com/. */
export const addressOf = (
  site: string | undefined,
  channel: string,
  message: string,
  thread: string | null,
): string => {
  const page = `${site ?? 'https://slack.com/'}archives/${channel}/p${message.replace('.', '')}`
  return thread === null || thread === message ? page : `${page}?thread_ts=${thread}&cid=${channel}`
}
