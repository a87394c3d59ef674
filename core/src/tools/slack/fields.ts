/** What is filled in to connect Slack, and which channels does that mean? */
import type { ConnectField, Connection } from '../port.ts'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  {
    ...plain,
    name: 'token',
    title: 'Bot token',
    says: 'In Slack: your app, OAuth & Permissions, Bot User OAuth Token (xoxb-…); it is there once the app is installed.',
    secret: true,
    required: true,
  },
  {
    ...plain,
    name: 'app',
    title: 'App-level token',
    says: 'In Slack: your app, Basic Information, App-Level Tokens, with the scope connections:write (xapp-…). With it Slack needs no address of yours: Viewport opens the connection (Socket Mode).',
    secret: true,
  },
  {
    ...plain,
    name: 'signing',
    title: 'Signing secret',
    says: 'In Slack: your app, Basic Information, App Credentials. Needed when Slack sends to an address of yours.',
    secret: true,
    signs: true,
  },
  {
    ...plain,
    name: 'channels',
    title: 'Channels',
    says: 'Names or ids, separated by commas: only these are listened to and written to. All that the app is in when left out.',
  },
  {
    ...plain,
    name: 'shared',
    title: 'Shared channels that may read all',
    says: 'Names or ids, separated by commas, of channels that are shared with other companies (Slack Connect) and in which runs may say what they say elsewhere. In any other shared channel a status is a link alone, and messages of workflows are not written.',
  },
  {
    ...plain,
    name: 'whisper',
    title: 'Words to whoever asks in vain',
    says: 'off: whoever mentions the app and starts nothing hears nothing. Left out: they alone are told, once a day at most, that nothing began and why.',
  },
  {
    ...plain,
    name: 'base',
    title: 'Address of Slack',
    says: 'Only to be changed for GovSlack (https://slack-gov.com) and tests.',
    required: true,
    otherwise: 'https://slack.com',
    host: true,
  },
]

/** Names without # and in lower case, or ids as they are; none: all channels. */
export const channelsIn = ({ settings }: Pick<Connection, 'settings'>, setting = 'channels'): string[] => [
  ...new Set(
    (settings[setting] ?? '')
      .split(',')
      .map((name) => name.trim().replace(/^#/, ''))
      .filter((name) => name !== '')
      .map((name) => (isChannelId(name) ? name : name.toLowerCase())),
  ),
]

/** Where messages go that have no thread: each setting (`home`, `home.TEAM`) with its channel, said as in `channelsIn`. */
export const homesIn = ({
  settings,
}: Pick<Connection, 'settings'>): { readonly setting: string; readonly channel: string }[] =>
  Object.keys(settings)
    .filter((setting) => /^home(\.|$)/.test(setting))
    .flatMap((setting) => channelsIn({ settings }, setting).map((channel) => ({ setting, channel })))

/** Is it an id (C024BE91L) and no name? Names have no capitals. */
export const isChannelId = (text: string): boolean => /^[CDG][A-Z0-9]{6,20}$/.test(text)

/** Is this channel one that the connection is about? `name` without #; null: not known, or it has none. */
export const isOurChannel = (
  connection: Pick<Connection, 'settings'>,
  channel: { readonly id: string; readonly name: string | null },
): boolean => channelsIn(connection).length === 0 || isNamed(connection, 'channels', channel)

/** Does this setting name the channel? */
export const isNamed = (
  connection: Pick<Connection, 'settings'>,
  setting: 'channels' | 'shared',
  channel: { readonly id: string; readonly name: string | null },
): boolean => {
  const named = channelsIn(connection, setting)
  return named.includes(channel.id) || (channel.name !== null && named.includes(channel.name.toLowerCase()))
}

/** Ids of accounts are `TEAM/USER`: which team is ours; null before the first check. */
export const teamOf = (account: { readonly id: string } | null): string | null => account?.id.split('/')[0] ?? null
