import net from 'node:net'
import pino from 'pino'
import { expect, test } from 'vitest'
import { makeApp } from './app.ts'
import { ownAddress } from './own-address.ts'

test('clients that leave amid a request leave nothing in the log; a fault of ours is told once', async () => {
  const lines: string[] = []
  let port = 0
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const app = await makeApp(
    ownAddress(null, '127.0.0.1', () => port),
    log,
  )
  app.post('/take', async () => ({}))
  app.get('/break', async () => {
    throw new Error('a fault of ours')
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as net.AddressInfo).port
  const before = lines.length
  let left = 0
  app.server.on('connection', (socket) => socket.once('close', () => left++))
  const head = `POST /take HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`
  for (let n = 0; n < 20; n++) {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const arrived = new Promise((resolve) => app.server.once('request', resolve))
    socket.write(head)
    await arrived
    socket.destroy()
  }
  await expect.poll(() => left).toBe(20)
  const answer = await fetch(`http://127.0.0.1:${port}/break`)
  const problem = (await answer.json()) as { code: string; detail: string; facts: { request: string } }
  expect([answer.status, problem.code]).toEqual([500, 'fault'])
  expect(JSON.stringify(problem)).not.toContain('of ours')
  const told = lines
    .slice(before)
    .map((line) => JSON.parse(line) as { msg: string; request: string; err: { message: string } })
  expect(told).toEqual([expect.objectContaining({ msg: 'A request failed.', request: problem.facts.request })])
  expect(told[0]!.err.message).toBe('a fault of ours')
  await app.close()
})
