// Does a page that leaves while it is still looked up leave nothing behind?
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { makeApp } from '../http/app.ts'
import { ownAddress } from '../http/own-address.ts'
import type { Asker } from '../sign-in/asker.ts'
import { serveStream } from './route.ts'

const dana: Asker = {
  workspace: 'ws_1',
  person: 'usr_1',
  handle: 'dana',
  name: 'Dana',
  role: 'member',
  teams: [],
  by: { auth: 'token', token: 'tok_1' },
}

test('no page is kept for it, and nobody is asked about it again', async () => {
  let port = 0
  const own = ownAddress(null, '127.0.0.1', () => port)
  const app = await makeApp(own, pino({ level: 'silent' }))
  onTestFinished(() => app.close())
  let asked = 0
  let found: (who: Asker) => void = () => {}
  const asker = (): Promise<Asker> => {
    asked++
    return new Promise((resolve) => (found = resolve))
  }
  const streams = serveStream(app, { own, asker, nudges: { on: () => () => {} } }, 10)
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port

  const closed = new Promise((resolve) =>
    app.server.once('connection', (socket) => socket.once('close', () => setImmediate(resolve))),
  )
  const request = http.get({ host: '127.0.0.1', port, path: '/api/stream' })
  request.on('error', () => {})
  await expect.poll(() => asked).toBe(1)
  request.destroy()
  await closed
  found(dana)
  await new Promise(setImmediate) // what was waiting for the answer has gone on
  expect(streams.size).toBe(0)

  // One that stays is kept, and asked about again: the look at the first one came before it.
  const stays = http.get({ host: '127.0.0.1', port, path: '/api/stream' })
  stays.on('error', () => {})
  await expect.poll(() => asked).toBe(2)
  found(dana)
  const [response] = (await once(stays, 'response')) as [http.IncomingMessage]
  expect(streams.size).toBe(1)
  response.on('error', () => {}).resume()
  await expect.poll(() => asked).toBeGreaterThan(2)
  stays.destroy()
  await expect.poll(() => streams.size).toBe(0)
})
