/** How is a message of ours changed in Slack? It gets the new text and the new mark; what has that mark already is done. */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Went } from '../port.ts'
import { asking, notOpen, receiptOf, targetOf, type Target } from './act.ts'
import { seenAt } from './act-message.ts'
import { isByUs, isMarked, messageOf } from './message.ts'

export const update: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const target = await messageIn(effect, connection, outside)
      const now = await seenAt(ask, target, target.message)
      return now && isMarked(now, effect.intent) && isByUs(now, connection.account)
        ? { is: 'there', receipt: receiptOf(now, target, connection.account, true) }
        : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const target = await messageIn(effect, connection, outside)
      notOpen(target, connection)
      return rewrite(effect, messageOf(String(effect.params['text']), effect), target, connection, outside)
    }),
}

type Message = Target & { readonly message: string }

const messageIn = async (effect: Effect, connection: Connection, outside: Outside): Promise<Message> => {
  const target = await targetOf(effect, connection, asking(connection, outside))
  if (target.message === null)
    throw failed('no_such_target', `${effect.target} is no message of Slack.`, 'Write one with slack.comment first.')
  return { ...target, message: target.message, thread: target.thread === target.message ? null : target.thread }
}

/** Changes it and reads it back. Throws Ended. */
export const rewrite = async (
  { intent }: Pick<Effect, 'intent'>,
  content: ReturnType<typeof messageOf>,
  target: Message,
  connection: Connection,
  outside: Outside,
): Promise<Went> => {
  await asking(
    connection,
    outside,
    'write',
  )('chat.update', {
    channel: target.channel,
    ts: target.message,
    ...content,
  })
  const seen = await seenAt(asking(connection, outside), target, target.message).catch(() => null)
  return {
    is: 'done',
    receipt: receiptOf({ ts: target.message }, target, connection.account, seen !== null && isMarked(seen, intent)),
  }
}
