import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePolicy } from '../policy/policy.ts'
import { installFindings } from './installs.ts'

const registry = net.createServer((socket) => socket.end())
const gone = net.createServer()
const portOf = (server: net.Server): number => (server.address() as AddressInfo).port
let host = ''
let away = ''
beforeAll(async () => {
  for (const one of [registry, gone]) await new Promise<void>((ready) => one.listen(0, '127.0.0.1', ready))
  host = `127.0.0.1:${portOf(registry)}`
  away = `127.0.0.1:${portOf(gone)}`
  await new Promise((closed) => gone.close(closed))
})
afterAll(() => new Promise((closed) => registry.close(closed)))

const sandbox = { level: 'sandbox', network: 'none' } as const
const find = (policy: string, isolation: Parameters<typeof installFindings>[0]['isolation'] = sandbox) =>
  installFindings({ network: parsePolicy(policy, 'p').network, isolation, usualHost: host })

test('a sandbox without a registry is worth knowing, with the command that lets checks install', async () => {
  expect(await find('')).toMatchObject([
    {
      ok: null,
      words: expect.stringContaining('checks reach no registry'),
      fix: expect.stringContaining('`vpd network allow registries`'),
    },
  ])
  expect(await find('network: { checks: open }')).toMatchObject([{ ok: true }])
  expect(await find('', { level: 'user', network: 'open' })).toMatchObject([{ ok: true }])
  // That the policy lets agents out of the sandbox lets no checks out.
  expect(await find('network: { agents: open }', { level: 'sandbox', network: 'open' })).toMatchObject([{ ok: null }])
})

test('what is named is asked for a connection', async () => {
  expect(await find(`network: { checks: ["${host}"], near: ["${host}"] }`)).toMatchObject([{ ok: true }])
  expect(await find('network: { checks: [registries] }')).toMatchObject([
    { ok: true, words: 'checks reach registries' },
  ])
  expect(await find('network: { checks: ["*.acme.example"] }')).toMatchObject([{ ok: true }]) // no name to ask
  expect(await find(`network: { checks: ["${away}"], near: ["${away}"] }`)).toMatchObject([
    { ok: false, words: expect.stringContaining('no connection (ECONNREFUSED)'), fix: expect.stringContaining(away) },
  ])
})

test('a registry of the own network that is not named as near is found, with the command', async () => {
  expect(await find(`network: { checks: ["${host}"] }`)).toMatchObject([
    {
      ok: false,
      words: expect.stringContaining('not on the public internet'),
      fix: expect.stringContaining(`\`vpd network allow ${host} --near\``),
    },
  ])
})
