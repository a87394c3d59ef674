/**
 * What is a delivery of Slack about?
 * Events name channels and people by ids alone: how the channel is called, who wrote, and whether the message is still there is asked
 * before anything is matched. The text stays as it was delivered: only its author could have changed it.
 */
import { z } from 'zod'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, FetchedAgain, StoredDelivery } from '../port.ts'
import { askSlack, dataOf, type Told } from '@viewportai/core/tools/slack/ask'
import { channelById } from '@viewportai/core/tools/slack/channel'
import { remembering } from '@viewportai/core/tools/slack/memory'
import { threadBefore, ThreadBefore } from './thread-before.ts'
import { payloadOf, type Event, type Payload } from './told.ts'

const millis = 4_000

const Who = z.object({
  id: z.string(),
  team: z.string().nullable(),
  name: z.string(),
  bot: z.boolean(),
  guest: z.boolean(),
  stranger: z.boolean(),
  gone: z.boolean(),
})
export type Who = z.infer<typeof Who>
/** What `again` found. `message` null: it is not there any more. */
export const Again = z.object({
  channel: z.object({ id: z.string(), name: z.string().nullable(), shared: z.boolean() }).nullable(),
  people: z.array(Who),
  message: z.object({ text: z.string(), edited: z.boolean(), user: z.string().nullable() }).nullish(),
  /** What a mention within a thread is about. */
  thread: ThreadBefore.nullish(),
})
export type Again = z.infer<typeof Again>

const people = remembering<Who>(300_000)

export const again = async (
  { body }: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const payload = payloadOf(body)
  if (
    typeof payload === 'string' ||
    payload.type === 'other' ||
    payload.type === 'block_actions' ||
    payload.type === 'view_submission'
  )
    return { found: null }
  const { channel, users, about } = askedOf(payload)
  // A mention within a thread is about what was said before in it.
  const isMention = payload.type === 'event_callback' && payload.event.type === 'app_mention'
  const within = isMention && about?.thread ? { ...about, thread: about.thread } : null
  const lost: string[] = []
  const tried = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask()
    } catch (error) {
      lost.push(`${what}: ${(error as Error).message.slice(0, 160).replace(/\.$/, '')}`)
      return undefined
    }
  }
  const asked = (some: Iterable<string>) =>
    Promise.all([...some].map((user) => tried('who wrote it', () => whoIs(connection, outside, user))))
  const [named, message, thread, writers] = await Promise.all([
    channel === null ? null : tried('its channel', () => channelById(connection, outside, channel, millis)),
    about === null ? undefined : tried('its message', () => messageAt(connection, outside, about)),
    within === null
      ? undefined
      : tried('what was said before in its thread', () => threadBefore(connection, outside, within, millis)),
    asked(users),
  ])
  const before = new Set(thread?.said.flatMap(({ user }) => (user === null || users.has(user) ? [] : [user])))
  const who = [...writers, ...(await asked(before))]
  const found: Again = {
    channel: named ?? null,
    people: who.filter((one): one is Who => one !== undefined),
    ...(message === undefined ? {} : { message }),
    ...(thread === undefined ? {} : { thread }),
  }
  const note =
    lost.length > 0
      ? `Slack could not be asked about ${lost.join('; ')}. What was delivered counts.`
      : message?.edited
        ? 'It was edited since; what was written first counts.'
        : null
  const isWhoLost = who.some((one) => one === undefined)
  return { found, ...(note !== null && { note }), ...(isWhoLost && note !== null && { who: note }) }
}

type Asked = { readonly channel: string | null; readonly users: ReadonlySet<string>; readonly about: About | null }

const askedOf = (payload: Exclude<Payload, { type: 'other' | 'block_actions' | 'view_submission' }>): Asked => {
  const someOf = (...all: (string | null | undefined)[]): Set<string> =>
    new Set(all.filter((one) => typeof one === 'string'))
  switch (payload.type) {
    case 'event_callback': {
      const { event } = payload
      const users = someOf(event.user, event.item_user)
      return { channel: event.channel ?? event.item?.channel ?? null, users, about: aboutOf(event) }
    }
    case 'slash_commands':
      return { channel: payload.channel_id, users: someOf(payload.user_id), about: null }
    case 'shortcut':
    case 'message_action':
      return {
        channel: payload.channel?.id ?? null,
        users: someOf(payload.user.id, payload.message?.user),
        about: null,
      }
  }
}

type About = { readonly channel: string; readonly ts: string; readonly thread: string | null }

/** The message that an event is about; a reaction tells nothing of its message's thread. */
const aboutOf = ({ type, channel, ts, thread_ts, item }: Event): About | null => {
  if (type === 'reaction_added')
    return item?.channel && item.ts ? { channel: item.channel, ts: item.ts, thread: item.ts } : null
  return channel && ts ? { channel, ts, thread: thread_ts === ts ? null : thread_ts } : null
}

/** A message as it is now; null: it is gone. Throws in words. */
const messageAt = async (
  connection: Connection,
  outside: Outside,
  { channel, ts, thread }: About,
): Promise<NonNullable<Again['message']> | null> => {
  const within = { channel, oldest: ts, latest: ts, inclusive: true, limit: 2 }
  const came =
    thread === null
      ? await askSlack(connection, outside, 'conversations.history', within, { timeoutMillis: millis })
      : await askSlack(
          connection,
          outside,
          'conversations.replies',
          { ...within, ts: thread },
          { timeoutMillis: millis },
        )
  if ('no' in came && came.no === 'thread_not_found') return null
  const all = (dataOf(came)['messages'] ?? []) as Told[]
  const one = all.find((held) => held['ts'] === ts)
  if (!one || one['subtype'] === 'tombstone') return null
  return {
    text: typeof one['text'] === 'string' ? one['text'] : '',
    edited: one['edited'] !== undefined && one['edited'] !== null,
    user: typeof one['user'] === 'string' ? one['user'] : null,
  }
}

/** Somebody by id; it may have been asked up to five minutes ago. Throws in words. */
export const whoIs = (connection: Connection, outside: Outside, user: string): Promise<Who> =>
  people.of(`${connection.id} ${user}`, outside.now(), async () => {
    const told = dataOf(await askSlack(connection, outside, 'users.info', { user }, { timeoutMillis: millis }))[
      'user'
    ] as Told
    const profile = (told['profile'] ?? {}) as Told
    const name = [profile['display_name'], told['real_name'], told['name']].find(
      (one) => typeof one === 'string' && one !== '',
    )
    return {
      id: user,
      team: typeof told['team_id'] === 'string' ? told['team_id'] : null,
      name: String(name ?? user).slice(0, 200),
      bot: told['is_bot'] === true || told['is_workflow_bot'] === true || user === 'USLACKBOT',
      guest: told['is_restricted'] === true || told['is_ultra_restricted'] === true,
      stranger: told['is_stranger'] === true,
      gone: told['deleted'] === true,
    }
  })
