/** Bodies that nobody sends by mistake: in pieces of a byte, without an end, too long, from strangers. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { heapInUse, tinyRequest } from '@viewportai/core/wire/testing/tiny-pieces'
import { makeApp } from './app.ts'
import { ownAddress } from './own-address.ts'
import { strangersBody } from './read-body.ts'

/** An app with a route that says how long a body was. `requestTimeout`: milliseconds, instead of the usual; `bodiesAtOnce`: bytes. */
const anApp = async (requestTimeout: number | null = null, bodiesAtOnce?: number) => {
  const port = (): number => (app.server.address() as AddressInfo).port
  const app = await makeApp(ownAddress(null, '127.0.0.1', port), pino({ level: 'silent' }), bodiesAtOnce)
  app.post('/api/length', async ({ body }) => ({ length: JSON.stringify(body ?? null).length }))
  app.post('/api/less', { config: { bodyMost: 1_000 } }, async () => ({}))
  if (requestTimeout !== null)
    Object.assign(app.server, { requestTimeout, headersTimeout: requestTimeout / 2, connectionsCheckingInterval: 200 })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: port() }
}
const json = ['content-type: application/json']

test('a body in a million pieces costs what it holds', async () => {
  const { app, port } = await anApp()
  const before = heapInUse()
  const { socket, arrived } = tinyRequest(port, '/api/length', 1_000_000, json)
  await arrived()
  expect(heapInUse() - before).toBeLessThan(30_000_000)
  const answered = once(socket, 'data')
  socket.write('4\r\nnull\r\n0\r\n\r\n')
  expect(String((await answered)[0])).toContain('{"length":4}')
  socket.destroy()
  await app.close()
})

test.each([
  ['/api/length', 1_048_576],
  ['/api/less', 1_000],
  ['/api/nowhere', strangersBody],
])('%s takes %d bytes and not one more, told before or not', async (path, limit) => {
  const { app, port } = await anApp()
  const text = `"${'x'.repeat(limit - 2)}"`
  const send = (body: string, chunked: boolean): Promise<number> =>
    new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json',
        ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }),
      }
      const request = http.request({ port, path, method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
      request.on('error', () => {}) // refused while it still sends
      request.end(body)
    })
  for (const chunked of [false, true]) {
    expect(await send(text, chunked)).not.toBe(413)
    expect(await send(` ${text}`, chunked)).toBe(413)
  }
  await app.close()
})

test('who sends a byte now and then comes to an end: the time is that of the whole request', async () => {
  const { app, port } = await anApp(600)
  const { socket, said } = tinyRequest(port, '/api/length', 0, json)
  const slow = setInterval(() => socket.write('1\r\n \r\n'), 50)
  await vi.waitFor(() => expect(socket.destroyed).toBe(true), { timeout: 20_000 })
  clearInterval(slow)
  expect(said()).toContain('HTTP/1.1 408')
  await app.close()
})

test('so does who goes on after a no', async () => {
  const { app, port } = await anApp(600)
  const { socket, said } = tinyRequest(port, '/api/length', 0, ['content-type: text/plain'])
  const slow = setInterval(() => socket.write('1\r\n \r\n'), 50)
  await vi.waitFor(() => expect(socket.destroyed).toBe(true), { timeout: 20_000 })
  clearInterval(slow)
  expect(said()).toContain('HTTP/1.1 415')
  await app.close()
})

test('when all bodies together are too much the one that began first goes, and what comes now is read', async () => {
  const { app, port } = await anApp(null, 100_000)
  const slow = Array.from({ length: 12 }, () => tinyRequest(port, '/api/length', 10_000, json))
  for (const { arrived } of slow) await Promise.race([arrived(), new Promise((go) => setTimeout(go, 2_000).unref())])
  await vi.waitFor(() => expect(slow.filter(({ socket }) => socket.destroyed)).toHaveLength(2), { timeout: 20_000 })
  expect(slow.map(({ socket }) => socket.destroyed).slice(0, 2)).toEqual([true, true])
  const answer = await fetch(`http://127.0.0.1:${port}/api/length`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[1,2]',
  })
  expect(await answer.json()).toEqual({ length: 5 })
  for (const { socket } of slow) socket.destroy()
  await app.close()
})

test('a body that is over, well or not, leaves its room', async () => {
  const { app, port } = await anApp(null, 30_000)
  const waiting = tinyRequest(port, '/api/length', 10_000, json)
  await waiting.arrived()
  for (let n = 0; n < 10; n++) {
    const { socket, arrived } = tinyRequest(port, '/api/length', 10_000, json)
    await arrived()
    if (n % 2) socket.write('0\r\n\r\n')
    else socket.destroy()
    await once(socket, n % 2 ? 'data' : 'close')
    socket.destroy()
    await new Promise((go) => setTimeout(go, 50))
  }
  expect(waiting.socket.destroyed).toBe(false)
  waiting.socket.destroy()
  await app.close()
})

test('the time for a whole request is two minutes', async () => {
  const { app } = await anApp()
  expect(app.server.requestTimeout).toBe(120_000)
  await app.close()
})
