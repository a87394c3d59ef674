import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { socketUrl } from '../relay/address.ts'
import { openBench, type Bench } from '../testing/bench.ts'
import { relayFinding } from './relay.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({})
})
afterEach(() => bench.end())

const look = async (over: object = {}, at?: string) => {
  const { pairing } = await bench.pair()
  const url = at ?? socketUrl(pairing.server, { transport: 'relay' }) ?? ''
  return relayFinding(bench.home, { ...pairing, ...over }, url)
}

test('a relay that opens, with the control plane at its end', async () => {
  expect(await look()).toMatchObject({ ok: true, words: 'opens, and the control plane is at its end' })
  await bench.plane.until(() => bench.plane.relay.open() === 0) // it was only looked at
})

test('one behind a proxy that takes the upgrade away: what happened, and what to do', async () => {
  bench.plane.relay.refuse('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<p/>')
  const found = await look()
  expect(found).toMatchObject({ ok: false, words: expect.stringMatching(/^cannot be used: /) as string })
  expect(found.fix).toMatch(/^Let WebSockets to 127\.0\.0\.1:\d+ through, or use --transport polling/)
})

test('one that nobody answers at', async () => {
  expect(await look({}, 'ws://127.0.0.1:9/wire/relay')).toMatchObject({ ok: false })
})

test('one with somebody else at its end is none', async () => {
  const stranger = { kty: 'OKP', crv: 'Ed25519', x: randomBytes(32).toString('base64url') }
  const { pairing } = await bench.pair()
  const serverKeys = pairing.serverKeys.map((key) => ({ ...key, ...stranger }))
  expect(await look({ serverKeys })).toMatchObject({
    ok: false,
    words: expect.stringMatching(/^cannot be used: /) as string,
  })
})
