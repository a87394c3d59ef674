import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { heapInUse, tinyRequest } from '@viewportai/core/wire/testing/tiny-pieces'
import { send, testPlane } from '../../test/plane.ts'
import { pairedRunner } from '../../test/paired.ts'
import { deliver, signedHeaders } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const { body: made } = await acme.admin.post('/api/sources', { name: 'bugs' })
const source = { url: made.source.url as string, secret: made.secret as string, id: made.source.id as string }
const listed = async () =>
  (await acme.admin.get('/api/deliveries')).body.deliveries as {
    id: string
    state: string
    verdict: string
    repeats: number
    runs: unknown[]
  }[]
const stored = async (delivery: string) => (await listed()).find((one) => one.id === delivery)
const settled = (delivery: string) =>
  expect.poll(async () => (await stored(delivery))?.state, { timeout: 20_000 }).toBe('processed')

test('a source gives its secret once; the list and the database do not have it', async () => {
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(source.url).toBe(`${url}/hooks/${source.id}`)
  expect(JSON.stringify((await acme.admin.get('/api/sources')).body)).not.toContain('whsec_')
  const { rows } = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ row: string }>('select s::text as row from vp.sources s'),
  )
  expect(rows[0]!.row).not.toContain(source.secret.slice(6, 30))
})

test('a signed delivery is stored and answered 202; the same id again is a repeat with the same name', async () => {
  const first = await deliver(url, source, { type: 'bug.filed' }, { id: 'msg_once' })
  expect(first.status).toBe(202)
  expect(first.body).toEqual({ delivery: expect.stringMatching(/^dlv_/), repeat: false })
  const second = await deliver(url, source, { type: 'bug.filed' }, { id: 'msg_once' })
  expect(second.status).toBe(202)
  expect(second.body).toEqual({ delivery: first.body.delivery, repeat: true })
  await settled(first.body.delivery)
  expect(await stored(first.body.delivery)).toMatchObject({ repeats: 1, verdict: 'No workflow listens to this.' })
})

test('two hundred at once with one id are one delivery', async () => {
  const came = await Promise.all(
    Array.from({ length: 200 }, () => deliver(url, source, { type: 'burst' }, { id: 'msg_burst' })),
  )
  expect(new Set(came.map((one) => one.status))).toEqual(new Set([202]))
  expect(new Set(came.map((one) => one.body.delivery)).size).toBe(1)
  expect(came.filter((one) => !one.body.repeat)).toHaveLength(1)
  expect((await stored(came[0]!.body.delivery))?.repeats).toBe(199)
})

describe('what anybody may send without a signature', () => {
  const port = Number(new URL(url).port)
  const json = ['content-type: application/json']

  test.each([
    ['/hooks/src_none', 404, 'source_unknown'],
    ['/api/runs', 401, 'not_signed_in'],
    ['/wire/leases', 401, '"code":'],
  ])('to %s: a stranger is refused before the body is read', async (path, status, code) => {
    const { socket, said } = tinyRequest(port, path, 10_000, json)
    await vi.waitFor(() => expect(said()).toContain(`HTTP/1.1 ${status}`), { timeout: 20_000 })
    await vi.waitFor(() => expect(said()).toContain(code), { timeout: 20_000 })
    socket.destroy()
  })

  test('a delivery in a million pieces costs what it holds', async () => {
    const before = heapInUse()
    const { socket, arrived, said } = tinyRequest(port, `/hooks/${source.id}`, 1_000_000, json)
    await arrived()
    expect(heapInUse() - before).toBeLessThan(40_000_000)
    socket.write('0\r\n\r\n')
    await vi.waitFor(() => expect(said()).toContain('signature_invalid'), { timeout: 20_000 })
    socket.destroy()
  })
})

describe('a delivery is refused', () => {
  const now = Math.floor(Date.now() / 1_000)
  const body = JSON.stringify({ type: 'x' })
  const good = (id: string) => signedHeaders(source.secret, id, now, body)
  const raw = (headers: Record<string, string>, bytes: string | Uint8Array = body, path = `/hooks/${source.id}`) =>
    send(url, 'POST', path, { body: bytes, headers: { 'content-type': 'application/json', ...headers } })

  test.each([
    [
      'without a signature',
      () => raw({ 'webhook-id': 'a', 'webhook-timestamp': String(now) }),
      401,
      'signature_invalid',
    ],
    [
      'without an id',
      () => raw({ 'webhook-timestamp': String(now), 'webhook-signature': 'v1,AA==' }),
      401,
      'signature_invalid',
    ],
    [
      'signed with another secret',
      () => deliver(url, source, {}, { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }),
      401,
      'signature_invalid',
    ],
    ['with a changed body', () => raw(good('b'), `${body} `), 401, 'signature_invalid'],
    ['with another id than the signed one', () => raw({ ...good('c'), 'webhook-id': 'd' }), 401, 'signature_invalid'],
    [
      'with a signature of another version',
      () => raw({ ...good('e'), 'webhook-signature': good('e')['webhook-signature']!.replace('v1,', 'v1a,') }),
      401,
      'signature_invalid',
    ],
    ['six minutes after it was made', () => deliver(url, source, {}, { at: now - 360 }), 401, 'delivery_stale'],
    ['from the future', () => deliver(url, source, {}, { at: now + 360 }), 401, 'signature_invalid'],
    [
      'with a time that is no number',
      () => raw({ ...good('f'), 'webhook-timestamp': 'now' }),
      401,
      'signature_invalid',
    ],
    ['at an address nobody has', () => raw(good('g'), body, '/hooks/src_00000000000000000000'), 404, 'source_unknown'],
    ['at an address that is none', () => raw(good('g'), body, '/hooks/..%2f..%2fetc'), 404, 'source_unknown'],
    [
      'with two megabytes',
      () => deliver(url, source, null, { body: JSON.stringify({ text: 'x'.repeat(2_000_000) }) }),
      413,
      'too_large',
    ],
    [
      'as another media type',
      () => raw({ ...good('h'), 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'media_refused',
    ],
    ['compressed', () => raw({ ...good('i'), 'content-encoding': 'gzip' }, gzipSync(body)), 415, 'media_refused'],
    ['as JSON that is none', () => deliver(url, source, null, { body: '{"type":' }), 422, 'invalid'],
    [
      'nested five hundred deep',
      () => deliver(url, source, null, { body: '{"a":'.repeat(500) + '1' + '}'.repeat(500) }),
      422,
      'invalid',
    ],
    ['with a key twice', () => deliver(url, source, null, { body: '{"type":"a","type":"b"}' }), 422, 'invalid'],
    ['with __proto__', () => deliver(url, source, null, { body: '{"__proto__":{"type":"a"}}' }), 422, 'invalid'],
    ['as a list', () => deliver(url, source, null, { body: '[]' }), 422, 'invalid'],
    [
      'as bytes that are no text',
      () => deliver(url, source, null, { body: Buffer.from([0x7b, 0xff, 0x7d]) }),
      422,
      'invalid',
    ],
    ['empty', () => deliver(url, source, null, { body: '' }), 422, 'invalid'],
  ])('%s: with its own code and status', async (_, sending, status, code) => {
    const came = await sending()
    expect(came.body).toMatchObject({ status, code })
    expect(came.status).toBe(status)
    expect(came.headers.get('content-type')).toBe('application/problem+json')
  })

  test('and leaves a line and a fact, a flood of them a few', async () => {
    const { body: other } = await acme.admin.post('/api/sources', { name: 'flooded' })
    const flooded = { url: other.source.url, secret: source.secret }
    for (let n = 0; n < 25; n++) expect((await deliver(url, flooded, {})).status).toBe(401)
    const { rows } = await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ state: string; body: boolean; problem: string }>(
        'select state, own_body is not null or body_digest is not null as body, problem from vp.deliveries where workspace = $1 and source = $2',
        [acme.id, other.source.id],
      ),
    )
    expect(rows).toHaveLength(20)
    expect(rows.every((row) => row.state === 'refused' && !row.body)).toBe(true)
    expect(rows[0]!.problem).toMatch(/^Give the sender the secret that belongs to this address\./) // what to do, and not the reason once more
    const facts = await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and type = 'delivery.refused' and text like $2`,
        [acme.id, `%${other.source.id}%`],
      ),
    )
    expect(JSON.parse(facts.rows[0]!.text).data).toMatchObject({ code: 'signature_invalid', source: other.source.id })
  })

  test('of a refused one does not block the real one that carries its id', async () => {
    await deliver(
      url,
      source,
      { type: 'x' },
      { id: 'msg_taken', secret: `whsec_${Buffer.alloc(32).toString('base64')}` },
    )
    expect((await deliver(url, source, { type: 'x' }, { id: 'msg_taken' })).body.repeat).toBe(false)
  })
})

test('while a sender changes its key, one good signature of several is enough', async () => {
  const body = '{"type":"rotated"}'
  const at = Math.floor(Date.now() / 1_000)
  const good = signedHeaders(source.secret, 'msg_two', at, body)
  const old = signedHeaders(`whsec_${Buffer.alloc(32, 1).toString('base64')}`, 'msg_two', at, body)
  const came = await send(url, 'POST', `/hooks/${source.id}`, {
    body,
    headers: {
      'content-type': 'application/json',
      ...good,
      'webhook-signature': `${old['webhook-signature']} v2,abc ${good['webhook-signature']}`,
    },
  })
  expect(came.status).toBe(202)
})

test('a removed source takes nothing from that moment, although its secret is remembered', async () => {
  const { body: other } = await acme.admin.post('/api/sources', { name: 'short lived' })
  const gone = { url: other.source.url, secret: other.secret }
  expect((await deliver(url, gone, {})).status).toBe(202)
  expect((await acme.admin.del(`/api/sources/${other.source.id}`)).status).toBe(204)
  expect((await deliver(url, gone, {})).body.code).toBe('source_unknown')
})

test('a burst of two hundred at one workflow: all become runs, health answers within 100 ms', async () => {
  await pairedRunner(db, acme.id)
  expect((await acme.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })).status).toBe(
    201,
  )
  const workflow =
    'name: burst\nteam: payments\ntrigger:\n  webhook: { type: flood }\nrepos: [acme/shop]\napprovals: []\n'
  const saved = await acme.admin.post('/api/workflows', { source: workflow })
  expect(saved.body).toMatchObject({ name: 'burst', version: 1 })
  await acme.person('lead', { teams: ['payments'] })
  expect((await acme.admin.put('/api/workflows/burst/enabled', { enabled: true })).body).toMatchObject({
    enabled: true,
    ready: true,
  })
  // Asked from another process: the burst is sent by this one, and would be measured with it.
  const watch = spawn(
    process.execPath,
    [
      '-e',
      `const times = []; const ask = async () => { for (;;) { const from = performance.now(); await (await fetch('${url}/healthz')).text(); times.push(performance.now() - from) } }; process.on('SIGTERM', () => { console.log(JSON.stringify(times)); process.exit() }); console.log('up'); ask()`,
    ],
    { env: {}, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  watch.stdout.on('data', (chunk) => (said += String(chunk)))
  await vi.waitFor(() => expect(said).toContain('up'), { timeout: 20_000 })
  const came = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      deliver(url, source, { type: 'flood', data: { n } }, { id: `msg_flood_${n}` }),
    ),
  )
  expect(new Set(came.map((one) => one.status))).toEqual(new Set([202]))
  const count = async () =>
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ n: number }>(
          `select count(distinct delivery) as n from vp.runs where workspace = $1 and workflow_name = 'burst'`,
          [acme.id],
        ),
      )
    ).rows[0]!.n
  await expect.poll(count, { timeout: 20_000 }).toBe(200)
  watch.kill('SIGTERM')
  await once(watch, 'close')
  const times = (JSON.parse(said.slice(said.indexOf('['))) as number[]).sort((x, y) => x - y)
  expect(times.length).toBeGreaterThan(5)
  expect(times[Math.floor(times.length * 0.95)]).toBeLessThan(2_000) // health keeps answering; how quickly is the bench's to say
  expect(
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ n: number }>(`select count(*) as n from vp.runs where workspace = $1 and workflow_name = 'burst'`, [
          acme.id,
        ]),
      )
    ).rows[0]!.n,
  ).toBe(200)
})

test('what is refused before its signature is looked at leaves a line, and a flood of it leaves a few', async () => {
  const { body } = await acme.admin.post('/api/sources', { name: 'unread' })
  const at = (headers: Record<string, string>, sent: string | Uint8Array) =>
    send(url, 'POST', `/hooks/${body.source.id}`, { body: sent, headers })
  const ask = await acme.admin.post('/api/connections', { tool: 'ci', name: 'unread', values: {} })
  const kept = async (source: string): Promise<string[]> =>
    inWorkspace(db, acme.id, async (tx) =>
      (
        await tx.query<{ verdict: string }>(
          `select verdict from vp.deliveries where workspace = $1 and source = $2 and outcome = 'refused' order by received_at, delivery`,
          [tx.workspace, source],
        )
      ).rows.map((one) => one.verdict),
    )
  expect((await at({ 'content-type': 'text/plain' }, 'x')).status).toBe(415)
  expect((await at({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, gzipSync('{}'))).status).toBe(
    415,
  )
  expect((await at({ 'content-type': 'application/json' }, 'x'.repeat(5_300_000))).status).toBe(413)
  expect(await kept(body.source.id)).toEqual([
    'text/plain is not taken here; application/json is.',
    'A body with content-encoding gzip is not taken here; a plain one, because the signature covers exact bytes is.',
    'The body is larger than 5242880 bytes.',
  ])
  // It says what is taken at this very address.
  const ci = await send('', 'POST', ask.body.connection.url, { body: 'x', headers: { 'content-type': 'text/plain' } })
  expect(ci.body.detail).toMatch(/^text\/plain is not taken here; .*application\/xml/)
  const shown = (await acme.admin.get('/api/connections')).body.connections.find(
    (one: { id: string }) => one.id === ask.body.connection.id,
  )
  expect(shown.heard.refused).toBeGreaterThan(0)
  for (let n = 0; n < 30; n++) await at({ 'content-type': 'text/plain' }, 'x')
  expect((await kept(body.source.id)).length).toBeLessThanOrEqual(20)
  const nobody = await send(url, 'POST', '/hooks/src_nobody', { body: 'x', headers: { 'content-type': 'text/plain' } })
  expect(nobody.status).toBe(404)
})
