/** Do the tokens of a Slack connection work, who are we there, may the app do what it must, and are the named channels there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askSlack } from '@viewportai/core/tools/slack/ask'
import { channelsIn, homesIn, isChannelId } from '@viewportai/core/tools/slack/fields'
import { problemOf, who } from '@viewportai/core/tools/slack/who'
import { channelIn, channelsShown, nearChannel } from './look-up.ts'
import { botScopes } from './manifest.ts'

/** What nothing works without; more is needed for what a workflow asks for. */
const needed = ['chat:write', 'users:read']

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const base = connection.settings['base'] ?? ''
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    return { problem: `"${base}" is not an address, like https://slack.com.` }
  if (!['', 'off'].includes(connection.settings['whisper'] ?? '')) return { problem: '"whisper" is off, or left out.' }
  const { app } = connection.secrets
  const said = await who(connection, outside)
  if ('problem' in said) return said
  const { account, told } = said
  const lacking = lackingIn(told.headers['x-oauth-scopes'])
  const must = lacking.filter((scope) => needed.includes(scope))
  if (must.length > 0)
    return {
      problem: `The app lacks ${must.join(' and ')}: in Slack, your app, OAuth & Permissions, add it and install the app again.`,
    }
  if (app !== undefined) {
    const opened = await askSlack(connection, outside, 'apps.connections.open', {}, { token: 'app' })
    if (!('data' in opened)) return { problem: `With the app-level token: ${problemOf(opened)}` }
  }
  const channels = await missing(connection, outside)
  if (typeof channels === 'string') return { problem: channels }
  const { absent, homeless } = channels
  const ways = [
    ...(app === undefined ? [] : ['Socket Mode']),
    ...(connection.secrets['signing'] ? ['its webhook'] : []),
  ]
  return {
    account,
    notes: [
      ...(ways.length > 0
        ? [`Slack tells by ${ways.join(' and ')}.`]
        : ['It has neither an app-level token nor a signing secret: messages go out, and nothing comes in.']),
      ...(lacking.length > 0 ? [`The app has no ${lacking.join(', ')}; what needs them will say so.`] : []),
      ...homeless,
      ...absent.map((name) => `The app is not in #${name} yet: there, type /invite @${String(told.data['user'])}.`),
    ],
  }
}

/** Scopes of the manifest that the token lacks; Slack tells the token's in a header. */
const lackingIn = (scopes: string | undefined): string[] => {
  if (scopes === undefined) return []
  const has = new Set(scopes.split(',').map((scope) => scope.trim()))
  return botScopes.filter((scope) => !has.has(scope))
}

/**
 * Named channels that the app is not in, and what is wrong with the places of messages without a thread, in sentences; one sentence when a channel that is to be
 * listened to is not there at all. A place that is gone stops what goes there, and nothing else: so that is no fault of the connection, and neither is that nobody could look.
 */
const missing = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
): Promise<{ absent: string[]; homeless: string[] } | string> => {
  const named = channelsIn(connection)
  const homes = homesIn(connection)
  if (named.length === 0 && homes.every(({ channel }) => isChannelId(channel))) return { absent: [], homeless: [] }
  const shown = await channelsShown(connection, outside).catch((error: Error) => error.message)
  if (typeof shown === 'string') {
    if (named.length > 0) return shown
    const asked = homes.map(({ setting, channel }) => `#${channel} (${setting})`).join(', ')
    return {
      absent: [],
      homeless: [`Whether Slack has the channel ${asked} was not looked at: ${shown.replace(/\.$/, '')}.`],
    }
  }
  const { channels, whole } = shown
  const found = named.map((name) => channelIn(channels, name))
  const lost = named.find((_, at) => found[at] === undefined)
  if (lost !== undefined && whole)
    return `Slack shows the app no channel ${lost}.${meant(channels, lost)} It is not there, or it is private and the app is not in it: there, type /invite and the app's name.`
  const isThere = (channel: string): boolean =>
    !whole || isChannelId(channel) || channelIn(channels, channel) !== undefined
  return {
    absent: found.flatMap((one) => (one && !one.isMember ? [one.name] : [])),
    homeless: homes.flatMap(({ setting, channel }) =>
      isThere(channel)
        ? named.length === 0 || named.includes(channel) || isChannelId(channel)
          ? []
          : [`${setting} is #${channel}, which is not among the channels of this connection: nothing is written there.`]
        : [
            `${setting} is #${channel}, and Slack shows the app no such channel: what goes there fails.${meant(channels, channel)} See its name, or type /invite and the app's name there when it is private.`,
          ],
    ),
  }
}

const meant = (channels: Parameters<typeof nearChannel>[0], named: string): string => {
  const near = nearChannel(channels, named)
  return near === null ? '' : ` Is ${near} meant?`
}
