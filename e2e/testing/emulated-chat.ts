// emulate's Slack, the program of somebody else: Acme with #support, Sam, and our app with a bot's token.
import { createEmulator } from 'emulate'

import type { Json } from './api.ts'
import { slackSeed } from './slack-seed.ts'

export type EmulatedChat = {
  url: string
  ask(method: string, params: Record<string, string>): Promise<Json>
  /** What stands in #support, with what is not shown to people. */
  support(): Promise<Json[]>
  close(): Promise<void>
}

/** `token`: our bot's. */
export async function openEmulatedChat(token: string): Promise<EmulatedChat> {
  const chat = await createEmulator({ service: 'slack', port: 0, seed: slackSeed(token) })
  const ask: EmulatedChat['ask'] = async (method, params) => {
    const came = await fetch(`${chat.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(params).toString(),
    })
    return (await came.json()) as Json
  }
  return {
    url: chat.url,
    ask,
    async support() {
      const { channels } = await ask('conversations.list', { limit: '100' })
      const { id } = (channels as Json[]).find((one) => one['name'] === 'support')!
      const told = await ask('conversations.history', { channel: id, limit: '900', include_all_metadata: 'true' })
      return told['messages'] as Json[]
    },
    close: () => chat.close(),
  }
}
