import net from 'node:net'
import pino from 'pino'
import { expect, test } from 'vitest'
import { makeApp } from './app.ts'
import { ownAddress } from './own-address.ts'

test('clients that hang up amid a request leave nothing in the log; a fault does', async () => {
  const lines: string[] = []
  let port = 0
  const app = await makeApp(
    ownAddress(null, '127.0.0.1', () => port),
    pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  )
  app.post('/take', async () => ({}))
  app.get('/break', async () => {
    throw new Error('a fault of ours')
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as net.AddressInfo).port
  const before = lines.length
  let gone = 0
  app.server.on('connection', (socket) => socket.once('close', () => gone++))
  const head = `POST /take HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`
  for (let n = 0; n < 20; n++) {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise<void>((sent) => socket.write(head, () => sent()))
    await new Promise<void>((arrived) => app.server.getConnections(() => arrived()))
    socket.destroy()
  }
  await expect.poll(() => gone).toBe(20)
  expect((await fetch(`http://127.0.0.1:${port}/break`)).status).toBe(500)
  expect(lines.slice(before).map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['A request failed.'])
  await app.close()
})
