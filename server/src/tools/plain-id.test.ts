/** By which name is a delivery known that a tool sends? By the sender's, where it is a plain one: it is kept, listed and compared. Each here is genuine but for that. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Connection } from './port.ts'
import { toolNamed } from './table.ts'

const secret = 'a-secret-of-this-test-alone'
const at = Date.now()
const hex = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')

type Sent = { readonly body: string; readonly headers: (id: string) => Record<string, string> }
/** A genuine delivery of each tool, with this name in the header where the tool has it. `most`: characters of a name. */
const tools: readonly [tool: string, field: string, most: number, sent: Sent][] = [
  [
    'github',
    'webhook_secret',
    150,
    {
      body: '{}',
      headers: (id) => ({
        'x-hub-signature-256': `sha256=${hex('{}')}`,
        'x-github-event': 'ping',
        'x-github-delivery': id,
      }),
    },
  ],
  [
    'gitlab',
    'webhook_secret',
    150,
    { body: '{"object_kind":"x"}', headers: (id) => ({ 'x-gitlab-token': secret, 'idempotency-key': id }) },
  ],
  [
    'jira',
    'signing',
    120,
    {
      body: '{"webhookEvent":"x"}',
      headers: (id) => ({
        'x-hub-signature': `sha256=${hex('{"webhookEvent":"x"}')}`,
        'x-atlassian-webhook-identifier': id,
      }),
    },
  ],
  [
    'linear',
    'signing',
    60,
    {
      body: `{"type":"X","action":"x","data":{},"webhookTimestamp":${at}}`,
      headers: (id) => ({
        'linear-signature': hex(`{"type":"X","action":"x","data":{},"webhookTimestamp":${at}}`),
        'linear-delivery': id,
      }),
    },
  ],
]

describe.each(tools)('%s', (tool, field, most, { body, headers }) => {
  const { hook } = toolNamed(tool)!
  const connection: Connection = {
    id: 'con_1',
    workspace: 'ws_1',
    name: tool,
    settings: {},
    secrets: { [field]: secret },
    account: null,
  }
  const take = (of: Record<string, string>) =>
    hook!.take({ headers: of, body: Buffer.from(body), at, query: '' }, connection)

  test('a connection without the secret takes nothing, whatever is sent', () => {
    if (tool === 'gitlab') return // has one always
    const bare = { ...connection, secrets: {} }
    expect(hook!.take({ headers: headers('d-1'), body: Buffer.from(body), at, query: '' }, bare)).toMatchObject({
      refusal: 'signature_invalid',
    })
  })
  test('a plain name is the one that it is known by', () => {
    for (const id of ['d-1', 'x'.repeat(most)]) expect(take(headers(id))).toEqual({ id })
  })
  test.each([
    ['none', ''],
    ['one with a blank', 'd 1'],
    ['one with a sign that nobody sees', 'd\u200b1'],
    ['one that ends a line', 'd1\n'],
    ['a longer one', 'x'.repeat(most + 1)],
  ])('%s is refused', (_what, id) => expect(take(headers(id))).toMatchObject({ refusal: 'invalid' }))
})

test.each(['', 'Push', '../push', 'x'.repeat(61), 'issue comment'])('%j is no event of GitHub', (event) => {
  const [, , , { body, headers }] = tools[0]!
  const connection = { secrets: { webhook_secret: secret } } as unknown as Connection
  const of = { ...headers('d1'), 'x-github-event': event }
  expect(
    toolNamed('github')!.hook!.take({ headers: of, body: Buffer.from(body), at, query: '' }, connection),
  ).toMatchObject({
    refusal: 'invalid',
  })
})
