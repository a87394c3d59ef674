/** Does a connection to Slack hold the channel that an effect is about? By its channels, and for a team's own channel by whether it is set. */
import type { About, Reach, Reaching } from '../reaching.ts'
import { channelsIn, isChannelId } from './fields.ts'
import { placeIn } from './message.ts'

export const reach = (connection: Reaching, { target }: About): Reach => {
  const { settings } = connection
  const team = /^team:(.+)$/.exec(target)?.[1]
  if (team !== undefined)
    return settings[`home.${team}`] !== undefined ? 'named' : settings['home'] === undefined ? 'not' : 'maybe'
  const listed = channelsIn(connection)
  const channel = placeIn(target)?.channel ?? target.replace(/^#/, '')
  const isId = isChannelId(channel)
  if (listed.includes(isId ? channel : channel.toLowerCase())) return 'named'
  // Which name an id has only Slack knows, so a connection is ruled out only where both are said the same way.
  return listed.length > 0 && listed.every((one) => isChannelId(one) === isId) ? 'not' : 'maybe'
}
