/**
 * What do all effects in Slack need?
 * Questions and changes whose answer is judged: a clear no is a failure, a limit is a wait, and what may have happened is looked for. And the place they are about.
 */
import { brokeOff, Ended, failed, notSeenWhole } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Connection, Effect, Receipt } from '../port.ts'
import { askSlack, type Told } from './ask.ts'
import { channelNamed, type Channel } from './channel.ts'
import { isNamed, isOurChannel } from './fields.ts'
import { addressOf, isByUs, isMarked, placeIn, refOf, type Place } from './message.ts'

export type Ask = ((
  method: string,
  params: Readonly<Record<string, string | number | boolean | object>>,
) => Promise<Told>) & { now(): number }

/** Codes that say that the thing is not there, or may not be seen. */
const lost = new Set(['channel_not_found', 'message_not_found', 'thread_not_found', 'is_archived'])

/** Asks; throws Ended. `write`: a change, so that an answer nobody understands may hide that it happened. */
export const asking = (connection: Connection, outside: Outside, kind: 'read' | 'write' = 'read'): Ask =>
  Object.assign(
    async (method: string, params: Readonly<Record<string, string | number | boolean | object>>): Promise<Told> => {
      const came = await askSlack(connection, outside, method, params)
      if ('data' in came) return came.data
      if ('limited' in came) throw new Ended({ is: 'later', why: 'Slack limits the rate', afterMillis: came.limited })
      if ('unclear' in came) throw brokeOff(kind, came.unclear)
      throw failed(lost.has(came.no) ? 'no_such_target' : 'refused_there', came.words.says, came.words.check)
    },
    { now: () => outside.now() },
  )

/** `open`: people of other companies read there, and nobody said that they may read all that runs say. */
export type Target = Place & { readonly name: string | null; readonly open: boolean }

/** Where an effect goes: a thread or message by its ref, a channel by name or id, a team's own channel. Throws Ended. */
export const targetOf = async (
  { target, home }: Pick<Effect, 'target' | 'home'>,
  connection: Connection,
  ask: Ask,
): Promise<Target> => {
  const team = /^team:(.+)$/.exec(target)?.[1]
  if (team !== undefined && home === null)
    throw failed(
      'no_such_target',
      `The team ${team} has no channel of its own in the connection ${connection.name}.`,
      `Set it: \`viewport connections change ${connection.id} --set home.${team}=#channel\`, or name a channel in the step.`,
    )
  const named = team === undefined ? target : home!
  const place = placeIn(named)
  const channel: Channel = await channelNamed(connection, ask, place?.channel ?? named)
  if (!isOurChannel(connection, channel))
    throw failed(
      'outside_workflow',
      `The connection ${connection.name} does not name the channel ${channel.name === null ? channel.id : `#${channel.name}`}.`,
      'Add the channel to the connection when it is meant.',
    )
  const { id, name, shared } = channel
  const open = shared && !isNamed(connection, 'shared', channel)
  return { channel: id, name, thread: place?.thread ?? null, message: place?.message ?? null, open }
}

/** A message of a workflow is written as people saw it, or not at all. Throws Ended. */
export const notOpen = (target: Target, connection: Connection): void => {
  if (!target.open) return
  const channel = target.name === null ? target.channel : `#${target.name}`
  throw failed(
    'shared_channel',
    `${channel} is shared with another company, whose people would read this.`,
    `Where they may: \`viewport connections change ${connection.id} --set shared=${target.name ?? target.channel}\` (with the channels that stand there already), then try again.`,
  )
}

const pagesAtMost = 20
const perPage = 200

/**
 * Our message for this intent, or null: it is not there. In the thread, else in the channel back to `since` (ms): nothing of ours is older.
 * Throws Ended when that cannot be told.
 */
export const ownMessage = async (
  ask: Ask,
  { channel, thread }: Place,
  intent: string,
  account: Connection['account'],
  since: number | null,
): Promise<Told | null> => {
  let cursor = ''
  for (let page = 0; page < pagesAtMost; page++) {
    const told: Told = await ask(thread === null ? 'conversations.history' : 'conversations.replies', {
      channel,
      ...(thread === null ? {} : { ts: thread }),
      ...(since === null ? {} : { oldest: String(Math.floor(since / 1_000)) }),
      include_all_metadata: true,
      limit: perPage,
      ...(cursor === '' ? {} : { cursor }),
    })
    const own = ((told['messages'] ?? []) as Told[]).find((one) => isMarked(one, intent) && isByUs(one, account))
    if (own) return own
    cursor = String(told['response_metadata']?.next_cursor ?? '')
    if (told['has_more'] !== true || cursor === '') return null
  }
  throw notSeenWhole(`there are more than ${pagesAtMost * perPage} messages, and ours was not among those seen`)
}

/** The receipt of a message that was seen there. */
export const receiptOf = (
  message: Told,
  { channel, name, thread }: Target,
  account: Connection['account'],
  readBack: boolean,
): Receipt => {
  const ts = String(message['ts'])
  return {
    id: ts,
    url: addressOf(account?.site, channel, ts, thread),
    observed: { ref: refOf(channel, ts, thread), channel: name === null ? channel : `#${name}` },
    readBack,
  }
}
