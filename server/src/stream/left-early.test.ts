// Does a page that leaves while it is still looked up leave nothing behind, and does one that stays hear that it is connected?
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { StreamBeat } from '@viewportai/core/api/stream'
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
  token: 'token',
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

test('a page that stays is told at once how often it hears a beat, and then hears them', async () => {
  let port = 0
  const own = ownAddress(null, '127.0.0.1', () => port)
  const app = await makeApp(own, pino({ level: 'silent' }))
  onTestFinished(() => app.close())
  serveStream(app, { own, asker: async () => dana, nudges: { on: () => () => {} } }, 10)
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
  const request = http.get({ host: '127.0.0.1', port, path: '/api/stream' })
  request.on('error', () => {})
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  let heard = ''
  response.on('error', () => {}).on('data', (chunk: Buffer) => (heard += chunk.toString()))
  // An event, not a comment: a browser tells its page nothing of comments.
  const beats = () => [...heard.matchAll(/^event: beat\ndata: (.*)\n\n/gm)].map(([, line]) => line!)
  await expect.poll(() => beats().length, { timeout: 20_000 }).toBeGreaterThan(3)
  expect(heard.startsWith('retry: 1000\n\nevent: beat\n')).toBe(true)
  expect(StreamBeat.parse(JSON.parse(beats()[0]!))).toEqual({ everyMillis: 10 })
  request.destroy()
})
