import net from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { choosePort, usualPort } from './ports.ts'

const taken: net.Server[] = []
afterEach(() => taken.splice(0).forEach((server) => server.close()))
const take = async (): Promise<number> => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  taken.push(server)
  return (server.address() as net.AddressInfo).port
}

test('the port that was asked for, or clear words', async () => {
  const port = await take()
  await expect(choosePort('127.0.0.1', port, null)).rejects.toThrow(
    `Port ${port} is used by another program. Choose another one with --port`,
  )
  taken.pop()!.close()
  expect(await choosePort('127.0.0.1', 0, null)).toBe(0)
})

test('without a wish: the one of last time when it is free, else one that is', async () => {
  const port = await take()
  const other = await choosePort('127.0.0.1', null, port)
  expect(other).toBeGreaterThanOrEqual(usualPort)
  expect(other).not.toBe(port)
  const server = taken.pop()!
  server.close()
  await once(server, 'close')
  expect(await choosePort('127.0.0.1', null, port)).toBe(port)
})

test('an address of another machine is said to be one', async () => {
  await expect(choosePort('192.0.2.1', null, null)).rejects.toThrow('192.0.2.1 is not an address of this machine')
})
