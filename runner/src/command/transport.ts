/** By which transport does a runner call, and where is its relay? */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Pairing } from '../identity/pairing.ts'
import { CommandEnd, exitCodes } from './exit.ts'

export type WithTransport = { transport?: 'polling' | 'relay'; relay?: string }

/** `--transport` and `--relay`. */
export const withTransport = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--transport <kind>',
        'polling: requests over HTTPS; relay: one outbound WebSocket, with polling while it cannot be used (default: what it was paired with, else polling)',
      ).choices(['polling', 'relay']),
    )
    .option('--relay <url>', 'a separate relay to go through (implies --transport relay)', relayUrl)

/** What a command asks for; what it does not say is as saved. */
export const transportMeant = (
  { transport, relay }: WithTransport,
  saved: Pick<Pairing, 'transport' | 'relay'> = { transport: 'polling' },
): Pick<Pairing, 'transport' | 'relay'> => {
  if (transport === 'polling' && relay !== undefined)
    throw new CommandEnd(
      exitCodes.usage,
      '--relay names a relay, and --transport polling uses none. Leave one of them out.',
    )
  const kind = transport ?? (relay === undefined ? saved.transport : 'relay')
  const through = relay ?? saved.relay
  return kind === 'polling' || through === undefined ? { transport: kind } : { transport: kind, relay: through }
}

/** An address of a relay as it is saved: `http(s)://host[:port][/path]`. What passes through is sealed, so plain HTTP tells nobody more. */
const relayUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text.replace(/^ws/, 'http')) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new InvalidArgumentError('It must be an address such as https://relay.example.com.')
  return trimmedEnd(url.href, '/')
}
