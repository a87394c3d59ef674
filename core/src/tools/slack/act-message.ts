/** How is a message written in Slack, once? In the thread the work came from, or in a channel; with our mark, by which it is found again. */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Went } from '../port.ts'
import { asking, notOpen, ownMessage, receiptOf, targetOf, type Ask, type Target } from './act.ts'
import type { Told } from './ask.ts'
import { isMarked, messageOf } from './message.ts'

/** Replies in the source's thread, or writes in the channel that the step, else the team, names. */
export const message: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const target = await targetOf(effect, connection, ask)
      const own = await ownMessage(ask, target, effect.intent, connection.account, null)
      return own ? { is: 'there', receipt: receiptOf(own, target, connection.account, true) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const target = await targetOf(effect, connection, asking(connection, outside))
      notOpen(target, connection)
      return write(effect, messageOf(String(effect.params['text']), effect), target, connection, outside)
    }),
}

/** Writes it and reads it back. Throws Ended. */
export const write = async (
  { intent }: Pick<Effect, 'intent'>,
  content: ReturnType<typeof messageOf>,
  target: Target,
  connection: Connection,
  outside: Outside,
): Promise<Went> => {
  const made = await asking(
    connection,
    outside,
    'write',
  )('chat.postMessage', {
    channel: target.channel,
    ...(target.thread === null ? {} : { thread_ts: target.thread }),
    ...content,
  })
  const ts = made['ts']
  if (typeof ts !== 'string')
    throw failed('refused_there', 'Slack took the message and did not say which it is.', 'See the channel.', false)
  const seen = await seenAt(asking(connection, outside), target, ts).catch(() => null)
  return {
    is: 'done',
    receipt: receiptOf({ ts }, target, connection.account, seen !== null && isMarked(seen, intent)),
  }
}

/** A message as it is there now; null: it is not. Throws Ended. */
export const seenAt = async (
  ask: Ask,
  { channel, thread }: Pick<Target, 'channel' | 'thread'>,
  ts: string,
): Promise<Told | null> => {
  const told = await ask(thread === null ? 'conversations.history' : 'conversations.replies', {
    channel,
    ...(thread === null ? {} : { ts: thread }),
    oldest: ts,
    latest: ts,
    inclusive: true,
    include_all_metadata: true,
    limit: 2,
  })
  return ((told['messages'] ?? []) as Told[]).find((one) => one['ts'] === ts) ?? null
}
