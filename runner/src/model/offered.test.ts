/** Which models can be asked for by name, from prices, the owner's words and a provider's own list? */
import { afterEach, expect, test } from 'vitest'
import type { ModelSetup } from './model-setup.ts'
import { keyTaken, offeredByLogin, offeredModels, offering } from './offered.ts'
import { prices } from './prices.ts'
import { providers, type Upstream } from './providers.ts'
import { realKey, testUpstream, type TestUpstream } from './testing/upstream.ts'

const open: TestUpstream[] = []
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))
const upstreamOf = async (...given: Parameters<typeof testUpstream>): Promise<TestUpstream> => {
  const upstream = await testUpstream(...given)
  open.push(upstream)
  return upstream
}
const setup = (also: Partial<ModelSetup> = {}): ModelSetup => ({ home: '/nowhere', logins: [], prices: {}, ...also })
const anthropic: Upstream = { name: 'anthropic', dialect: 'anthropic', base: providers['anthropic']!.base, key: 'k' }

test('a provider at its usual address is not asked: what has a price is offered, and what the owner named', async () => {
  const mine = setup({ prices: { 'mine-1': { input: 1, cached: 1, output: 1 } } })
  expect(await offeredModels([anthropic], mine)).toEqual([...Object.keys(prices['anthropic']!), 'mine-1'].toSorted())
  expect(await offeredModels([anthropic], setup({ models: ['claude-haiku-*', 'claude-next-1'] }))).toEqual([
    'claude-haiku-4-5',
    'claude-haiku-5-5',
    'claude-next-1',
  ])
  expect(offeredByLogin('anthropic', setup({ models: ['claude-haiku-4-5'] }))).toEqual(['claude-haiku-4-5'])
})

test.each([
  ['openai', 'local', '/v1/models', { data: [{ id: 'qwen:7b' }, { id: 'spaces are none' }, {}] }, 'authorization'],
  ['anthropic', 'anthropic', '/v1/models?limit=1000', { data: [{ id: 'qwen:7b' }] }, 'x-api-key'],
  ['google', 'google', '/v1beta/models?pageSize=1000', { models: [{ name: 'models/qwen:7b' }] }, 'x-goog-api-key'],
] as const)(
  'one of the dialect %s at an address of the owner is asked, once, and it is told',
  async (dialect, name, url, list, header) => {
    const upstream = await upstreamOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(list))
    })
    const told: unknown[] = []
    const watched = setup({ leaves: async (request) => void told.push(request) })
    const it = { ...upstream.as(name), dialect }
    expect(await offeredModels([it], watched)).toEqual(['qwen:7b'])
    expect(await offering([it, anthropic], 'qwen:7b', watched)).toEqual([it])
    expect(upstream.seen.map((one) => one.url)).toEqual([url])
    expect(JSON.stringify(upstream.seen[0]!.headers[header])).toContain(realKey)
    expect(told).toEqual([{ run: null, what: 'list of models', to: new URL(it.base).origin, bytes: 0 }])
  },
)

test('one that tells no list offers what has a price; nobody is kept waiting by it', async () => {
  const upstream = await upstreamOf((_, response) => void response.writeHead(500).end())
  expect(await offeredModels([upstream.as('anthropic')], setup())).toEqual(Object.keys(prices['anthropic']!).toSorted())
  expect(await offeredModels([upstream.as('local')], setup())).toEqual([])
})

test('a date behind a name is a version of the same model', async () => {
  expect(await offering([anthropic], 'claude-sonnet-4-5-20250929', setup())).toEqual([anthropic])
  expect(await offering([anthropic], 'claude-sonnet-4-7', setup())).toEqual([])
})

test.each<[number, string, boolean | 'unknown']>([
  [200, '{"data":[]}', true],
  [401, '{"error":{"message":"invalid x-api-key"}}', false],
  [403, '{}', false],
  [400, '{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', false],
  [400, '{"error":"another fault"}', 'unknown'],
  [404, '{}', 'unknown'],
  [429, '{}', 'unknown'],
  [500, '{}', 'unknown'],
])('a key whose provider answers %d %s is taken: %s', async (status, text, taken) => {
  const provider = await upstreamOf((_, response) => void response.writeHead(status).end(text))
  const upstream: Upstream = { name: 'google', dialect: 'google', base: provider.url, key: realKey }
  expect(await keyTaken(upstream, setup())).toEqual({ taken, words: `it answered ${status}` })
  expect(provider.seen).toMatchObject([{ method: 'GET', headers: { 'x-goog-api-key': realKey } }])
})

test('a provider that is not there says nothing about its key', async () => {
  const gone = await testUpstream(() => {})
  await gone.close()
  const upstream: Upstream = { name: 'openai', dialect: 'openai', base: `${gone.url}/v1`, key: 'k' }
  expect(await keyTaken(upstream, setup())).toEqual({ taken: 'unknown', words: 'nothing listens at its address' })
})
