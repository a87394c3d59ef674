/**
 * Which channel is meant, and how is it called?
 * Workflows and people say names, Slack says ids. What was asked is remembered for a while; before something is written by a name, it is
 * asked whether the channel is still called so.
 */
import { failed } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { askSlack, dataOf, type Told } from './ask.ts'
import { isChannelId } from './fields.ts'
import { remembering } from './memory.ts'

/** `name` without #; null: a direct message. `shared`: people of other companies read it (Slack Connect), or will once they accept: then all that was said before as well. */
export type Channel = { readonly id: string; readonly name: string | null; readonly shared: boolean }

const names = remembering<Channel>(600_000)
const ids = remembering<string>(600_000)
const pagesAtMost = 20

/** A channel by its id; it may have been asked up to ten minutes ago. Throws in words. */
export const channelById = async (
  connection: Connection,
  outside: Outside,
  id: string,
  timeoutMillis?: number,
): Promise<Channel> =>
  names.of(`${connection.id} ${id}`, outside.now(), async () =>
    channelOf(
      dataOf(
        await askSlack(
          connection,
          outside,
          'conversations.info',
          { channel: id },
          timeoutMillis === undefined ? {} : { timeoutMillis },
        ),
      )['channel'] as Told,
    ),
  )

const channelOf = (told: Told): Channel => ({
  id: String(told['id']),
  name: told['is_im'] === true || typeof told['name'] !== 'string' ? null : told['name'],
  shared:
    told['is_ext_shared'] === true ||
    told['is_pending_ext_shared'] === true ||
    (told['is_shared'] === true && told['is_org_shared'] !== true),
})

/** One question; throws Ended when it cannot go on. `now`: the time (ms). */
type Ask = ((method: string, params: Readonly<Record<string, string | number | boolean>>) => Promise<Told>) & {
  now(): number
}

/** A channel as a workflow names it (#support, or an id). Throws Ended. */
export const channelNamed = async (connection: Connection, ask: Ask, named: string): Promise<Channel> => {
  const name = named.replace(/^#/, '')
  if (isChannelId(name)) return channelOf((await ask('conversations.info', { channel: name }))['channel'] as Told)
  const key = `${connection.id} ${name.toLowerCase()}`
  const remembered = ids.held(key, ask.now())
  if (remembered !== undefined) {
    const now = channelOf((await ask('conversations.info', { channel: remembered }))['channel'] as Told)
    if (now.name?.toLowerCase() === name.toLowerCase()) return now
    ids.forget(key) // it was given another name, and another channel may have this one
  }
  let cursor = ''
  for (let page = 0; page < pagesAtMost; page++) {
    const told = await ask('conversations.list', {
      limit: 1_000,
      exclude_archived: true,
      types: 'public_channel,private_channel',
      ...(cursor === '' ? {} : { cursor }),
    })
    const all = (told['channels'] ?? []) as Told[]
    const found = all.find((one) => String(one['name']).toLowerCase() === name.toLowerCase())
    if (found) {
      ids.keep(key, String(found['id']), ask.now())
      return channelOf(found)
    }
    cursor = String(told['response_metadata']?.next_cursor ?? '')
    if (cursor === '') break
  }
  throw failed(
    'no_such_target',
    cursor === ''
      ? `Slack has no channel #${name}, or it is private and the app is not in it.`
      : `#${name} is not among the first ${pagesAtMost * 1_000} channels of this workspace.`,
    cursor === ''
      ? 'See the name; in a private channel type: /invite @Viewport (the name of your app).'
      : 'Name the channel by its id (C024BE91L).',
  )
}
