import http from 'node:http'
import net from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { planeProofType, relayLimits } from '@viewportai/core/wire/relay'
import { compactVerify, importJWK } from 'jose'
import { testDatabase, type TestDatabase } from '../../test/database.ts'
import { inWorkspace } from '../database/tenant.ts'
import { loadSigningKeys } from '../keys/signing-keys.ts'
import type { DoorLimits } from './door.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'
import { agentBy, askSession, connectBy, offerOn, openRelay, openSocket, runnerProof, seal } from './testing/client.ts'
import { listen } from './testing/listen.ts'

let base: TestDatabase
let workspace = ''
let url = ''
const close: (() => Promise<void>)[] = []
const limits = { strangers: 8, perRunner: 3, lifeMillis: 3_600_000, silenceMillis: 60_000, proofMillis: 10_000 }
const logged: string[] = []
beforeAll(async () => {
  base = await testDatabase()
  workspace = await base.workspace()
  url = await at(limits)
})
afterAll(() => Promise.all(close.map((end) => end())))

/** The address of a control plane with these limits. */
const at = async (relays: Partial<DoorLimits>): Promise<string> => {
  const one = await listen(base, { relays, logged })
  close.push(one.close)
  return one.url
}

const paired = (where = workspace): Promise<TestRunner> =>
  new TestRunner(url).pair(base.db, where, `relay-${randomBytes(3).toString('hex')}`)
const relayOf = async (runner: TestRunner, to = url) => {
  const relay = await openRelay(to, runner)
  onTestFinished(() => relay.ws.terminate())
  expect(relay.status).toBe(204)
  return relay
}
/** What a request by somebody's relay is answered with. */
const by = async (agent: http.Agent, runner: TestRunner, path = '/wire/orders') => {
  const kept = runner.agent
  runner.agent = agent
  try {
    return await runner.post(path, path === '/wire/orders' ? { done: [], waitSeconds: 0 } : {})
  } finally {
    runner.agent = kept
  }
}

describe('both ends prove who they are', () => {
  test('the control plane first, with its key and for this connection', async () => {
    const on = await seal(await openSocket(url))
    onTestFinished(() => on.ws.terminate())
    const { proof, successions } = await offerOn(on)
    const [key] = (await loadSigningKeys(base.db, base.key)).all
    const read = await compactVerify(proof, await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key!.key.x! }, 'EdDSA'))
    expect(read.protectedHeader.typ).toBe(planeProofType)
    expect(JSON.parse(new TextDecoder().decode(read.payload))).toEqual({ binding: on.binding })
    expect(successions).toEqual([])
  })

  const entry = async (how: string): Promise<number> => {
    const runner = await paired()
    const on = await seal(await openSocket(url))
    onTestFinished(() => on.ws.terminate())
    const { kid } = await offerOn(on)
    const fine = { binding: on.binding, to: kid }
    const send = async (id: string, proof: string): Promise<number> =>
      (await askSession(on, 'POST', JSON.stringify({ runner: id, proof }))).status
    const other = await paired()
    switch (how) {
      case 'as it should':
        return send(runner.id, await runnerProof(runner, fine))
      case 'a proof of another connection':
        return send(runner.id, await runnerProof(runner, { ...fine, binding: randomBytes(32).toString('base64url') }))
      case 'a proof for another control plane':
        return send(runner.id, await runnerProof(runner, { ...fine, to: 'x'.repeat(43) }))
      case 'a proof by another key':
        return send(runner.id, await runnerProof({ id: runner.id, keys: other.keys }, fine))
      case 'a proof that names another runner':
        return send(runner.id, await runnerProof(runner, { ...fine, runner: other.id }))
      case 'a signature of another kind':
        return send(runner.id, await runnerProof(runner, fine, 'viewport-report+jws'))
      case 'a runner that was removed':
        await inWorkspace(base.db, workspace, (tx) =>
          tx.query("update vp.runners set state = 'removed' where workspace = $1 and runner = $2", [
            workspace,
            runner.id,
          ]),
        )
        return send(runner.id, await runnerProof(runner, fine))
      case 'a runner that is not':
        return send('rnr_nobody', await runnerProof(runner, fine))
      default:
        return (await askSession(on, 'POST', how)).status
    }
  }
  test.each([
    ['as it should', 204],
    ['a proof of another connection', 401],
    ['a proof for another control plane', 401],
    ['a proof by another key', 401],
    ['a proof that names another runner', 401],
    ['a signature of another kind', 401],
    ['a runner that was removed', 401],
    ['a runner that is not', 401],
    ['no JSON', 422],
    ['{"runner":"rnr_x","runner":"rnr_y","proof":"z"}', 422],
  ])('%s: %i', async (how, status) => {
    expect(await entry(how)).toBe(status)
  })

  test('an entry before the control plane has proved itself is refused, and so is a handshake that was recorded', async () => {
    const runner = await paired()
    const first = await seal(await openSocket(url))
    onTestFinished(() => first.ws.terminate())
    const early = JSON.stringify({
      runner: runner.id,
      proof: await runnerProof(runner, { binding: first.binding, to: 'x' }),
    })
    expect((await askSession(first, 'POST', early)).status).toBe(422)
    const { kid } = await offerOn(first)
    const recorded = JSON.stringify({
      runner: runner.id,
      proof: await runnerProof(runner, { binding: first.binding, to: kid }),
    })
    expect((await askSession(first, 'POST', recorded)).status).toBe(204)
    const second = await seal(await openSocket(url))
    onTestFinished(() => second.ws.terminate())
    await offerOn(second)
    expect((await askSession(second, 'POST', recorded)).status).toBe(401)
  })

  test('nothing is carried before the proof, and nothing but the wire after it', async () => {
    const on = await seal(await openSocket(url))
    onTestFinished(() => on.ws.terminate())
    const runner = await paired()
    await expect(by(agentBy(on), runner)).rejects.toThrow()
    const relay = await relayOf(runner)
    expect((await by(agentBy(relay), runner)).status).toBe(200)
    const outside = await by(agentBy(relay), runner, '/api/echo')
    expect(outside).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await askSession(relay, 'GET', undefined, '/wire/orders')).status).toBe(404)
  })

  test('a token of another runner counts for nothing inside, also of another tenant; nor does one get a token there', async () => {
    const [one, other] = [await paired(), await paired(await base.workspace())]
    const agent = agentBy(await relayOf(one))
    expect((await by(agent, one)).status).toBe(200)
    const refused = await by(agent, other)
    expect(refused).toMatchObject({ status: 401, body: { code: 'proof_invalid' } })
    expect(refused.body.detail).toContain('by the relay of another runner')
    other.agent = agent
    expect((await other.login()).status).toBe(401)
  })

  test('TLS older than 1.3 is not spoken', async () => {
    await expect(openSocket(url).then((socket) => seal(socket, 'TLSv1.2'))).rejects.toThrow()
  })
})

describe('the door', () => {
  test.each([
    ['a page of a browser', { headers: { origin: 'https://evil.example' } }, 403],
    ['our own page', { headers: { origin: 'http://127.0.0.1' } }, 403],
    ['another protocol', { protocol: 'chat' }, 422],
  ])('%s gets no socket', async (_who, how, status) => {
    await expect(openSocket(url, how)).rejects.toThrow(`status ${status}`)
  })

  test('a mere offer of another protocol is passed over, with the body whole', async () => {
    const { port } = new URL(url)
    const socket = net.connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const body = JSON.stringify({ text: 'x'.repeat(100_000) })
    socket.write(
      `POST /api/echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n${body.slice(0, 50)}`,
    )
    setTimeout(() => socket.write(body.slice(50)), 50)
    let text = ''
    for await (const part of socket) if ((text += String(part)).includes('"}}')) break
    expect(text).toMatch(/^HTTP\/1.1 200 /)
    expect(text).toContain(`{"got":${body}}`)
  })

  test('strangers have a bounded room: the oldest goes, and a runner still comes in', async () => {
    const runner = await paired()
    const strangers = await Promise.all(Array.from({ length: 40 }, () => openSocket(url)))
    onTestFinished(() => strangers.forEach(({ ws }) => ws.terminate()))
    await expect.poll(() => strangers.filter(({ ws }) => ws.readyState === ws.OPEN).length).toBe(limits.strangers)
    await relayOf(runner)
  })

  test('who asks for proof after proof on one socket is cut off', async () => {
    const on = await seal(await openSocket(url))
    onTestFinished(() => on.ws.terminate())
    for (let n = 0; n < 4; n++) expect((await askSession(on, 'GET')).status).toBe(200)
    expect((await askSession(on, 'GET').catch(() => ({ status: 0 }))).status).toBe(0)
    await expect.poll(() => on.ws.readyState).toBe(on.ws.CLOSED)
  })

  test('who says nothing, or is slow to say it, is not waited for', async () => {
    const strict = await at({ proofMillis: 1_500 })
    const [silent, slow] = [await openSocket(strict), await openSocket(strict)]
    onTestFinished(() => void [silent, slow].forEach(({ ws }) => ws.terminate()))
    const drip = setInterval(() => slow.ws.send(Buffer.of(22)), 200) // a byte of TLS now and then
    onTestFinished(() => clearInterval(drip))
    await silent.closed
    await slow.closed
    expect([silent, slow].map(({ ws }) => ws.readyState)).toEqual([3, 3])
  })

  test('a socket on which nothing comes any more is ended; one that is heard of is not', async () => {
    const strict = await at({ silenceMillis: 4_000 })
    const [quiet, lively] = [await relayOf(await paired(), strict), await relayOf(await paired(), strict)]
    const ping = setInterval(() => lively.session.ping(() => {}), 200)
    onTestFinished(() => clearInterval(ping))
    await quiet.closed
    expect(lively.ws.readyState).toBe(lively.ws.OPEN)
  })

  test('a message that is too large, a text, and bytes that are no TLS end the socket', async () => {
    const large = await openSocket(url)
    large.ws.send(Buffer.alloc(relayLimits.messageBytes + 1))
    await large.closed
    const text = await openSocket(url)
    text.ws.send('GET / HTTP/1.1\r\n\r\n')
    await text.closed
    expect([large, text].map(({ ws }) => ws.readyState)).toEqual([3, 3])
  })

  test('a message in many fragments ends the socket', async () => {
    const fine = await openSocket(url)
    const spread = await openSocket(url)
    onTestFinished(() => fine.ws.terminate())
    for (let n = 0; n < relayLimits.messageFragments - 1; n++) fine.ws.send(Buffer.of(22), { fin: false })
    for (let n = 0; n <= relayLimits.messageFragments; n++) spread.ws.send(Buffer.of(22), { fin: false })
    await spread.closed
    expect(fine.ws.readyState).toBe(fine.ws.OPEN)
  })

  test('a stranger may have little on its way; a runner that proved itself has the whole window', async () => {
    const stranger = await seal(await openSocket(url))
    onTestFinished(() => stranger.ws.terminate())
    const windowOf = ({ session }: Pick<typeof stranger, 'session'>) => session.remoteSettings.initialWindowSize
    await expect.poll(() => windowOf(stranger)).toBe(relayLimits.strangerStreamBytes)
    const known = await relayOf(await paired())
    await expect.poll(() => windowOf(known)).toBe(relayLimits.streamBytes)
  })

  test.each(['changed', 'dropped', 'doubled', 'swapped'])(
    'bytes that are %s on the way end the socket',
    async (how) => {
      const runner = await paired()
      const relay = await relayOf(runner)
      const send = relay.ws.send.bind(relay.ws) as (bytes: Buffer, done: () => void) => void
      let first: Buffer | null = null
      const spoilt = (bytes: Buffer, done: () => void): void => {
        const before = first
        first = bytes
        if (how === 'changed') return send(Buffer.from([...bytes.subarray(0, -1), bytes.at(-1)! ^ 1]), done)
        if (how === 'doubled') send(bytes, () => {})
        if (how === 'doubled' || (how === 'dropped' && before !== null)) return send(bytes, done)
        if (before === null) return done() // kept back
        send(bytes, () => send(before, done))
      }
      relay.ws.send = spoilt as never
      const answer = by(agentBy(relay), runner).catch(() => null)
      const more = setInterval(() => relay.session.destroyed || relay.session.ping(() => {}), 50)
      onTestFinished(() => clearInterval(more))
      await relay.closed
      expect(how === 'doubled' || (await answer) === null).toBe(true)
    },
  )

  test('a runner has a few sockets, and the oldest goes', async () => {
    const runner = await paired()
    const relays = []
    for (let n = 0; n <= limits.perRunner; n++) relays.push(await relayOf(runner))
    await relays[0]!.closed
    expect(relays.slice(1).map(({ ws }) => ws.readyState)).toEqual([1, 1, 1])
  })

  test('a socket that comes to its end after frames were sent to it leaves nothing in the log', async () => {
    const relay = await relayOf(await paired())
    const line = connectBy(relay)
    line.write('POST /wire/orders HTTP/1.1\r\n')
    relay.ws.terminate()
    await relay.closed
    await relayOf(await paired())
    expect(logged.filter((text) => !text.includes('Server listening'))).toEqual([])
  })

  test('the control plane knows by what a runner calls now', async () => {
    const runner = await paired()
    const now = () =>
      inWorkspace(
        base.db,
        workspace,
        async (tx) =>
          (await tx.query<{ transport: string }>('select transport from vp.runners where runner = $1', [runner.id]))
            .rows[0]!.transport,
      )
    const hello = { capabilities: capabilities({ transport: 'relay' }), holding: [] }
    await runner.post('/wire/hello', hello)
    expect(await now()).toBe(runner.agent ? 'relay' : 'polling')
    const agent = agentBy(await relayOf(runner))
    await by(agent, runner)
    expect(await now()).toBe('relay')
    delete (runner as { agent?: http.Agent }).agent
    await runner.post('/wire/orders', { done: [], waitSeconds: 0 })
    expect(await now()).toBe('polling')
  })
})
