/** A line to a server that sends faster than we take, or takes nothing. */
import { afterAll, expect, test, vi } from 'vitest'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { openLineSocket, type LineEvents } from './line-socket.ts'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
await new Promise((ready) => server.once('listening', ready))
afterAll(() => {
  for (const link of server.clients) link.terminate()
  server.close()
})
const opened = async (events: LineEvents) => {
  const there = new Promise<WebSocket>((come) => server.once('connection', come))
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const ours = await openLineSocket(address, ['127.0.0.1'], 60_000, events)
  return { ours, there: await there }
}
/** The value once it has stayed the same for half a second. */
const settled = async (look: () => number): Promise<number> => {
  for (let last = -1, same = 0; ;) {
    const now = look()
    same = now === last ? same + 1 : 0
    if (same === 10) return now
    last = now
    await new Promise((go) => setTimeout(go, 50))
  }
}

test.each([
  ['long', 1_000_000, 120, 9],
  ['short', 100, 200_000, 2_000],
])(
  '%s messages that come faster than they are worked on wait at the sender, and all come',
  { timeout: 60_000 },
  async (_, size, count, held) => {
    let came = 0
    let free: (() => void)[] = []
    let isOpen = false
    const { ours, there } = await opened({
      said: () => {
        came++
        return isOpen ? Promise.resolve() : new Promise((done) => free.push(done))
      },
      ended: () => undefined,
    })
    const message = 'x'.repeat(size)
    for (let n = 0; n < count; n++) there.send(message)
    expect(await settled(() => came)).toBeLessThanOrEqual(held)
    expect(there.bufferedAmount).toBeGreaterThan(size * 10)
    isOpen = true
    for (const go of free) go()
    free = []
    await vi.waitFor(() => expect(came).toBe(count), { timeout: 30_000 })
    ours.close()
  },
)

test('one that takes no answers is ended', { timeout: 60_000 }, async () => {
  let why = ''
  const { ours, there } = await opened({ said: () => undefined, ended: (words) => void (why = words) })
  there.pause()
  for (let n = 0; n < 2_000 && why === ''; n++) {
    ours.send('y'.repeat(10_000))
    await new Promise((go) => setImmediate(go))
  }
  expect(why).toBe('it does not take our answers')
})
