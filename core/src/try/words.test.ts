/** What is said about cost and about what leaves: each case by itself. */
import { expect, test } from 'vitest'
import type { Looked, LookedAgent } from './looked.ts'
import { costWords, leavesWords } from './words.ts'

const agent = (about: Partial<LookedAgent>): LookedAgent => ({
  name: 'claude',
  version: '2.1.330',
  path: '/usr/bin/claude',
  usable: true,
  tested: true,
  modes: ['plan', 'read', 'edit', 'review'],
  note: null,
  model: { way: 'gateway', providers: [{ name: 'anthropic', url: 'https://api.anthropic.com' }] },
  estimate: { low: 0.019, high: 1.6, models: ['small', 'large'], pricesOf: '2026-11-22', usual: null },
  ...about,
})
const looked = (about: Partial<Looked> = {}): Looked => ({
  agents: [],
  isolation: { level: 'sandbox', processes: 'pid-namespace', modelGateway: true, gitGateway: true, network: 'none' },
  network: { agents: [], checks: [] },
  reckoned: { input: 60_000, cached: 400_000, output: 15_000 },
  checks: { commands: [], from: null, registries: [] },
  ...about,
})
const cost = (about: Partial<LookedAgent>): string => costWords({ agent: agent(about), looked: looked(), budgetUsd: 5 })

test('the cost is a guess with its reckoning, or not known; never zero for want of a price', () => {
  expect(cost({})).toBe(
    'about 0.02 to 1.60 USD, by the model it takes (small to large): a guess, 60k tokens in, 400k from caches and 15k out at list prices of 2026-11-22; it is stopped at 5 USD',
  )
  const usual = { model: 'middle', usd: 0.4123 }
  expect(cost({ estimate: { ...agent({}).estimate!, usual } })).toBe(
    'about 0.41 USD with middle, which claude usually takes (0.02 to 1.60 USD by another one, small to large): a guess, 60k tokens in, 400k from caches and 15k out at list prices of 2026-11-22; it is stopped at 5 USD',
  )
  expect(cost({ estimate: null })).toMatch(/^not known: there is no price/)
  expect(cost({ model: { way: 'own' }, estimate: null })).toMatch(/^not known: what it uses does not pass/)
  expect(cost({ model: { way: 'login' }, estimate: null })).toMatch(/^not known/)
  expect(cost({ name: 'sample', model: { way: 'own' }, estimate: null })).toMatch(/^nothing/)
})

test('what earlier runs cost stands in the place of a guess, with how many they were', () => {
  const past = (runs: number, medianUsdMicros: number | null, about: Partial<LookedAgent> = {}): string =>
    costWords({ agent: agent(about), looked: looked(), budgetUsd: 5, past: { runs, medianUsdMicros } })
  expect(past(7, 310_000)).toBe(
    'about 0.31 USD: the median of what 7 runs with claude that succeeded in this workspace cost; it is stopped at 5 USD',
  )
  expect(past(1, 1_900)).toMatch(/^less than 0\.01 USD: what one run with claude/)
  expect(past(3, 310_000, { estimate: null })).toMatch(/^about 0\.31 USD/) // counted, though its list price is not known
  expect(past(0, null)).toMatch(/a guess/)
  expect(past(3, 310_000, { model: { way: 'login' } })).toMatch(/^not known/) // nothing of a login is counted
})

test('a script sends nothing, and says it once', () => {
  const script = agent({ name: 'sample', model: { way: 'own' } })
  expect(leavesWords({ agent: script, looked: looked() })).toBe('nothing: it is a script; the network is closed')
})

test('what leaves is named by its host, and an open network is said to be open', () => {
  const closed = looked()
  const open = looked({ isolation: { ...closed.isolation, level: 'user', network: 'open' } })
  const listed = looked({ network: { agents: [], checks: ['registry.npmjs.org'] } })
  expect(leavesWords({ agent: agent({}), looked: closed })).toBe(
    'the task and what the agent reads of the repository, to its model at api.anthropic.com; nothing else: the network is closed',
  )
  expect(leavesWords({ agent: agent({}), looked: open })).toMatch(/api\.anthropic\.com; agent and checks can reach/)
  expect(leavesWords({ agent: agent({}), looked: listed })).toMatch(/lets through: registry\.npmjs\.org$/)
  expect(leavesWords({ agent: agent({ model: { way: 'own' } }), looked: closed })).toMatch(/does not know/)
  const near: LookedAgent['model'] = {
    way: 'gateway',
    providers: [{ name: 'local', url: 'http://127.0.0.1:11434/v1' }],
  }
  expect(leavesWords({ agent: agent({ model: near }), looked: closed })).toMatch(
    /on this machine \(127\.0\.0\.1:11434\)/,
  )
})
