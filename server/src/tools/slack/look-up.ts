/** Which channels does Slack show the app, and is a name one of them? */
import type { Outside } from '@viewportai/core/tools/outside'
import { askSlack, dataOf, type Told } from '@viewportai/core/tools/slack/ask'
import { isChannelId } from '@viewportai/core/tools/slack/fields'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { Connection, LookUp } from '../port.ts'

const pagesAtMost = 20

/** A channel as Slack lists it; `isMember` false: the app is not in it. */
type Listed = { readonly id: string; readonly name: string; readonly isMember: boolean }

/** All channels that Slack shows; `whole` false: there are more than are read. Throws in words. */
export const channelsShown = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
): Promise<{ readonly channels: readonly Listed[]; readonly whole: boolean }> => {
  const seen: Told[] = []
  let cursor = ''
  for (let page = 0; page < pagesAtMost; page++) {
    const told = dataOf(
      await askSlack(connection, outside, 'conversations.list', {
        limit: 1_000,
        exclude_archived: true,
        types: 'public_channel,private_channel',
        ...(cursor === '' ? {} : { cursor }),
      }),
    )
    seen.push(...((told['channels'] ?? []) as Told[]))
    cursor = String(told['response_metadata']?.next_cursor ?? '')
    if (cursor === '') break
  }
  const channels = seen.map((one) => ({
    id: String(one['id']),
    name: String(one['name']),
    isMember: one['is_member'] !== false,
  }))
  return { channels, whole: cursor === '' }
}

/** The channel of a name (with or without #, in any letters) or an id. */
export const channelIn = (channels: readonly Listed[], named: string): Listed | undefined => {
  const name = named.trim().replace(/^#/, '')
  return channels.find((one) => (isChannelId(name) ? one.id === name : one.name.toLowerCase() === name.toLowerCase()))
}

/** The name that comes nearest, as `#name`; null: none does. */
export const nearChannel = (channels: readonly Listed[], named: string): string | null => {
  const near = nearest(
    named.replace(/^#/, ''),
    channels.map(({ name }) => name),
  )
  return near === null ? null : `#${near}`
}

export const lookUp: LookUp = {
  what: 'channel',
  hidden: "Where it is private, type /invite and the app's name there.",
  async names(names, connection, outside) {
    const { channels, whole } = await channelsShown(connection, outside)
    return names.map((name) => {
      const found = channelIn(channels, name)
      if (found) return { called: `#${found.name}`, also: [found.id, found.name] }
      return whole
        ? { near: nearChannel(channels, name) }
        : { unasked: `there are more channels than the ${channels.length} that are read` }
    })
  },
}
