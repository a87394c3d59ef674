/** Does the gateway pass on what it should, count it, and keep the key? Real sockets on both sides. */
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { baseUrl } from './access.ts'
import { openBudget, type Limits, type Spent, type StepBudget } from './budget.ts'
import { startModelGateway, type ModelGateway } from './gateway.ts'
import type { Upstream } from './providers.ts'
import {
  claudeEnd,
  claudeStart,
  claudeText,
  events,
  realKey,
  testUpstream,
  type TestUpstream,
} from './testing/upstream.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

type Under = { gateway: ModelGateway; budget: StepBudget; lines: string[]; spent: Spent[] }
let run = 0
const under = async (upstreams: Upstream[], limits: Partial<Limits> = {}): Promise<Under> => {
  const spent: Spent[] = []
  const lines: string[] = []
  const budget = openBudget({
    run: `run_${run++}`,
    limits: { tokens: null, usdMicros: null, ...limits },
    onSpent: (one) => spent.push(one),
  })
  const gateway = await startModelGateway({ upstreams, budget, say: (line) => lines.push(line) })
  open.push(gateway)
  return { gateway, budget, lines, spent }
}
const upstreamOf = async (...given: Parameters<typeof testUpstream>): Promise<TestUpstream> => {
  const upstream = await testUpstream(...given)
  open.push(upstream)
  return upstream
}
const ask = (
  gateway: ModelGateway,
  provider: string,
  path: string,
  body: object,
  headers: Record<string, string> = { 'x-api-key': gateway.key },
): Promise<Response> =>
  fetch(`${baseUrl(gateway, provider)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('a stream of Anthropic passes as it comes, with the real key put in, and is counted', async () => {
  let go = (): void => {}
  const waits = new Promise<void>((resolve) => (go = resolve))
  const upstream = await upstreamOf(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1', 'set-cookie': 'a=b' })
    response.write(events(claudeStart({ cache_creation_input_tokens: 100 })))
    await waits
    response.end(events(claudeText, ...claudeEnd(50)))
  })
  const { gateway, budget, lines } = await under([upstream.as('anthropic')])
  const answer = await ask(
    gateway,
    'anthropic',
    '/v1/messages?beta=true',
    { model: 'claude-sonnet-4-6', stream: true },
    { 'x-api-key': gateway.key, 'anthropic-version': '2023-06-01', cookie: 'c=d', 'x-forwarded-for': '1.2.3.4' },
  )
  const reader = answer.body!.getReader()
  const first = Buffer.from((await reader.read()).value!).toString()
  expect(first).toContain('message_start')
  go() // the rest only comes when the first piece has arrived
  let rest = ''
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString()
  expect(first + rest).toBe(events(claudeStart({ cache_creation_input_tokens: 100 }), claudeText, ...claudeEnd(50)))
  expect(answer.headers.get('request-id')).toBe('req_1')
  expect(answer.headers.get('set-cookie')).toBe(null)
  const [seen] = upstream.seen
  expect(seen).toMatchObject({ method: 'POST', url: '/v1/messages?beta=true' })
  expect(seen!.headers).toMatchObject({ 'x-api-key': realKey, 'anthropic-version': '2023-06-01' })
  for (const name of ['cookie', 'x-forwarded-for', 'authorization']) expect(seen!.headers).not.toHaveProperty(name)
  await gateway.close()
  // 1,000 + 100 written; 3 dollars a million, writing 3.75, read 0.3, out 15
  expect(budget.spending.usage()).toMatchObject({
    inputTokens: 1_100,
    cachedTokens: 200,
    outputTokens: 50,
    usdMicros: 1_000 * 3 + 100 * 3.75 + 200 * 0.3 + 50 * 15,
    source: 'gateway',
    models: [{ provider: 'anthropic', model: 'claude-sonnet-4-6', requests: 1, inputTokens: 1_100, usdMicros: 4_185 }],
  })
  expect(lines.join()).toContain('claude-sonnet-4-6')
})

test.each([
  [
    'Anthropic, not streamed',
    'anthropic',
    '/v1/messages',
    {
      type: 'message',
      model: 'claude-sonnet-4-6-20260101',
      usage: { input_tokens: 1_000, cache_read_input_tokens: 200, output_tokens: 50 },
    },
    { inputTokens: 1_000, cachedTokens: 200, outputTokens: 50, usdMicros: 3_810, source: 'gateway' },
  ],
  [
    'OpenAI Responses',
    'openai',
    '/responses',
    {
      object: 'response',
      model: 'gpt-5',
      usage: { input_tokens: 1_200, input_tokens_details: { cached_tokens: 200 }, output_tokens: 50 },
    },
    { inputTokens: 1_000, cachedTokens: 200, outputTokens: 50, usdMicros: 1_775, source: 'gateway' },
  ],
  [
    'Chat Completions',
    'openai',
    '/chat/completions',
    {
      object: 'chat.completion',
      model: 'gpt-5-2025-08-07',
      usage: { prompt_tokens: 1_200, prompt_tokens_details: { cached_tokens: 200 }, completion_tokens: 50 },
    },
    { inputTokens: 1_000, cachedTokens: 200, outputTokens: 50, usdMicros: 1_775, source: 'gateway' },
  ],
  [
    'Gemini',
    'google',
    '/v1beta/models/gemini-2.5-pro:generateContent',
    {
      modelVersion: 'gemini-2.5-pro',
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: {
        promptTokenCount: 1_200,
        cachedContentTokenCount: 200,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 30,
      },
    },
    { inputTokens: 1_000, cachedTokens: 200, outputTokens: 50, usdMicros: 1_775, source: 'gateway' },
  ],
  [
    'a model that is not listed',
    'anthropic',
    '/v1/messages',
    { type: 'message', model: 'claude-unheard-of', usage: { input_tokens: 10, output_tokens: 5 } },
    { inputTokens: 10, cachedTokens: 0, outputTokens: 5, usdMicros: null, source: 'unavailable' },
  ],
  [
    'an answer that tells nothing',
    'openai',
    '/chat/completions',
    { object: 'chat.completion', model: 'gpt-5' },
    { inputTokens: null, cachedTokens: null, outputTokens: null, usdMicros: null, source: 'unavailable' },
  ],
])('%s: use is read alike', async (_, provider, path, body, usage) => {
  const upstream = await upstreamOf((__, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const { gateway, budget } = await under([upstream.as(provider)])
  const answer = await ask(gateway, provider, path, { model: 'm' })
  expect(await answer.json()).toEqual(body)
  await gateway.close()
  const { estimated, models, ...said } = budget.spending.usage()
  expect(said).toEqual(usage)
  expect(models?.length ?? 0).toBe(usage.inputTokens === null ? 0 : 1)
  if (usage.source === 'gateway') expect(estimated).toBeUndefined()
})

test('a streamed chat is asked to tell its use; each provider gets its key where it looks for it', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(
      `data: {"object":"chat.completion.chunk","model":"gpt-5","choices":[]}\r\n\r\ndata: {"object":"chat.completion.chunk","model":"gpt-5","usage":{"prompt_tokens":7,"completion_tokens":3},"choices":[]}\r\n\r\ndata: [DONE]\r\n\r\n`,
    )
  })
  const { gateway, budget } = await under([upstream.as('openai'), upstream.as('local', 'local-key-12345')])
  const bearer = { authorization: `Bearer ${gateway.key}` }
  await (await ask(gateway, 'openai', '/chat/completions', { model: 'x', stream: true }, bearer)).text()
  await (await ask(gateway, 'local', '/chat/completions', { model: 'x', stream: false }, bearer)).text()
  expect(upstream.seen.map(({ headers, body, url }) => [url, headers.authorization, JSON.parse(body)])).toEqual([
    [
      '/v1/chat/completions',
      `Bearer ${realKey}`,
      { model: 'x', stream: true, stream_options: { include_usage: true } },
    ],
    ['/v1/chat/completions', 'Bearer local-key-12345', { model: 'x', stream: false }],
  ])
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 14, outputTokens: 6 })
})

test('an answer in the background, which nobody could count, is not asked for; a name that stands twice is read in one way', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ object: 'response', status: 'queued', usage: null }))
  })
  const { gateway, lines } = await under([upstream.as('openai')], { tokens: 100_000 })
  const send = async (
    body: string | Uint8Array<ArrayBuffer>,
    packed?: string,
    path = '/responses',
  ): Promise<number> => {
    const answer = await fetch(`${baseUrl(gateway, 'openai')}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${gateway.key}`,
        ...(packed !== undefined && { 'content-encoding': packed }),
      },
      body,
    })
    await answer.text()
    return answer.status
  }
  const hidden = '{"model":"x","\\u0062ackground":true}'
  expect(await send('{"model":"x","background":true}')).toBe(403)
  expect(await send(hidden)).toBe(403)
  expect(await send('{"model":"x","background":"true"}')).toBe(403)
  expect(await send('{"model":"x","background":true}', undefined, '/responses/compact')).toBe(403)
  expect(await send(new Uint8Array(gzipSync(hidden)), 'gzip')).toBe(403)
  expect(await send(new Uint8Array(gzipSync(hidden)), 'zstd')).toBe(415)
  expect(upstream.seen).toEqual([])
  expect(lines[0]).toContain('refused: an answer in the background')
  expect(await send('{"model":"x","background":true,"background":false}')).toBe(200)
  expect(await send('{"model": "x"}')).toBe(200)
  expect(await send('{"stream":true,"stream":false}', undefined, '/chat/completions')).toBe(200)
  const told = '{"stream":true,"stream_options":{"include_usage":'
  expect(await send(`${told}false}, "stream_options":{"include_usage":true}}`, undefined, '/chat/completions')).toBe(
    200,
  )
  expect(upstream.seen.map(({ body }) => body)).toEqual([
    '{"model":"x","background":false}',
    '{"model": "x"}',
    '{"stream":false}',
    `${told}true}}`,
  ])
})

test('errors of a provider pass with their status and without the key, in every disguise and cut in two', async () => {
  const said = `{"error":{"message":"Incorrect API key provided: ${realKey} ${Buffer.from(realKey).toString('base64')}"}}`
  let go = (): void => {}
  const first = new Promise<void>((resolve) => (go = resolve))
  const upstream = await upstreamOf(async (_, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7', 'x-request-id': `r-${realKey}` })
    response.write(said.slice(0, 60)) // in the middle of the key
    await first
    response.end(said.slice(60))
  })
  const { gateway, budget } = await under([upstream.as('openai')])
  const answer = await ask(gateway, 'openai', '/responses', {}, { authorization: `Bearer ${gateway.key}` })
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toBe('7')
  let text = JSON.stringify([...answer.headers])
  for await (const part of answer.body!) {
    text += Buffer.from(part).toString()
    go()
  }
  expect(text).not.toContain(realKey)
  expect(text).not.toContain(Buffer.from(realKey).toString('base64').slice(0, 30))
  expect(text).toContain('Incorrect API key provided: [key of the runner]')
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ inputTokens: null, source: 'unavailable' })
})

test('a key in the address, as some programs of Gemini write it, is looked at and goes no further', async () => {
  const upstream = await upstreamOf((_, response) => {
    const one = { modelVersion: 'gemini-2.5-pro', usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1 } }
    const two = {
      ...one,
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 9 },
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`data: ${JSON.stringify(one)}\r\n\r\ndata: ${JSON.stringify(two)}\r\n\r\n`)
  })
  const { gateway, budget } = await under([upstream.as('google')])
  const path = `/v1beta/models/gemini-2.5-pro:streamGenerateContent?key=${gateway.key}&alt=sse`
  expect((await ask(gateway, 'google', path, {}, {})).status).toBe(200)
  expect(upstream.seen[0]).toMatchObject({
    url: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': realKey },
  })
  await gateway.close()
  // Every piece tells sums so far.
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 7, outputTokens: 9, source: 'gateway' })
})

test('a request of which no line can be written does not go', async () => {
  const upstream = await upstreamOf((_, response) => void response.end('{}'))
  const { budget } = await under([])
  const gateway = await startModelGateway({
    upstreams: [upstream.as('anthropic')],
    budget,
    say: () => {},
    beforeSending: () => Promise.reject(new Error('the ledger cannot be written')),
  })
  open.push(gateway)
  const answer = await ask(gateway, 'anthropic', '/v1/messages', {})
  expect(answer.status).toBe(502)
  expect(await answer.text()).toContain('the ledger cannot be written')
  expect(upstream.seen).toEqual([])
})

test('packed answers are unpacked, and redirects are not followed', async () => {
  const elsewhere = await upstreamOf((_, response) => void response.end('{}'))
  const upstream = await upstreamOf((seen, response) => {
    if (seen.url === '/v1/messages/count_tokens')
      return void response.writeHead(307, { location: `${elsewhere.url}/v1/messages` }).end()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
    response.end(gzipSync(events(claudeStart(), ...claudeEnd(50))))
  })
  const { gateway, budget } = await under([upstream.as('anthropic')])
  const answer = await ask(gateway, 'anthropic', '/v1/messages', { stream: true })
  expect(await answer.text()).toBe(events(claudeStart(), ...claudeEnd(50)))
  const moved = await ask(gateway, 'anthropic', '/v1/messages/count_tokens', {})
  expect(moved.status).toBe(502)
  expect(await moved.json()).toMatchObject({ error: { message: expect.stringContaining('follows no redirects') } })
  expect(elsewhere.seen).toEqual([])
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 1_000, outputTokens: 50, source: 'gateway' })
})

test('an answer packed as nobody asked is not passed, and what it used is not known', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'zstd' }).end(realKey)
  })
  const { gateway, budget } = await under([upstream.as('anthropic')])
  const answer = await ask(gateway, 'anthropic', '/v1/messages', {})
  expect(answer.status).toBe(502)
  expect(await answer.text()).not.toContain(realKey)
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ source: 'unavailable' })
  expect(budget.spending.untold()).toBe(1)
})

test('a provider is waited for longer than it keeps idle connections', async () => {
  const upstream = await upstreamOf((_, response) => {
    const answer = (): void =>
      void response.writeHead(200, { connection: 'keep-alive', 'keep-alive': 'timeout=2' }).end('{}')
    if (upstream.seen.length === 1) answer()
    else setTimeout(answer, 2_500)
  })
  const { gateway } = await under([upstream.as('anthropic')])
  for (const _ of ['on a new connection', 'on the same one'])
    expect((await (await ask(gateway, 'anthropic', '/v1/messages', {})).text()).trim()).toBe('{}')
  expect(upstream.seen.length).toBe(2)
})

test('a stream that breaks off is counted as far as it came, and marked', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events(claudeStart(), claudeText, claudeText, claudeText), () => response.destroy())
  })
  const { gateway, budget, lines } = await under([upstream.as('anthropic')])
  const answer = await ask(gateway, 'anthropic', '/v1/messages', { stream: true })
  await expect(answer.text()).rejects.toThrow()
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 1_000, outputTokens: 4, source: 'unavailable' })
  expect(lines.join()).toContain('incomplete')
})

test('when the agent goes away the provider is told at once', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events(claudeStart()))
  })
  const { gateway, budget } = await under([upstream.as('anthropic')])
  const away = new AbortController()
  const answer = await fetch(`${gateway.url}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': gateway.key },
    body: '{}',
    signal: away.signal,
  })
  await answer.body!.getReader().read()
  away.abort()
  await upstream.seen[0]!.closed
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 1_000, source: 'unavailable' })
})

test('an agent that reads slowly slows the provider, not the memory of vpd', async () => {
  const piece = Buffer.alloc(64 * 1024, `: ${'x'.repeat(1_021)}\n`)
  let written = 0
  const upstream = await upstreamOf(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const end = new Promise((closed) => response.once('close', closed))
    for (let n = 0; n < 2_000 && !response.destroyed; n++) {
      written += piece.length
      if (!response.write(piece)) await Promise.race([new Promise((drained) => response.once('drain', drained)), end])
    }
    response.end()
  })
  const { gateway } = await under([upstream.as('anthropic')])
  const away = new AbortController()
  const answer = await fetch(`${gateway.url}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': gateway.key },
    body: '{}',
    signal: away.signal,
  })
  await answer.body!.getReader().read()
  // Nothing is read any more: what is written comes to a halt, far before its end.
  let before = -1
  while (before !== written) {
    before = written
    await new Promise((later) => setTimeout(later, 300))
  }
  expect(written).toBeLessThan(2_000 * piece.length * 0.5)
  away.abort()
  await upstream.seen[0]!.closed
})

test.each([
  ['before it was answered', 'none'],
  ['after the first words', 'some'],
  ['whose connection the provider breaks', 'broken'],
] as const)('an agent whose every request ends %s is stopped at the budget all the same (T41)', async (_, end) => {
  const away = new Set<AbortController>()
  const upstream = await upstreamOf((_seen, response) => {
    if (end === 'none') for (const one of away) one.abort()
    else if (end === 'broken') response.destroy()
    else {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"choices":[{"delta":{"content":"x"}}]}\n\n')
    }
  })
  const { gateway, budget, spent } = await under([upstream.as('openai')], { tokens: 20_000 })
  const once = async (): Promise<number> => {
    const leave = new AbortController()
    away.add(leave)
    try {
      const answer = await fetch(`${gateway.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.key}` },
        body: JSON.stringify({ model: 'x', stream: true, messages: ['y'.repeat(3_000)] }),
        signal: leave.signal,
      })
      if (answer.status === 200) await answer.body!.getReader().read()
      leave.abort()
      return answer.status
    } catch {
      return 0
    } finally {
      away.delete(leave)
    }
  }
  let status = 0
  for (let tries = 0; status !== 403 && tries < 50; tries++) status = await once()
  expect(status).toBe(403)
  expect(spent).toMatchObject([{ part: 'tokens' }])
  expect(upstream.seen).toHaveLength(4) // about 5,030 each
  await gateway.close()
  expect(budget.spending.usage()).toMatchObject({
    inputTokens: null,
    usdMicros: null,
    source: 'unavailable',
    estimated: { tokens: expect.any(Number) as number },
  })
})

test('a provider that is not reached costs nothing', async () => {
  const gone = await upstreamOf(() => {})
  await gone.close()
  const { gateway, budget } = await under([gone.as('openai')], { tokens: 5_000 })
  for (let n = 0; n < 5; n++)
    expect((await ask(gateway, 'openai', '/responses', {}, { authorization: `Bearer ${gateway.key}` })).status).toBe(
      502,
    )
  expect(budget.spending.total()).toEqual({ tokens: 0, usdMicros: 0 })
})

test('a stream that goes on and tells nothing is over its budget while it goes on', async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let n = 0; n < 600; n++) response.write('data: {"choices":[{"delta":{"content":"x"}}]}\n\n')
  })
  const { gateway, spent } = await under([upstream.as('openai')], { tokens: 500 })
  const headers = { authorization: `Bearer ${gateway.key}` }
  const answer = await ask(gateway, 'openai', '/chat/completions', { stream: true }, headers)
  const reader = answer.body!.getReader()
  while (spent.length === 0) await reader.read()
  expect(spent).toMatchObject([{ part: 'tokens' }])
  await reader.cancel()
})

/** Requests of every dialect for models; the policy allows those that begin with `good`. */
const restricted = async () => {
  const upstream = await upstreamOf((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ model: 'good-1', usage: { input_tokens: 1, output_tokens: 1 } }))
  })
  const refused: (string | null)[] = []
  const gateway = await startModelGateway({
    upstreams: [upstream.as('anthropic'), upstream.as('openai'), upstream.as('google')],
    budget: openBudget({ run: `run_${run++}`, limits: { tokens: null, usdMicros: null }, onSpent() {} }),
    say() {},
    models: ['good-*'],
    onRefused: (model) => refused.push(model),
  })
  open.push(gateway)
  const send = async (provider: string, path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    (
      await fetch(`${baseUrl(gateway, provider)}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': gateway.key, ...headers },
        body,
      })
    ).status
  return { upstream, refused, send }
}

test('a model that the policy does not allow is asked by no spelling of a request', async () => {
  const { upstream, refused, send } = await restricted()
  const messages = '/v1/messages'
  const no: [string, string, string | Buffer, Record<string, string>?][] = [
    ['anthropic', messages, '{"model":"bad-1"}'],
    ['anthropic', messages, '{"messages":[{"model":"good-1"}],"model":"bad-1"}'],
    ['anthropic', messages, '{"model":"good-1","model":"bad-1"}'],
    ['anthropic', messages, '{"mod\\u0065l":"bad-1"}'],
    ['anthropic', messages, '{"model":"good-1","tools":[{"type":"advisor","model":"bad-1"}]}'],
    ['anthropic', messages, '{"model":"good-1","fallbacks":[{"model":"bad-1"}]}'],
    ['anthropic', messages, gzipSync('{"model":"bad-1"}'), { 'content-encoding': 'gzip' }],
    ['anthropic', messages, '{"messages":[]}'],
    ['anthropic', messages, '[{"model":"good-1"}]'],
    ['anthropic', messages, 'model=good-1'],
    ['openai', '/responses', '{"model":"bad-1"}'],
    ['openai', '/chat/completions', '{"model":"good-1","models":["bad-1"]}'],
    ['google', '/v1beta/models/bad-1:generateContent', '{"model":"good-1"}'],
  ]
  for (const [provider, path, body, headers] of no)
    expect([String(body), await send(provider, path, body, headers)]).toEqual([String(body), 403])
  expect(upstream.seen).toEqual([])
  expect(refused.filter((one) => one === null)).toHaveLength(3)
  expect(refused.filter((one) => one === 'bad-1')).toHaveLength(10)
})

test('an allowed one is asked, and of a name that stands twice the provider reads the one that was looked at', async () => {
  const { upstream, refused, send } = await restricted()
  expect(await send('anthropic', '/v1/messages', '{"model":"bad-1","model":"good-1"}')).toBe(200)
  expect(await send('openai', '/responses', gzipSync('{"model":"good-1"}'), { 'content-encoding': 'gzip' })).toBe(200)
  expect(await send('google', '/v1beta/models/good-1:generateContent', '{}')).toBe(200)
  expect(await send('anthropic', '/v1/messages/count_tokens', '{"model":"bad-1"}')).toBe(200) // nothing is answered by it
  expect(upstream.seen.slice(0, 3).map(({ body }) => body)).toEqual(['{"model":"good-1"}', '{"model":"good-1"}', '{}'])
  expect(refused).toEqual([])
})
