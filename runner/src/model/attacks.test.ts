/** What can an agent do at the gateway that it should not? Bytes as they are, over real sockets; the provider counts what reached it. */
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBudget } from './budget.ts'
import { startModelGateway, type ModelGateway } from './gateway.ts'
import { bodyAtMost } from './read-body.ts'
import { realKey, testUpstream, type TestUpstream } from './testing/upstream.ts'

let upstream: TestUpstream
let gateway: ModelGateway
const sockets: Socket[] = []
beforeEach(async () => {
  upstream = await testUpstream((seen, response) => {
    // As bad as a provider can be: it says back all that it was sent.
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': String(seen.headers['x-api-key']) })
    response.end(JSON.stringify(seen.headers))
  })
  gateway = await start()
})
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy())
  await gateway.close()
  await upstream.close()
})
const start = (): Promise<ModelGateway> =>
  startModelGateway({
    upstreams: [upstream.as('anthropic'), upstream.as('openai'), upstream.as('google')],
    budget: openBudget({ run: 'attacks', limits: { tokens: null, usdMicros: null }, onSpent: () => {} }),
    say: () => {},
  })

/** Sends bytes as they are, and gives what came back until the connection ended or an answer's end was seen. */
const raw = (bytes: string | Buffer, done = /\r\n\r\n/): Promise<string> =>
  new Promise((answered) => {
    let text = ''
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(bytes))
    sockets.push(socket)
    socket.on('data', (part) => {
      text += part.toString('latin1')
      if (done.test(text)) answered(text)
    })
    socket.on('error', () => {})
    socket.on('close', () => answered(text))
  })
const head = (line: string, ...headers: string[]): string =>
  [line, `Host: 127.0.0.1:${gateway.port}`, `x-api-key: ${gateway.key}`, ...headers, '', ''].join('\r\n')
const status = (answer: string): string => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed'

test('what is let through is let through', async () => {
  const answer = await raw(`${head('POST /anthropic/v1/messages HTTP/1.1', 'Content-Length: 2')}{}`, /\r\n0\r\n\r\n$/)
  expect(status(answer)).toBe('200')
  expect(answer).not.toContain(realKey)
  expect(upstream.seen).toHaveLength(1)
})

test.each([
  'POST //anthropic/v1/messages',
  'POST /anthropic//v1/messages',
  'POST /anthropic/v1/messages/',
  'POST /anthropic/v1/../v1/messages',
  'POST /anthropic/v1/./messages',
  'POST /anthropic/v1/%2e%2e/messages',
  'POST /anthropic/v1%2fmessages',
  'POST /anthropic/v1/messages%00',
  'POST /anthropic/v1/messages;x=1',
  'POST /anthropic\\v1\\messages',
  'POST /anthropic/v1/messages#x',
  'POST /anthropic@evil.example/v1/messages',
  'POST /ANTHROPIC/v1/messages',
  'POST http://evil.example/anthropic/v1/messages',
  'POST https://api.anthropic.com/v1/messages',
  'POST //evil.example/anthropic/v1/messages',
  'POST anthropic/v1/messages',
  'POST *',
  'POST /v1/messages',
  'POST /constructor/v1/messages',
  'POST /__proto__/v1/messages',
  'GET /anthropic/v1/messages',
  'DELETE /anthropic/v1/models/x',
  'GET /anthropic/v1/files',
  'GET /anthropic/v1/organizations/me',
  'POST /anthropic/v1/messages/batches',
  'GET /openai/v1/files',
  'POST /openai/v1/files',
  'GET /openai/v1/responses/resp_1',
  'DELETE /openai/v1/models/x',
  'POST /openai/v1/fine_tuning/jobs',
  'GET /google/v1beta/files',
  'POST /google/v1beta/models/x:batchGenerateContent',
  'POST /google/upload/v1beta/files',
  'POST /google/v1beta/models/../files:generateContent',
  'POST /anthropic/v1/messages?$httpMethod=DELETE',
  'POST /google/v1beta/models/x:generateContent?access_token=y',
  'POST /google/v1beta/models/x:generateContent?alt=sse&alt=%0d%0aX:y&callback=x',
  'OPTIONS /anthropic/v1/messages',
  'TRACE /anthropic/v1/messages',
])('%s reaches no provider', async (line) => {
  expect(status(await raw(`${head(`${line} HTTP/1.1`, 'Content-Length: 2')}{}`))).toMatch(/^(400|404)$/)
  expect(upstream.seen).toEqual([])
})

test('a key that is not this step’s, none, or one of two opens nothing', async () => {
  const other = await start()
  try {
    for (const keys of [
      [],
      [`x-api-key: ${other.key}`],
      [`Authorization: Bearer ${other.key}`],
      [`x-api-key: ${realKey}`],
      [`x-api-key: ${gateway.key.slice(0, -1)}`],
      [`x-api-key: ${gateway.key} `, 'x-api-key: x'],
      [`x-api-key: ${gateway.key}`, 'Authorization: Bearer other'],
      [`Authorization: Basic ${Buffer.from(`x:${gateway.key}`).toString('base64')}`],
    ]) {
      const line = [
        'POST /anthropic/v1/messages HTTP/1.1',
        `Host: 127.0.0.1:${gateway.port}`,
        ...keys,
        'Content-Length: 2',
        '',
        '{}',
      ]
      expect(status(await raw(line.join('\r\n')))).toBe('401')
    }
    expect(
      status(
        await raw(`${head('POST /google/v1beta/models/x:generateContent?key=wrong HTTP/1.1', 'Content-Length: 2')}{}`),
      ),
    ).toBe('401')
    expect(upstream.seen).toEqual([])
  } finally {
    await other.close()
  }
})

test('another Host is not answered, so that no page of a browser gets here by a name', async () => {
  for (const host of [
    'evil.example',
    `evil.example:${gateway.port}`,
    'api.anthropic.com',
    '127.0.0.1',
    `[::1]:${gateway.port}`,
  ]) {
    const line = `POST /anthropic/v1/messages HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${gateway.key}\r\nContent-Length: 2\r\n\r\n{}`
    expect(status(await raw(line))).toBe('404')
  }
  expect(upstream.seen).toEqual([])
})

test.each([
  ['two lengths', ['Content-Length: 2', 'Content-Length: 30']],
  ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
  ['chunks spelled otherwise', ['Transfer-Encoding: xchunked']],
  ['chunks in a folded line', ['Transfer-Encoding:\r\n chunked']],
  ['a blank before the colon', ['Content-Length : 2']],
  ['a bare line end', ['X: y\nContent-Length: 2']],
  ['a negative length', ['Content-Length: -1']],
  ['a length with a sign', ['Content-Length: +2']],
])('a request that two readers could read in two ways is refused: %s', async (_, headers) => {
  const hidden = head('POST /anthropic/v1/messages HTTP/1.1', 'Content-Length: 2')
  const answer = await raw(`${head('POST /anthropic/v1/messages HTTP/1.1', ...headers)}{}${hidden}{}`)
  expect(status(answer)).toMatch(/^(400|501|closed)$/)
  expect(upstream.seen).toEqual([])
})

test('chunks that lie about their length bring nothing', async () => {
  const chunked = head('POST /anthropic/v1/messages HTTP/1.1', 'Transfer-Encoding: chunked')
  for (const body of ['zz\r\n{}\r\n0\r\n\r\n', '-1\r\n{}\r\n', 'fffffffffffffffff\r\n{}', '2\r\n{}xx0\r\n\r\n'])
    expect(status(await raw(chunked + body))).toMatch(/^(400|closed)$/)
  expect(upstream.seen).toEqual([])
})

test('nothing of the agent’s connection, account or origin goes on, and no method is changed by a header', async () => {
  const nasty = [
    'Content-Length: 2',
    'Connection: keep-alive, x-evil',
    'X-Evil: 1',
    'Proxy-Authorization: Basic x',
    'Cookie: a=b',
    'Origin: https://evil.example',
    'Forwarded: for=1.2.3.4',
    'X-Forwarded-Host: evil.example',
    'X-HTTP-Method-Override: DELETE',
    'OpenAI-Organization: org-other',
    'anthropic-version: 2023-06-01',
  ]
  await raw(`${head('POST /anthropic/v1/messages HTTP/1.1', ...nasty)}{}`)
  expect(Object.keys(upstream.seen[0]!.headers).toSorted()).toEqual([
    'accept-encoding',
    'anthropic-version',
    'connection',
    'content-length',
    'host',
    'x-api-key',
  ])
  expect(upstream.seen[0]!.headers.host).toBe(new URL(upstream.url).host)
})

test('a change of protocol, a tunnel and an expectation are refused', async () => {
  const upgrade = head(
    'GET /anthropic/v1/models HTTP/1.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  )
  expect(status(await raw(upgrade))).toBe('closed')
  expect(status(await raw(head(`CONNECT api.anthropic.com:443 HTTP/1.1`)))).toBe('closed')
  expect(status(await raw(head('POST /anthropic/v1/messages HTTP/1.1', 'Expect: magic', 'Content-Length: 2')))).toBe(
    '417',
  )
  expect(upstream.seen).toEqual([])
})

test('huge heads and bodies are refused', async () => {
  expect(status(await raw(head('POST /anthropic/v1/messages HTTP/1.1', `X: ${'x'.repeat(100_000)}`)))).toMatch(
    /^(400|431|closed)$/,
  )
  expect(status(await raw(head('POST /anthropic/v1/messages HTTP/1.1', `Content-Length: ${bodyAtMost + 1}`)))).toBe(
    '413',
  )
  expect(upstream.seen).toEqual([])
})

test('the key is good for nothing after the step’s end, also on a connection that was open', async () => {
  const socket = connect(gateway.port, '127.0.0.1')
  sockets.push(socket)
  const ended = new Promise<void>((closed) => socket.on('close', () => closed()))
  socket.on('error', () => {})
  await new Promise<void>((open) => socket.on('connect', () => open()))
  await gateway.close()
  socket.write(`${head('POST /anthropic/v1/messages HTTP/1.1', 'Content-Length: 2')}{}`)
  await ended
  await expect(fetch(`${gateway.url}/anthropic/v1/models`, { headers: { 'x-api-key': gateway.key } })).rejects.toThrow()
  expect(upstream.seen).toEqual([])
})

test('ten thousand connections leave room for the agent and for vpd', { timeout: 120_000 }, async () => {
  let [opened, closed] = [0, 0]
  for (let wave = 0; wave < 20; wave++) {
    const settled: Promise<void>[] = []
    for (let n = 0; n < 500; n++) {
      const socket = connect(gateway.port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => {})
      socket.on('close', () => closed++)
      settled.push(
        new Promise((done) => {
          socket.once('connect', () => {
            opened++
            done()
          })
          socket.once('close', () => done())
        }),
      )
    }
    await Promise.all(settled)
  }
  expect(opened + closed).toBeGreaterThanOrEqual(10_000)
  sockets.splice(0).forEach((socket) => socket.destroy())
  // The agent's own come through again.
  let answer = ''
  while (status(answer) !== '200')
    answer = await raw(`${head('POST /anthropic/v1/messages HTTP/1.1', 'Content-Length: 2')}{}`, /\r\n0\r\n\r\n$/)
  expect(upstream.seen.length).toBeGreaterThan(0)
})
