import net, { type AddressInfo, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { successionType } from '@viewportai/core/wire/key-succession'
import { CompactSign } from 'jose'
import { readPairings, savePairing } from '../identity/pairing.ts'
import { begin, checksJob, finish, openBench, stopped, type Bench, type Runner } from '../testing/bench.ts'
import { newSigningKey } from '../testing/plane-auth.ts'
import { startPlane } from '../testing/plane.ts'
import type { Port } from '../work/port.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 9 })
})
afterEach(() => bench.end())

/** A worker that would use a relay: that of the control plane, or one at this address. */
const run = async (work: (port: Port) => Promise<void>, relay?: string): Promise<Runner> => {
  const { pairing } = await bench.pair()
  Object.assign(pairing, { transport: 'relay', ...(relay !== undefined && { relay }) })
  await savePairing(bench.home, pairing)
  return bench.run(work)
}
const now = ({ worker }: Runner): string => worker.status().transport.now
/** What was told of the transport. */
const told = ({ said }: Runner): string[] => said.filter((line) => /polling|relay/.test(line))
const beats = (): number => bench.plane.leases.all[0]?.beats.length ?? 0
const heldWork = async (port: Port): Promise<void> => {
  await begin(port)
  await stopped(port)
}
/** A middle man on TCP: what passes is told to `tap`, which may give other bytes. */
const between = async (to: string, tap: (bytes: Buffer, up: boolean) => Buffer = (bytes) => bytes) => {
  const sockets = new Set<Socket>()
  const server = net.createServer((near) => {
    const far = net.connect(Number(new URL(to).port), '127.0.0.1')
    for (const [one, other, up] of [
      [near, far, true],
      [far, near, false],
    ] as const) {
      sockets.add(one)
      one.on('data', (bytes: Buffer) => other.write(tap(bytes, up)))
      one.on('error', () => {}).on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => sockets.forEach((socket) => socket.destroy())
  onTestFinished(() => {
    cut()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut }
}

test('everything goes by one socket', async () => {
  const runner = await run(finish)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended')
  expect(now(runner)).toBe('relay')
  expect(bench.plane.relay.open()).toBe(1)
  expect(bench.plane.relay.carried()).toBeGreaterThanOrEqual(bench.plane.seen.length)
  expect(told(runner)).toEqual([])
})

const refusals = {
  'a proxy that takes the upgrade away': 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<p/>',
  'a page in the place of a socket':
    'HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<p/>',
  'a relay that is full': 'HTTP/1.1 503 Full\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n',
  'no answer': '',
}
test.each(Object.entries(refusals))('%s: polling from the start, told once, and back later', async (_what, answer) => {
  bench.plane.relay.refuse(answer)
  const runner = await run(heldWork)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => beats() > 1)
  await bench.plane.until(() => runner.worker.status().transport.why !== null)
  expect(now(runner)).toBe('polling')
  bench.plane.relay.refuse(null)
  await bench.plane.until(() => now(runner) === 'relay')
  await bench.plane.until(() => bench.plane.relay.carried() > 2)
  expect(told(runner)).toEqual([expect.stringMatching(/^polling: /), 'relay again'])
  expect(bench.plane.leases.all[0]!.state).toBe('held')
})

test('a socket that is cut in the middle of work costs no beat and no lease', async () => {
  const runner = await run(heldWork)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => beats() > 0 && now(runner) === 'relay')
  bench.plane.relay.refuse('HTTP/1.1 502 Gone\r\ncontent-length: 0\r\n\r\n')
  bench.plane.relay.cut()
  const before = beats()
  await bench.plane.until(() => beats() > before + 1)
  expect(now(runner)).toBe('polling')
  bench.plane.relay.refuse(null)
  await bench.plane.until(() => now(runner) === 'relay')
  const gaps = bench.plane.leases.all[0]!.beats.map(({ at }, n, all) => (n ? at - all[n - 1]!.at : 0))
  expect(Math.max(...gaps)).toBeLessThan(6_000) // of nine that it may be silent
  expect(bench.plane.leases.all).toHaveLength(1)
})

test('a socket on which nothing comes back any more is given up, and beats go by polling before the lease ends', async () => {
  const runner = await run(heldWork)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => beats() > 0)
  bench.plane.relay.freeze()
  const before = beats()
  await bench.plane.until(() => beats() > before + 1)
  expect(bench.plane.leases.all.map(({ state }) => state)).toEqual(['held'])
  await bench.plane.until(() => now(runner) === 'relay') // a new one
})

test('a socket that retires is replaced without a word, and what runs on it ends', async () => {
  const runner = await run(finish)
  await bench.plane.until(() => bench.plane.relay.carried() > 2)
  bench.plane.relay.retire()
  await bench.plane.until(() => now(runner) === 'polling')
  await bench.plane.until(() => now(runner) === 'relay')
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended')
  expect(told(runner)).toEqual([])
})

test('nothing is said to somebody with another key, not even who asks', async () => {
  const other = await startPlane()
  onTestFinished(() => other.stop())
  const runner = await run(finish, other.url)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended')
  expect(now(runner)).toBe('polling')
  expect(runner.said.join()).toContain('not the control plane that this machine is paired with')
  expect([other.relay.open(), other.relay.carried(), other.seen.length]).toEqual([0, 0, 0])
})

test('the proof of another connection, passed on by somebody in the middle, is found out', async () => {
  // It has a socket of its own to the control plane, and shows the runner what that one proves.
  const middle = await startPlane()
  onTestFinished(() => middle.stop())
  Object.assign(middle.key, bench.plane.key) // as good as: it gets the control plane to sign, for the binding it has there
  middle.relay.proveFor(randomBytes(32).toString('base64url'))
  const runner = await run(finish, middle.url)
  await bench.plane.until(() => runner.said.length > 0)
  expect(runner.said[0]).toContain('somebody sits between this machine and the control plane')
  expect(middle.relay.open()).toBe(0)
})

test('a key that the pinned one vouches for is learnt by the relay alone, and pinned', async () => {
  const next = await newSigningKey()
  const succession = await new CompactSign(new TextEncoder().encode(JSON.stringify({ next: next.public, at: 1 })))
    .setProtectedHeader({ alg: 'EdDSA', typ: successionType })
    .sign(bench.plane.key.sign)
  const { pairing } = await bench.pair()
  Object.assign(pairing, { transport: 'relay' })
  Object.assign(bench.plane.key, next)
  bench.plane.settings.successions = [succession]
  const runner = await bench.run(finish)
  await bench.plane.until(() => now(runner) === 'relay')
  expect(bench.plane.seen.filter(({ path }) => path === '/wire/keys')).toEqual([])
  expect((await readPairings(bench.home))[0]!.serverKeys.map(({ x }) => x)).toContain(next.public.x)
})

test('whatever is changed on the way only breaks the socket', { timeout: 60_000 }, async () => {
  let seen = 0
  let spoilt = 0
  const middle = await between(bench.plane.url, (bytes, up) => {
    // The first kilobytes pass: WebSocket and proofs. Then one byte in a record is another one.
    if ((seen += bytes.length) < 6_000 || up || bytes.length < 40 || spoilt > 2) return bytes
    spoilt++
    const other = Buffer.from(bytes)
    other[bytes.length - 3]! ^= 1
    return other
  })
  const runner = await run(heldWork, middle.url)
  bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => spoilt > 0)
  await bench.plane.until(() => beats() > 3)
  expect(bench.plane.leases.all.map(({ state }) => state)).toEqual(['held'])
  await bench.plane.until(() => now(runner) === 'relay')
})

test(
  'a body that nobody reads does not keep a beat waiting, and memory holds a window of it',
  { timeout: 60_000 },
  async () => {
    const size = 3 * 1024 * 1024
    const runner = await run(async (port) => {
      await begin(port)
      const log = port.log
      for (let at = 0; at < 2 * size; at += 65_536) {
        log.write(Buffer.alloc(65_536, 'a line of it\n'))
        await new Promise((next) => setImmediate(next))
      }
      await stopped(port)
    })
    const work = bench.plane.work({ job: checksJob('true') })
    await bench.plane.until(() => (bench.plane.leases.all[0]?.beats.at(-1)?.logBytes ?? 0) >= size)
    bench.plane.slowTransfers(true)
    const serve = (transfer: string) =>
      bench.plane.order({
        id: `ord_${transfer}`,
        order: 'serve',
        run: work.run,
        transfer,
        to: `${bench.plane.url}/wire/transfers/${transfer}`,
        what: { log: { step: 'implement', attempt: 1 } },
        offset: 0,
        length: size,
        follow: false,
      })
    for (let n = 0; n < 16; n++) serve(`t${n}`)
    await bench.plane.until(() =>
      [...bench.plane.transfers.values()].every(({ headers }) => Object.keys(headers).length > 0),
    )
    const before = beats()
    await bench.plane.until(() => beats() > before + 2)
    expect(now(runner)).toBe('relay')
    const came = [...bench.plane.transfers.values()].map(({ bytes }) => bytes.length)
    expect(Math.max(...came)).toBeLessThan(size)
    bench.plane.slowTransfers(false)
    await bench.plane.until(() => bench.plane.transfers.get('t0')!.ended)
    expect(bench.plane.transfers.get('t0')!.bytes.length).toBe(size)
  },
)

test('what an order sends to another replica goes there by HTTPS', async () => {
  const replica = await startPlane()
  onTestFinished(() => replica.stop())
  const runner = await run(heldWork)
  const work = bench.plane.work({ job: checksJob('true') })
  await bench.plane.until(() => beats() > 0)
  replica.runners.set('rnr_bench', bench.plane.runners.get('rnr_bench')!)
  replica.transfers.set('there', { bytes: Buffer.alloc(0), headers: {}, ended: false })
  bench.plane.order({
    id: 'ord_there',
    order: 'serve',
    run: work.run,
    transfer: 'there',
    to: `${replica.url}/wire/transfers/there`,
    what: { digest: 'a'.repeat(64) },
    offset: 0,
    length: null,
    follow: false,
  })
  await bench.plane.until(() => bench.plane.ordersDone.includes('ord_there'))
  await replica.until(() => replica.tried.includes('there'))
  expect(replica.relay.carried()).toBe(0)
  expect(now(runner)).toBe('relay')
})
