/** Does a request with a credential go to its own address alone, and is it known whether anything was sent? */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { NoWholeAnswer, NotSent, TooLong } from '@viewportai/core/tools/outside'
import { askOutside } from './ask-outside.ts'

const open: http.Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})
const serve = async (answer: http.RequestListener): Promise<string> => {
  const server = http.createServer(answer)
  open.push(server)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const none = new AbortController().signal
const ways = (at: string, left: string[] = [], signal = none) =>
  askOutside({ at, signal, left: async (to, bytes) => void left.push(`${to} ${bytes}`) })

test('what is sent is noted first, and the answer comes whole', async () => {
  const left: string[] = []
  const url = await serve((request, response) => {
    expect(left).toHaveLength(1)
    response.writeHead(201, { 'x-one': 'two' }).end(`${request.method} ${request.headers.authorization}`)
  })
  const asked = { method: 'POST', url: `${url}/a`, headers: { authorization: 'Bearer x' }, body: 'äh' } as const
  expect(await ways(url, left).ask(asked)).toMatchObject({
    status: 201,
    headers: { 'x-one': 'two' },
    text: 'POST Bearer x',
  })
  expect(left).toEqual([`${url} 3`])
})

test('what repeats the credential comes without it', async () => {
  const key = 'ghp_KeptOnThisMachine0001'
  const url = await serve((request, response) =>
    response
      .writeHead(422, { 'x-sent': request.headers.authorization })
      .end(`{"no":"${request.headers.authorization}"}`),
  )
  expect(await ways(url).ask({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } })).toMatchObject({
    headers: { 'x-sent': 'Bearer [secret]' },
    text: '{"no":"Bearer [secret]"}',
  })
})

test('another address, another port and a redirect lead nowhere', async () => {
  let reached = 0
  const other = await serve((_, response) => void (reached++, response.end()))
  const url = await serve((_, response) => response.writeHead(302, { location: other }).end())
  const left: string[] = []
  for (const to of [other, 'https://127.0.0.1/', `${url}@evil.example/`, 'http://evil.example/'])
    await expect(ways(url, left).ask({ method: 'GET', url: to })).rejects.toThrow(NotSent)
  expect(left).toEqual([])
  expect(await ways(url, left).ask({ method: 'GET', url })).toMatchObject({ status: 302 })
  expect(reached).toBe(0)
})

test('where nobody listens nothing was sent; where the line broke it may have been', async () => {
  const gone = await serve(() => {})
  await new Promise((done) => open.pop()!.close(done))
  await expect(ways(gone).ask({ method: 'POST', url: gone, body: 'x' })).rejects.toThrow(NotSent)
  await expect(
    ways('https://no-such-host.invalid').ask({ method: 'GET', url: 'https://no-such-host.invalid/' }),
  ).rejects.toThrow(NotSent)
  const cut = await serve((request) => request.socket.destroy())
  await expect(ways(cut).ask({ method: 'POST', url: cut, body: 'x' })).rejects.toThrow(NoWholeAnswer)
  const half = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => response.destroy(), 20)
  })
  await expect(ways(half).ask({ method: 'GET', url: half })).rejects.toThrow(NoWholeAnswer)
})

test('it has a limit of time and of size, and ends when the work is stopped', async () => {
  const silent = await serve(() => {})
  await expect(ways(silent).ask({ method: 'POST', url: silent, timeoutMillis: 50 })).rejects.toThrow(
    /no answer within 50 ms/,
  )
  const endless = await serve((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
    }
    response.on('drain', more)
    more()
  })
  await expect(ways(endless).ask({ method: 'GET', url: endless })).rejects.toThrow(TooLong)
  const crowd = await serve((_, response) => response.end(`{"runs":[${'{},'.repeat(20_000)}{}]}`))
  await expect(ways(crowd).ask({ method: 'GET', url: crowd })).rejects.toThrow('a list of more than 10000 elements')
  const stop = new AbortController()
  const asked = ways(silent, [], stop.signal).ask({ method: 'POST', url: silent })
  setTimeout(() => stop.abort('lease lost'), 20)
  await expect(asked).rejects.toThrow(/stopped while it was asked/)
  await expect(ways(silent, [], stop.signal).ask({ method: 'GET', url: silent })).rejects.toThrow(NotSent)
})
