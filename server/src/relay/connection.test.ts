import http2, { type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectionOn } from './connection.ts'

/** A stream that asks for a connection, as a server gets it. */
const asked = async (): Promise<ServerHttp2Stream> => {
  const server = http2.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  session.on('error', () => {})
  session.request({ ':method': 'CONNECT', ':authority': 'viewport' }, { endStream: false }).on('error', () => {})
  return new Promise((resolve) => server.once('stream', (stream) => resolve(stream.on('error', () => {}))))
}

test('a stream is a connection', async () => {
  const stream = await asked()
  const connection = connectionOn(stream)
  expect(connection?.writable).toBe(true)
  expect(stream.headersSent).toBe(true)
})

test.each<[string, (stream: ServerHttp2Stream) => void]>([
  ['itself', (stream) => stream.close()],
  ['with its session', (stream) => stream.session!.destroy()],
])('a stream that was given up before anybody looked, %s, is none and ends nothing else', async (_, giveUp) => {
  const stream = await asked()
  giveUp(stream)
  expect(connectionOn(stream)).toBeNull()
})
