/** A webhook target: an address that gets signed messages (Standard Webhooks 1.0). What comes in by webhooks are sources, not connections. */
import type { Tool } from '../port.ts'
import { send } from '@viewportai/core/tools/webhook/send'

export const webhook: Tool = {
  title: 'Webhook target',
  fields: [
    {
      name: 'url',
      title: 'Address',
      says: 'Where messages are sent, https://…',
      secret: false,
      required: true,
      otherwise: null,
      // Who receives at another address must not know what the one before is signed with.
      host: true,
    },
    {
      name: 'secret',
      title: 'Signing secret',
      says: 'The receiver verifies messages with it: whsec_ and base64. Made for you when you leave it out, and shown once.',
      secret: true,
      required: true,
      otherwise: 'made',
      sends: true,
    },
  ],
  hookWords: null,
  async check({ settings, secrets }) {
    const url = settings['url'] ?? ''
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      return { problem: `"${url}" is not an address that begins with https://.` }
    if (new URL(url).username || new URL(url).password)
      return { problem: 'The address holds a user name or a password; a receiver knows us by the signature.' }
    if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secrets['secret'] ?? ''))
      return { problem: 'The secret must be whsec_ followed by at least 24 bytes in base64.' }
    return { account: null, notes: [] }
  },
  hook: null,
  read: () => ({ ignored: 'Nothing comes in by a webhook target.' }),
  poll: null,
  actions: { 'webhook.send': send },
}
