/** What agents and providers send in pieces of a byte costs vpd what it holds: all steps of a machine share its memory. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { heapInUse, tinyRequest, writeTinyChunks } from '@viewportai/core/wire/testing/tiny-pieces'
import { askOutside } from '../outside/ask-outside.ts'
import { exchange, openLines } from '../wire/exchange.ts'
import { countAnswer } from './count-answer.ts'
import { bodyAtMost, readBody } from './read-body.ts'

const serving = async (answer: http.RequestListener): Promise<number> => {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it('a request of an agent', async () => {
  const sums = [{ bytes: 0 }, { bytes: 0 }] as const
  let said: unknown = null
  const port = await serving(async (request, response) => {
    const got = await readBody(request, ...sums)
    said = Buffer.isBuffer(got) ? got.length : got
    response.end()
  })
  const before = heapInUse()
  const { socket, arrived } = tinyRequest(port, '/v1/messages', 1_000_000)
  await arrived()
  expect(heapInUse() - before).toBeLessThan(40_000_000)
  const answered = once(socket, 'data')
  socket.write('0\r\n\r\n')
  await answered
  expect([said, sums.map(({ bytes }) => bytes)]).toEqual([1_000_000, [1_000_000, 1_000_000]])
  socket.destroy()
})

it('a request that is longer than any is refused, told before or not', async () => {
  for (const headers of [{}, { 'content-length': String(bodyAtMost + 1) }]) {
    let got: unknown = null
    const port = await serving(
      (request) => void readBody(request, { bytes: 0 }, { bytes: 0 }).then((one) => (got = one)),
    )
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', headers })
    request.on('error', () => {})
    request.end(Buffer.alloc(bodyAtMost + 1))
    await expect.poll(() => got).toEqual({ refused: 413 })
  }
})

it.each([
  [
    'the control plane',
    (url: string) => exchange(openLines(), { method: 'GET', url, headers: {}, body: null, timeoutMs: 60_000 }),
  ],
  [
    'a tool',
    (url: string) =>
      askOutside({ at: url, signal: new AbortController().signal, left: async () => {} }).ask({ method: 'GET', url }),
  ],
])('an answer of %s', async (_, ask) => {
  let held = Number.NaN
  const before = heapInUse()
  const port = await serving(async ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    await writeTinyChunks(socket, 2_000_000)
    held = heapInUse() - before
    socket.end('0\r\n\r\n')
  })
  expect((await ask(`http://127.0.0.1:${port}/`)).text).toHaveLength(2_000_000)
  expect(held).toBeLessThan(60_000_000)
})

it.each([true, false])('an answer of a model (as a stream: %s)', (stream) => {
  const count = countAnswer(stream)
  const before = heapInUse()
  for (let n = 0; n < 1_000_000; n++) count.take(Uint8Array.of(32))
  expect(heapInUse() - before).toBeLessThan(40_000_000)
  const told = `{"usage":{"input_tokens":7,"output_tokens":5}}`
  for (const byte of Buffer.from(stream ? `\ndata: ${told}\n` : told)) count.take(Uint8Array.of(byte))
  count.end()
  expect(count.counted.told).toBe(true)
})

it('a line of a stream that is longer than any tells nothing, and the next one is read', () => {
  const count = countAnswer(true)
  const long = Buffer.alloc(8 * 1024 * 1024, 'x')
  for (let n = 0; n < 5; n++) count.take(long)
  const told = 'data: {"usage":{"input_tokens":7,"output_tokens":5}}\n'
  count.take(Buffer.from(told))
  expect([count.counted.told, count.pieces()]).toEqual([false, 0])
  count.take(Buffer.from(told))
  expect([count.counted.told, count.pieces()]).toEqual([true, 1])
})
