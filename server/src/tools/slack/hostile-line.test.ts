/** Whoever names the address of "Slack" answers what they want: how many lines do they make the control plane open, and how fast? */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { testPlane } from '../../../test/plane.ts'
import { emulatedSlack, ourApp, tokens } from './testing/emulated.ts'

const at = await emulatedSlack()
const { workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { admin } = await workspace('acme', ['payments'])

type Serves = (socket: WebSocket) => void
/** A server of lines. `serves` null: it refuses every one. `opened`: when each was asked for (ms). */
const lineServer = async (serves: Serves | null) => {
  const opened: number[] = []
  const there = new Set<WebSocket>()
  const seen = { most: 0 }
  const server = http.createServer()
  const links = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    opened.push(performance.now())
    if (serves === null) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    links.handleUpgrade(request, socket, head, (link) => {
      there.add(link)
      seen.most = Math.max(seen.most, there.size)
      link.on('close', () => there.delete(link))
      serves(link)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  afterAll(async () => {
    for (const link of there) link.terminate()
    await new Promise((done) => server.close(done))
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, opened, there, seen }
}

let id = ''
const connected = async (line: string): Promise<void> => {
  at.state.line = line
  const values = { token: tokens.us, app: tokens.app, signing: '8f742231b10e8888abcd99yyyzzz85a5', base: at.url }
  const made = await admin.post('/api/connections', { tool: 'slack', name: 'slack', values })
  expect(made.status).toBe(201)
  ;({ id } = made.body.connection)
}
const problem = async () =>
  (await admin.get('/api/connections')).body.connections.find((one: { id: string }) => one.id === id).problem
afterEach(async () => {
  await admin.del(`/api/connections/${id}?confirmed=true`)
})

const say = (link: WebSocket, message: object): void => link.send(JSON.stringify(message))
const hello = { type: 'hello', num_connections: 1, connection_info: { app_id: ourApp } }
const anew = { type: 'disconnect', reason: 'refresh_requested' }
const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 20 })
/** Each opening comes later than the one before: by the first pause, and twice as much each time. */
const growing = (opened: readonly number[]): void =>
  expect(opened.slice(1).map((time, n) => time - opened[n]! > 700 * 2 ** n)).toEqual(opened.slice(1).map(() => true))

test.each<[string, Serves | null, number]>([
  ['says three times that it ends, and never closes', (link) => [anew, anew, anew].forEach((one) => say(link, one)), 2],
  [
    'works, says three times that it ends, and never closes',
    (link) => [hello, anew, anew, anew].forEach((one) => say(link, one)),
    2,
  ],
  ['closes each at once', (link) => link.terminate(), 1],
  ['works, and closes each at once', (link) => (say(link, hello), link.close()), 1],
  ['refuses each', null, 0],
])('one that %s: one opening at a time, each after a longer pause', { timeout: 60_000 }, async (_, serves, most) => {
  const { url, opened, seen } = await lineServer(serves)
  await connected(url)
  await soon(() => expect(opened.length).toBeGreaterThanOrEqual(3))
  growing(opened.slice(0, 3))
  expect(seen.most).toBe(most)
  await soon(async () =>
    expect(await problem()).toMatch(/^Its line: It (ends again and again, each time within|could not be opened)/),
  )
})

test('a line that stands after that is told as one that works', { timeout: 60_000 }, async () => {
  const { url, opened } = await lineServer(null)
  await connected(url)
  await soon(async () => expect(await problem()).toMatch(/could not be opened/))
  at.state.line = null
  await soon(async () => expect(await problem()).toBeNull())
  expect(opened).toHaveLength(3)
})
