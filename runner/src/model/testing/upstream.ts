/** A provider on a real socket that answers as a test says, and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Upstream } from '../providers.ts'

export type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string; closed: Promise<void> }
export type TestUpstream = {
  readonly url: string
  readonly seen: Seen[]
  /** As the gateway gets it. */
  as(name: string, key?: string): Upstream
  close(): Promise<void>
}

export const realKey = 'sk-ant-real-0123456789abcdefghijklmnop'

export const testUpstream = async (
  answer: (request: Seen, response: ServerResponse, raw: IncomingMessage) => void | Promise<void>,
): Promise<TestUpstream> => {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
        closed: new Promise((closed) => response.once('close', () => closed())),
      }
      seen.push(one)
      void Promise.resolve(answer(one, response, request)).catch(() => response.destroy())
    })
  })
  await new Promise<void>((ready, fail) => server.once('error', fail).listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    seen,
    as: (name, key = realKey) => ({
      name,
      dialect: name === 'anthropic' || name === 'google' ? name : 'openai',
      base: name === 'anthropic' || name === 'google' ? url : `${url}/v1`,
      key,
    }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** Events of a stream, as providers write them. */
export const events = (...values: readonly object[]): string =>
  values
    .map((value) => `event: ${'type' in value ? String(value.type) : 'x'}\ndata: ${JSON.stringify(value)}\n\n`)
    .join('')

/** What an Anthropic stream begins and ends with. */
export const claudeStart = (usage: object = {}): object => ({
  type: 'message_start',
  message: {
    model: 'claude-sonnet-4-6',
    usage: {
      input_tokens: 1_000,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 0,
      output_tokens: 1,
      ...usage,
    },
  },
})
export const claudeText = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } }
export const claudeEnd = (output = 50): object[] => [
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } },
  { type: 'message_stop' },
]
