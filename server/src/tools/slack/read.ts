/**
 * What does a delivery of Slack say happened?
 * Events, commands and shortcuts in one form, whichever way they came. What nothing can listen to is ignored with a reason; text in it stays text.
 */
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, Said, StoredDelivery } from '../port.ts'
import { Again } from './again.ts'
import { isOurChannel } from '@viewportai/core/tools/slack/fields'
import { addressOf, isMarked } from '@viewportai/core/tools/slack/message'
import { mentions, plainText } from './plain-text.ts'
import { somebody } from './somebody.ts'
import { asText } from './thread-before.ts'
import { payloadOf, type Event, type Payload } from './told.ts'

export const read = ({ body, again: found }: StoredDelivery, connection: KnownConnection): Reading => {
  const payload = payloadOf(body)
  if (typeof payload === 'string') return { unreadable: payload }
  if (payload.type === 'other') return { ignored: `No workflow can listen to ${quoted(payload.was)} of Slack.` }
  if (payload.type === 'block_actions' || payload.type === 'view_submission')
    return { ignored: 'Somebody pressed a button; no workflow can listen to that.' }
  const fetched = found === undefined || found === null ? null : Again.safeParse(found)
  const again = fetched?.success ? fetched.data : null
  const shared = again?.channel?.shared === true || (payload.type === 'event_callback' && payload.is_ext_shared_channel)
  const told = { connection, again, shared: shared === true }
  const said =
    payload.type === 'event_callback'
      ? eventOf(payload, told)
      : payload.type === 'slash_commands'
        ? commandOf(payload, told)
        : shortcutOf(payload, told)
  if (!('said' in said)) return said
  const { channel, ...rest } = said
  if (channel !== null && !isOurChannel(connection, channel))
    return channel.name === null && again === null
      ? { ...rest, partial: true } // how it is called is asked first
      : { ignored: `It is in ${nameOf(channel)}, which this connection does not name.` }
  return { ...rest, partial: again === null }
}

/** What every reader needs. `shared`: other companies read and write in the channel. */
type About = { readonly connection: KnownConnection; readonly again: Again | null; readonly shared: boolean }
type Where = { readonly id: string; readonly name: string | null }
type Heard = { readonly said: Said; readonly channel: Where | null } | Exclude<Reading, { said: Said }>

const nameOf = ({ id, name }: Where): string => (name === null ? id : `#${name}`)
const quoted = (word: string): string => (/^[a-z0-9_.-]{1,60}$/i.test(word) ? word : 'something')

/** Why these kinds of message start nothing. What is not here was written by somebody, or is a notice of Slack's own. */
const unheard: Readonly<Record<string, string>> = {
  message_changed: 'A message was edited; what was written first counted, and an edit starts nothing.',
  message_deleted: 'A message was deleted; that starts nothing.',
  message_replied: 'Slack tells that a thread has a reply; the reply comes by itself.',
  ekm_access_denied: 'An admin of Slack has locked this workspace.',
  tombstone: 'The message was deleted.',
}
const heard = new Set(['thread_broadcast', 'file_share', 'me_message', 'bot_message', 'document_mention'])

const eventOf = ({ event, team_id }: Extract<Payload, { type: 'event_callback' }>, about: About): Heard => {
  const { connection, again, shared } = about
  // In a shared channel the delivery's team may be that of whoever shares it, and says nothing of who wrote.
  const seenBy = shared ? null : team_id
  if (event.type === 'reaction_added') return reactionOf(event, seenBy, about)
  if (event.type !== 'app_mention' && event.type !== 'message')
    return { ignored: `No workflow can listen to ${quoted(event.type)} of Slack.` }
  const { subtype, ts, channel: id } = event
  if (subtype !== null && !heard.has(subtype))
    return {
      ignored: Object.hasOwn(unheard, subtype)
        ? unheard[subtype]!
        : `${quoted(subtype)} is a notice of Slack's own; nothing can listen to it.`,
    }
  if (id === null || ts === null) return { unreadable: 'The message of Slack has no channel or no time.' }
  if (again !== null && again.message === null) return { ignored: 'The message was deleted before it was read.' }
  const text = event.text ?? ''
  const us = connection.account?.id.split('/')[1] ?? null
  if (event.type === 'message' && us !== null && event.channel_type !== 'im' && mentions(text, us))
    return { ignored: 'It mentions the app; Slack tells that as app_mention, which counts.' }
  const channel = { id, name: again?.channel?.name ?? null }
  const inThread = event.thread_ts !== null && event.thread_ts !== ts
  const plain = plainText(text, us)
  const actor = somebody(writerOf(event, seenBy, shared), connection.account, again)
  const thread = again?.thread ?? { said: [], left: 0, cut: false }
  const writer = (one: (typeof thread.said)[number]) => somebody({ ...one, shared }, connection.account, again)
  const before = asText(thread, (one) => writer(one).name)
  return {
    channel,
    said: {
      event: event.type,
      id: `${event.type}:${id}:${ts}`,
      at: momentOf(ts),
      actor,
      authors: thread.said.map(writer),
      subject: {
        label: again?.channel && again.channel.name === null ? 'a direct message' : nameOf(channel),
        title: firstLine(plain),
        url: addressOf(connection.account?.site, id, ts, event.thread_ts),
        ref: `${id}/${event.thread_ts ?? ts}`,
      },
      fields: {
        channel: channel.name === null ? null : nameOf(channel),
        channel_id: id,
        text: short(plain),
        in_thread: inThread,
      },
      text: before === '' ? plain : `${plain}\n\n${before}`,
      ours: isMarked(event),
    },
  }
}

const reactionOf = (event: Event, team: string | null, { connection, again, shared }: About): Heard => {
  const { item, reaction } = event
  if (!item?.channel || !item.ts || reaction === null)
    return { ignored: 'It is a reaction to something that is no message.' }
  if (again !== null && again.message === null) return { ignored: 'The message was deleted before it was read.' }
  const channel = { id: item.channel, name: again?.channel?.name ?? null }
  const text = plainText(again?.message?.text ?? '', connection.account?.id.split('/')[1])
  // Of whom the text is, is told by the message; a reaction may come from anybody.
  const author = { user: again?.message?.user ?? event.item_user, team: null, shared }
  return {
    channel,
    said: {
      event: 'reaction_added',
      id: `reaction_added:${item.channel}:${item.ts}:${reaction.slice(0, 60)}:${event.user ?? ''}`,
      at: momentOf(event.event_ts),
      actor: somebody(writerOf(event, team, shared), connection.account, again),
      authors: [somebody(author, connection.account, again)],
      subject: {
        label: nameOf(channel),
        title: firstLine(text),
        url: addressOf(connection.account?.site, item.channel, item.ts, null),
        ref: `${item.channel}/${item.ts}`,
      },
      fields: {
        channel: channel.name === null ? null : nameOf(channel),
        channel_id: item.channel,
        text: short(text),
        emoji: reaction,
      },
      text,
    },
  }
}

const commandOf = (told: Extract<Payload, { type: 'slash_commands' }>, { connection, again, shared }: About): Heard => {
  const named = again?.channel?.name ?? (isName(told.channel_name) ? told.channel_name : null)
  const channel = { id: told.channel_id, name: named }
  const text = plainText(told.text ?? '')
  return {
    channel,
    said: {
      event: 'slash_command',
      id: `slash_command:${told.trigger_id}`,
      at: null,
      actor: somebody(
        { user: told.user_id, team: told.team_id, shared, name: told.user_name },
        connection.account,
        again,
      ),
      authors: [],
      subject: {
        label: nameOf(channel),
        title: firstLine(`${told.command} ${text}`),
        url: addressOf(connection.account?.site, told.channel_id, '', null).replace(/\/p$/, ''),
        ref: told.channel_id,
      },
      fields: {
        channel: named === null ? null : `#${named}`,
        channel_id: told.channel_id,
        text: short(text),
        command: told.command,
      },
      text,
    },
  }
}

const shortcutOf = (
  told: Extract<Payload, { type: 'shortcut' | 'message_action' }>,
  { connection, again, shared }: About,
): Heard => {
  const { message } = told
  const id = told.channel?.id ?? null
  const name = again?.channel?.name ?? (isName(told.channel?.name ?? null) ? told.channel!.name : null)
  const channel = id === null ? null : { id, name }
  const text = plainText(message?.text ?? '')
  const us = connection.account
  const ts = message?.ts ?? null
  return {
    channel,
    said: {
      event: 'shortcut',
      id: `shortcut:${told.trigger_id}`,
      at: null,
      actor: somebody(
        {
          user: told.user.id,
          team: told.user.team_id ?? (shared ? null : told.team?.id) ?? null,
          shared,
          name: told.user.name ?? told.user.username,
        },
        us,
        again,
      ),
      authors: message === null ? [] : [somebody(writerOf(message, null, shared), us, again)],
      subject: {
        label: channel === null ? 'Slack' : nameOf(channel),
        title: firstLine(text === '' ? told.callback_id : text),
        url: id !== null && ts !== null ? addressOf(us?.site, id, ts, message?.thread_ts ?? null) : null,
        ref: id === null ? told.callback_id : ts === null ? id : `${id}/${message?.thread_ts ?? ts}`,
      },
      fields: {
        channel: name === null ? null : `#${name}`,
        channel_id: id,
        text: short(text),
        shortcut: told.callback_id,
      },
      text,
    },
  }
}

/** What a command says of a channel without a name of its own. */
const isName = (name: string | null): name is string =>
  name !== null && name !== '' && !['directmessage', 'privategroup'].includes(name)

type Written = Pick<Event, 'user' | 'bot_id' | 'app_id' | 'username' | 'team' | 'user_team' | 'source_team'>
const writerOf = (one: Written, team: string | null, shared: boolean) => ({
  user: one.user,
  bot: one.bot_id,
  app: one.app_id,
  // Of a shared channel Slack names the team of whoever wrote; the delivery's own team is where it was seen.
  team: one.user_team ?? one.source_team ?? one.team ?? team,
  shared,
  name: one.username,
})

const momentOf = (ts: string | null): number | null => {
  const at = Number(ts)
  return ts !== null && Number.isFinite(at) && at > 0 ? Math.floor(at * 1_000) : null
}
const firstLine = (text: string): string => text.trim().split('\n')[0]!.trim().slice(0, 160) || 'a message without text'
const short = (text: string): string => text.slice(0, 20_000).toWellFormed()
