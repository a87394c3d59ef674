/**
 * What was said in a thread before somebody mentioned the app in it?
 * "Please fix this" says nothing without it. The first message and the last ones, whoever wrote them: each writer counts as one who wrote the event's text.
 */
import { z } from 'zod'
import type { Account } from '@viewportai/core/tools/port'
import type { Outside } from '@viewportai/core/tools/outside'
import { askSlack, dataOf, type Told } from '@viewportai/core/tools/slack/ask'
import type { Connection } from '../port.ts'
import { shortened } from '../shortened.ts'
import { plainText } from './plain-text.ts'

/** So many of the last messages are taken, beside the first one. */
export const lastOfThread = 20
const charactersOfOne = 2_000
const charactersInAll = 12_000
/** So many messages are looked through; Slack tells the oldest first. */
const pages = { most: 3, of: 200 }

const text = z.string().nullable()
export const ThreadBefore = z.object({
  said: z
    .array(z.object({ user: text, bot: text, app: text, team: text, name: text, text: z.string() }))
    .max(1 + lastOfThread),
  /** So many between the first and the last ones are left out. */
  left: z.int().nonnegative(),
  /** It is longer than what was looked through: these are not the last ones. */
  cut: z.boolean(),
})
export type ThreadBefore = z.infer<typeof ThreadBefore>

/** What stands in the thread before this message, our own messages left out. Throws in words. */
export const threadBefore = async (
  connection: Connection,
  outside: Outside,
  { channel, thread, ts }: { readonly channel: string; readonly thread: string; readonly ts: string },
  timeoutMillis: number,
): Promise<ThreadBefore> => {
  const all: Told[] = []
  let cursor = ''
  for (let page = 0; page < pages.most; page++) {
    const asked = {
      channel,
      ts: thread,
      latest: ts,
      inclusive: false,
      limit: pages.of,
      ...(cursor !== '' && { cursor }),
    }
    const told = dataOf(await askSlack(connection, outside, 'conversations.replies', asked, { timeoutMillis }))
    all.push(...((told['messages'] ?? []) as Told[]))
    const next = (told['response_metadata'] as Told | undefined)?.['next_cursor'] as unknown
    cursor = typeof next === 'string' ? next : ''
    if (cursor === '') break
  }
  const theirs = all.filter((one) => one['ts'] !== ts && !isOurs(one, connection.account)).map(saidBy)
  const [first, ...replies] = theirs.filter((one) => one.text.trim() !== '')
  if (!first) return { said: [], left: 0, cut: cursor !== '' }
  const last = fitting(replies.slice(-lastOfThread), charactersInAll - first.text.length)
  return { said: [first, ...last], left: replies.length - last.length, cut: cursor !== '' }
}

/** The thread as text below the mention's own: a message a paragraph, further lines of one indented, so that none passes as another's. */
export const asText = (
  { said: [first, ...last], left, cut }: ThreadBefore,
  nameOf: (of: ThreadBefore['said'][number]) => string,
): string => {
  if (!first) return ''
  const line = (one: ThreadBefore['said'][number]): string =>
    `${nameOf(one)
      .replace(/[\s:]+/g, ' ')
      .trim()}: ${plainText(one.text)
      .trim()
      .replace(/\r?\n|\r|\u2028|\u2029/g, '\n    ')}`
  const gap = left > 0 ? [`[${left} ${left === 1 ? 'message is' : 'messages are'} left out here]`] : []
  const end = cut ? ['[the thread is longer; what was said last is not among this]'] : []
  return ['Said before in this thread:', line(first), ...gap, ...last.map(line), ...end].join('\n\n')
}

const isOurs = (one: Told, account: Account | null): boolean =>
  account !== null &&
  ((account.app !== undefined && one['app_id'] === account.app) || one['user'] === account.id.split('/')[1])

const saidBy = (one: Told): ThreadBefore['said'][number] => {
  const word = (name: string): string | null => (typeof one[name] === 'string' ? String(one[name]).slice(0, 200) : null)
  return {
    user: word('user'),
    bot: word('bot_id'),
    app: word('app_id'),
    team: word('user_team') ?? word('source_team') ?? word('team'),
    name: word('username'),
    text: shortened(typeof one['text'] === 'string' ? one['text'] : '', charactersOfOne),
  }
}

/** The last ones that have room together. */
const fitting = <One extends { readonly text: string }>(all: readonly One[], room: number): One[] => {
  let used = 0
  const from = all.findLastIndex((one) => (used += one.text.length) > room)
  return all.slice(from + 1)
}
