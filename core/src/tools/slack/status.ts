/** How is one message in Slack kept up to date with a run? It is written once in the thread the work came from, and changed then. */
import { ending, failed, looking } from '../ended.ts'
import type { Effect, StatusAsk, StatusKeeper, Went } from '../port.ts'
import { asking, ownMessage, receiptOf, targetOf, type Target } from './act.ts'
import { seenAt, write } from './act-message.ts'
import { rewrite } from './act-update.ts'
import { dressed, isByUs, isMarked, placeIn, refOf } from './message.ts'
import { inCode, ourLink, type Block } from './safe-text.ts'
import { wholeSection } from './whole-section.ts'

export const status: StatusKeeper = {
  asks: true,
  waits: true,
  marks: { quote: (text) => inCode(text, 300), link: ourLink },
  // Slack takes about fifty changes a minute of one app in one workspace.
  pauseMillis: 2_500,
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const target = await targetOf(effect, connection, ask)
      const own = await ownMessage(ask, target, effect.intent, connection.account, null)
      return own
        ? { is: 'there', receipt: named(receiptOf(own, target, connection.account, true), target) }
        : { is: 'absent' }
    }),
  write: (effect, connection, outside) =>
    ending(async () => {
      const target = await targetOf(effect, connection, asking(connection, outside))
      const went = await write(effect, told(effect, target), target, connection, outside)
      return went.is === 'done' ? { ...went, receipt: named(went.receipt, target) } : went
    }),
  rewrite: (effect, message, connection, outside) =>
    ending(async (): Promise<Went> => {
      const place = placeIn(message)
      if (place === null || place.message === null)
        throw failed('no_such_target', `${message} is no message of Slack.`, 'Nothing: it is not told any more.')
      // Of a connection that was narrowed since, nothing is touched.
      const ask = asking(connection, outside)
      await targetOf(effect, connection, ask)
      const target = await targetOf({ ...effect, target: message }, connection, ask)
      const at = { ...target, message: place.message, thread: place.thread === place.message ? null : place.thread }
      // Slack lets an app change each of its own messages: that of another run is none of this one's.
      const now = await seenAt(ask, at, at.message)
      if (now !== null && !(isByUs(now, connection.account) && isMarked(now, effect.intent)))
        throw failed('no_such_target', 'The message is not that of this run.', 'Nothing: it is not told any more.')
      const went = await rewrite(effect, told(effect, at), at, connection, outside)
      return went.is === 'done'
        ? { ...went, receipt: { ...went.receipt, observed: { ...went.receipt.observed, message } } }
        : went
    }),
}

/** The message. Where people of another company read it, it is a link to the run and no more: how it goes, whom it waits for and what it brought is the workspace's. */
const told = (effect: Effect, { open }: Target): ReturnType<typeof dressed> =>
  open
    ? dressed('Viewport works on this. How it goes is shown where the link leads, to whoever may see it.', [], effect)
    : dressed(String(effect.params['text']), asked(effect), effect)

/** What is to be decided, word by word, with two buttons below it; or the button that shows it to whoever may decide. */
const asked = ({ params }: Effect): Block[] => {
  const ask = params['ask'] as StatusAsk | undefined
  if (ask === undefined) return []
  if ('show' in ask) {
    const text = { type: 'plain_text', text: 'Decide here' }
    return [{ type: 'actions', elements: [{ type: 'button', action_id: 'show', text, value: ask.show }] }]
  }
  const button = (words: string, style: 'primary' | 'danger', value: string): Block => ({
    type: 'button',
    action_id: words.toLowerCase(),
    text: { type: 'plain_text', text: words },
    style,
    value,
    confirm: {
      title: { type: 'plain_text', text: `${words}?` },
      text: { type: 'plain_text', text: 'It counts as your decision in Viewport.' },
      confirm: { type: 'plain_text', text: words },
      deny: { type: 'plain_text', text: 'Back' },
    },
  })
  return [
    wholeSection(ask.whole),
    {
      type: 'actions',
      elements: [button('Approve', 'primary', ask.approve), button('Reject', 'danger', ask.reject)],
    },
  ]
}

const named = (
  receipt: ReturnType<typeof receiptOf>,
  { channel, thread }: { readonly channel: string; readonly thread: string | null },
): ReturnType<typeof receiptOf> => ({
  ...receipt,
  observed: { ...receipt.observed, message: refOf(channel, receipt.id, thread) },
})
