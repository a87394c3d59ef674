/** Does a known secret reach a provider of models? And does everything else stay as it was? */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { openBudget } from './budget.ts'
import { startModelGateway, type ModelGateway } from './gateway.ts'
import { maskerFor } from './mask-request.ts'
import { claudeEnd, claudeStart, claudeText, events, testUpstream, type TestUpstream } from './testing/upstream.ts'

const value = `hush-"${randomBytes(8).toString('hex')}\\é`
const secret = { name: 'ACME_TOKEN', value }
const masker = maskerFor(() => list)
const list = [secret, { name: 'PLAIN', value: 'assistant' }, { name: 'PIN', value: '12345678' }]
const sent = (body: unknown): { text: string; names: readonly string[] } => {
  const done = masker.body(Buffer.from(JSON.stringify(body)), undefined)!
  return { text: JSON.stringify(JSON.parse(done.body.toString())), names: done.names }
}
const chat = (content: unknown): object => ({ model: 'm', messages: [{ role: 'user', content }] })

const base64 = Buffer.from(value).toString('base64')
test.each([
  ['as it is', value],
  ['inside a line', `ACME_TOKEN=${value}\nB=2`],
  ['as JSON, as a tool answers', JSON.stringify({ env: { ACME_TOKEN: value } })],
  ['as JSON that keeps to ASCII', JSON.stringify({ t: value }).replace('é', '\\u00e9')],
  ['base64', `x ${base64} y`],
  ['hex', Buffer.from(value).toString('hex').toUpperCase()],
  ['in an address', `https://a.example/?t=${encodeURIComponent(value)}`],
])('a known value %s is masked, by its name', (_, text) => {
  const { text: out, names } = sent(chat([{ type: 'text', text }]))
  expect(out).toContain('[redacted ACME_TOKEN]')
  for (const form of [value, value.slice(6, 20), base64.slice(0, 12), Buffer.from(value).toString('hex').toUpperCase()])
    expect(out).not.toContain(form)
  expect(names).toEqual(['ACME_TOKEN'])
})

test('what a tool is called with and answers is masked, the names of its fields too where they are long', () => {
  const { text } = sent({
    messages: [
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't1', name: 'w', input: { name: 'assistant', [value]: 1 } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: value }] },
    ],
  })
  expect(JSON.parse(text)).toEqual({
    messages: [
      {
        role: 'assistant', // a word of the protocol, whatever somebody took as a password
        content: [
          { type: 'tool_use', id: 't1', name: 'w', input: { name: '[redacted PLAIN]', '[redacted ACME_TOKEN]': 1 } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: '[redacted ACME_TOKEN]' }] },
    ],
  })
})

test('what the provider wrote and signed stays as it is: it refuses altered signatures, and knows the words', () => {
  const thinking = { type: 'thinking', thinking: 'an assistant thinks', signature: 'assistant' }
  expect(
    JSON.parse(sent({ messages: [{ role: 'assistant', content: [thinking] }], max_tokens: 12345678 }).text),
  ).toEqual({
    messages: [{ role: 'assistant', content: [thinking] }],
    max_tokens: 12345678,
  })
})

test('a request without a known value stays byte for byte as it was, packed or not, however oddly it is written', () => {
  for (const text of ['{ "a" : 1e400, "a":"\\u0061" }', 'no JSON', '']) {
    expect(masker.body(Buffer.from(text), undefined)).toMatchObject({ anew: false, names: [] })
    expect(masker.body(Buffer.from(text), undefined)!.body.toString()).toBe(text)
  }
  const packed = gzipSync(JSON.stringify(chat('hello')))
  expect(masker.body(packed, 'gzip')!.body.equals(packed)).toBe(true)
})

test('packed with gzip it is masked too; what cannot be looked into does not go', () => {
  const done = masker.body(gzipSync(JSON.stringify(chat(value))), 'gzip')!
  expect(done.anew).toBe(true)
  expect(done.body.toString()).toContain('[redacted ACME_TOKEN]')
  const deep = `${'['.repeat(200_000)}${JSON.stringify(value)}${']'.repeat(200_000)}`
  for (const [body, packing] of [
    [Buffer.from(JSON.stringify(chat('x'))), 'zstd'],
    [Buffer.from('not gzip'), 'gzip'],
    [Buffer.from(`{"broken": ${JSON.stringify(value)}`), undefined],
    [Buffer.from(deep), undefined],
  ] as const)
    expect(masker.body(body, packing)).toBeNull()
})

test('of a name that stands there twice, both are looked at', () => {
  const twice = `{"messages":${JSON.stringify(value)},"messages":"hello"}`
  expect(masker.body(Buffer.from(twice), undefined)!.body.toString()).toBe('{"messages":"hello"}')
})

test.each([6, 7, 11, 12, 13, 23, 24, 40, 200])('a value of %i bytes is found wherever it begins', (length) => {
  const long = randomBytes(length).toString('base64url').slice(0, length)
  const one = maskerFor(() => [{ name: 'X', value: long }])
  for (let at = 0; at < 64; at++)
    expect(
      one.body(Buffer.from(`{"a":"${'.'.repeat(at)}${long}${'.'.repeat(at % 7)}"}`), undefined)!.names,
    ).not.toEqual([])
})

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})
const through = async (): Promise<{
  upstream: TestUpstream
  gateway: ModelGateway
  lines: string[]
  left: { bytes: number; masked: number }[]
  known: { name: string; value: string }[]
  learn(name: string, value: string): void
}> => {
  const upstream = await testUpstream((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(events(claudeStart(), claudeText, ...claudeEnd()))
  })
  const [lines, left]: [string[], { bytes: number; masked: number }[]] = [[], []]
  let known = [secret]
  const gateway = await startModelGateway({
    upstreams: [upstream.as('anthropic')],
    budget: openBudget({ run: 'masked', limits: { tokens: null, usdMicros: null }, onSpent: () => {} }),
    say: (line) => lines.push(line),
    secrets: () => known,
    beforeSending: async (_, bytes, masked) => void left.push({ bytes, masked }),
  })
  open.push(gateway, upstream)
  return {
    upstream,
    gateway,
    lines,
    left,
    known,
    learn: (name, text) => void (known = [...known, { name, value: text }]),
  }
}
const post = (
  gateway: ModelGateway,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = 'v1/messages',
) =>
  fetch(`${gateway.url}/anthropic/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': gateway.key, ...headers },
    body,
  })

test('through the gateway: body and headers are masked, the list of what left counts it, the log names it once, the stream passes', async () => {
  const { upstream, gateway, lines, left, learn } = await through()
  const body = JSON.stringify({ ...chat(`${value} and ${value}`), stream: true })
  const packed = gzipSync(body)
  const answers = [
    await post(gateway, body, { 'x-claude-code-session-id': Buffer.from(value).toString('hex') }),
    await post(gateway, packed, { 'content-encoding': 'gzip' }),
  ]
  for (const answer of answers) expect(await answer.text()).toBe(events(claudeStart(), claudeText, ...claudeEnd()))
  learn('LATER', 'learned-meanwhile')
  await (await post(gateway, JSON.stringify(chat('learned-meanwhile')))).text()
  const everything = JSON.stringify(upstream.seen.map(({ url, headers, body: got }) => ({ url, headers, got })))
  expect(everything).not.toContain(Buffer.from(value).toString('hex'))
  for (const one of upstream.seen.slice(0, 2)) {
    expect(JSON.parse(one.body)).toMatchObject(chat('[redacted ACME_TOKEN] and [redacted ACME_TOKEN]'))
    expect(one.headers['content-encoding']).toBeUndefined()
  }
  expect(upstream.seen[2]!.body).toContain('[redacted LATER]')
  expect(left.map(({ masked }) => masked)).toEqual([2, 2, 1])
  expect(left.map(({ bytes }) => bytes)).toEqual(upstream.seen.map((one) => Buffer.byteLength(one.body)))
  expect(lines.filter((line) => line.startsWith('masked')).map((line) => line.split(': ')[1])).toEqual([
    'ACME_TOKEN',
    'LATER',
  ])
  expect(lines.join()).not.toContain(value)
})

test('through the gateway: what cannot be read, and a path that holds a value, does not go', async () => {
  const { upstream, gateway, learn } = await through()
  learn('NAMED', 'claude-hush-hush')
  expect((await post(gateway, 'x', { 'content-encoding': 'zstd' })).status).toBe(415)
  const listed = await fetch(`${gateway.url}/anthropic/v1/models/claude-hush-hush`, {
    headers: { 'x-api-key': gateway.key },
  })
  expect(listed.status).toBe(403)
  expect(upstream.seen).toEqual([])
})
