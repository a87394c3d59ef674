import { randomBytes } from 'node:crypto'
import net, { type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { testDatabase, type TestDatabase } from '../../test/database.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'
import { startForward, type Forward } from './forward.ts'
import { agentBy, openRelay, openSocket } from './testing/client.ts'
import { listen } from './testing/listen.ts'

let base: TestDatabase
let workspace = ''
let plane: { url: string; close(): Promise<void> }
beforeAll(async () => {
  base = await testDatabase()
  workspace = await base.workspace()
  plane = await listen(base)
})
afterAll(() => plane.close())

const forward = async (over: Partial<Parameters<typeof startForward>[0]> = {}): Promise<Forward & { url: string }> => {
  const one = await startForward({ host: '127.0.0.1', port: 0, to: plane.url, connections: 4, ...over })
  onTestFinished(() => one.close())
  return { ...one, url: `http://127.0.0.1:${one.port}` }
}
const paired = (): Promise<TestRunner> =>
  new TestRunner(plane.url).pair(base.db, workspace, `far-${randomBytes(3).toString('hex')}`)
const throughOf = async (runner: TestRunner, url: string) => {
  const relay = await openRelay(url, runner)
  onTestFinished(() => relay.ws.terminate())
  expect(relay.status).toBe(204)
  runner.agent = agentBy(relay)
  return relay
}

/** Passes TCP on and keeps what went by, per direction. */
const tapped = async (to: string): Promise<{ url: string; seen: Buffer[][] }> => {
  const seen: Buffer[][] = []
  const sockets = new Set<Socket>()
  const server = net.createServer((near) => {
    const far = net.connect(Number(new URL(to).port), '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      const parts: Buffer[] = []
      seen.push(parts)
      sockets.add(one)
      one.on('data', (bytes: Buffer) => void (parts.push(bytes), other.write(bytes)))
      one.on('error', () => {}).on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** The head of an upgrade and the payloads of the frames after it, without their masks (RFC 6455 5.2). */
const unframed = (bytes: Buffer): { head: string; payload: Buffer } => {
  const end = bytes.indexOf('\r\n\r\n') + 4
  const payloads: Buffer[] = []
  for (let at = end; at + 2 <= bytes.length;) {
    const masked = (bytes[at + 1]! & 128) !== 0
    let size = bytes[at + 1]! & 127
    let from = at + 2
    if (size === 126) [size, from] = [bytes.readUInt16BE(at + 2), at + 4]
    else if (size === 127) [size, from] = [Number(bytes.readBigUInt64BE(at + 2)), at + 10]
    const mask = masked ? bytes.subarray(from, from + 4) : Buffer.alloc(4)
    if (masked) from += 4
    payloads.push(Buffer.from(bytes.subarray(from, from + size).map((byte, n) => byte ^ mask[n % 4]!)))
    at = from + size
  }
  return { head: bytes.subarray(0, end).toString('latin1'), payload: Buffer.concat(payloads) }
}

test('work goes through it, and everything it sees holds nothing of what was said', async () => {
  const far = await tapped(plane.url)
  const relay = await forward({ to: far.url })
  const near = await tapped(relay.url)
  const runner = await paired()
  await throughOf(runner, near.url)
  await runner.login()
  const canary = `canary-${randomBytes(12).toString('hex')}`
  const said = await runner.post('/wire/hello', { capabilities: capabilities({ host: canary }), holding: [] })
  expect(said).toMatchObject({ status: 200, body: { runner: runner.id } })
  const log = Buffer.from(`${canary}\n`.repeat(20_000))
  const put = await runner.send('PUT', `/wire/leases/lease_${canary}/log?epoch=1&offset=0`, log)
  expect([404, 409, 410, 422]).toContain(put.status) // it was read, and there is no such lease
  const all = [...near.seen, ...far.seen].map((parts) => Buffer.concat(parts)).filter(({ length }) => length > 0)
  expect(all).toHaveLength(4) // two connections, both ways
  let bytes = 0
  for (const { head, payload } of all.map(unframed)) {
    bytes += payload.length
    expect(payload[0]).toBe(22) // a TLS handshake: this is what went by, without its mask
    for (const secret of [
      canary,
      runner.id,
      runner.token!,
      runner.token!.split('.')[1]!,
      'authorization',
      'dpop',
      '/wire/hello',
    ])
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64').slice(0, -4),
        Buffer.from(secret).toString('hex'),
      ])
        expect([secret, payload.includes(form), head.toLowerCase().includes(form.toLowerCase())]).toEqual([
          secret,
          false,
          false,
        ])
  }
  expect(bytes).toBeGreaterThan((4 * log.length) / 2)
})

test('it can be ended and started at any time: the next socket is as good as the one before', async () => {
  const first = await forward()
  const runner = await paired()
  const before = await throughOf(runner, first.url)
  await first.close()
  await before.closed
  const again = await forward({ port: first.port })
  await throughOf(runner, again.url)
  expect((await runner.post('/wire/orders', { done: [], waitSeconds: 0 })).status).toBe(200)
  expect(again.open()).toBe(1)
})

test('what it does not pass on', async () => {
  const one = await forward({ connections: 1, silenceMillis: 4_000 })
  await expect(openSocket(one.url, { headers: { origin: 'https://evil.example' } })).rejects.toThrow('status 403')
  await expect(openSocket(one.url, { protocol: 'chat' })).rejects.toThrow('status 422')
  expect((await fetch(`${one.url}/api/runs`)).status).toBe(404)
  expect((await fetch(`${one.url}/wire/token`, { method: 'POST', body: '{}' })).status).toBe(404)
  expect(await (await fetch(`${one.url}/healthz`)).json()).toEqual({ relay: true, open: 0 })
  const only = await openSocket(one.url)
  await expect(openSocket(one.url)).rejects.toThrow('status 503')
  await only.closed // nothing came
  const nobody = await forward({ to: 'http://127.0.0.1:1' })
  await expect(openSocket(nobody.url)).rejects.toThrow('status 502')
})
