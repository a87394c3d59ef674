/** F51: what an outside tool says, and what its name says, leads nowhere that was not judged. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { TooLong } from '@viewportai/core/tools/outside'
import { heapInUse, writeTinyChunks } from '@viewportai/core/wire/testing/tiny-pieces'
import { openOutside } from './outside.ts'

const names = vi.hoisted(() => ({ asked: [] as string[], answers: [] as string[] }))
// Node's own resolver, with names that change what they mean, as whoever owns a name can do.
vi.mock('node:dns/promises', () => ({
  lookup: async (name: string) => {
    names.asked.push(name)
    return { address: names.answers[Math.min(names.asked.length, names.answers.length) - 1], family: 4 }
  },
}))

const heard: string[] = []
const listening = async (address: string, port: number, answer: http.RequestListener): Promise<http.Server> => {
  const server = http.createServer((request, response) => {
    heard.push(`${address}${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(port, address, ready))
  return server
}
let [first, second]: http.Server[] = []
let port = 0
beforeAll(async () => {
  first = await listening('127.0.0.1', 0, (request, response) =>
    request.url === '/moved'
      ? response.writeHead(302, { location: `http://127.0.0.2:${port}/inside` }).end()
      : response.end(request.url === '/crowd' ? `{"runs":[${'{},'.repeat(20_000)}{}]}` : 'first'),
  )
  port = (first.address() as AddressInfo).port
  second = await listening('127.0.0.2', port, (_, response) => response.end('second'))
})
afterAll(() => {
  first?.close()
  second?.close()
})

const ask = (host: string, path: string, near: readonly string[]) => {
  heard.length = 0
  names.asked.length = 0
  return openOutside(near).ask({ method: 'GET', url: `http://${host}:${port}${path}` })
}

test('an answer in two million pieces costs what it holds', async () => {
  let held = 0
  const before = heapInUse()
  const tiny = http.createServer(async ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    await writeTinyChunks(socket, 2_000_000)
    held = heapInUse() - before
    socket.end('0\r\n\r\n')
  })
  await new Promise<void>((ready) => tiny.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(tiny.address() as AddressInfo).port}/`
  const { text } = await openOutside(['127.0.0.1']).ask({ method: 'GET', url })
  expect(text.length).toBe(2_000_000)
  expect(held).toBeGreaterThan(-50_000_000) // it was looked at
  expect(held).toBeLessThan(50_000_000)
  tiny.close()
})

test('a redirect is an answer and is not followed, also to a host that is named as near', async () => {
  expect(await ask('127.0.0.1', '/moved', ['127.0.0.1', '127.0.0.2'])).toMatchObject({ status: 302, text: '' })
  expect(heard).toEqual(['127.0.0.1/moved'])
})

test('a name is resolved once: the address that was judged is the one that is asked, whatever the name means a moment later', async () => {
  names.answers = ['127.0.0.1', '127.0.0.2']
  expect(await ask('tool.example', '/', ['tool.example'])).toMatchObject({ status: 200, text: 'first' })
  expect([names.asked, heard]).toEqual([['tool.example'], ['127.0.0.1/']])
})

test.each([
  ['127.0.0.1', /on this machine or its network/],
  ['10.0.0.7', /on this machine or its network/],
  ['169.254.169.254', /nobody is asked at/],
])('a name that means %s is asked nothing', async (address, why) => {
  names.answers = [address]
  const near = why.source.startsWith('nobody') ? ['tool.example'] : []
  names.asked.length = heard.length = 0
  await expect(openOutside(near).ask({ method: 'GET', url: `https://tool.example:${port}/` })).rejects.toThrow(why)
  expect(heard).toEqual([])
})

test('an answer of more things than any real one has is no answer', async () => {
  names.answers = ['127.0.0.1']
  names.asked = []
  const outside = openOutside([`tool.example:${port}`])
  const asked = outside.ask({ method: 'GET', url: `http://tool.example:${port}/crowd` })
  await expect(asked).rejects.toThrow('its answer has a list of more than 10000 elements')
  await expect(asked).rejects.toBeInstanceOf(TooLong)
})
