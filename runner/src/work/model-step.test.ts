/** What does a step get of models, and what is counted? The whole step, with a program that asks a model through the gateway. */
import { mkdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { claudeEnd, claudeStart, events, realKey, testUpstream, type TestUpstream } from '../model/testing/upstream.ts'
import { doJob } from './do-job.ts'
import { agentJob, sampleFiles } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'

let remote: TestRemote
let upstream: TestUpstream
let setup: Setup
const upstreams: TestUpstream[] = []
beforeEach(async () => {
  remote = await testRemote(await sampleFiles())
  upstream = await openUpstream()
  const home = path.join(remote.root, 'home')
  await mkdir(home)
  setup = {
    home,
    passEnvironment: [],
    commands: {
      asker: { argv: [process.execPath, '-e', asker], promptAs: 'stdin', modes: ['read'], models: ['anthropic'] },
    },
    model: { home, logins: [], prices: {}, env: { ANTHROPIC_API_KEY: realKey, ANTHROPIC_BASE_URL: upstream.url } },
  }
})
afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((one) => one.close()))
  await rm(remote.root, { recursive: true, force: true })
})

/** Each answer: 1,000 in, 200 cached, 50 out. */
const openUpstream = async (): Promise<TestUpstream> => {
  const one = await testUpstream((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(events(claudeStart(), ...claudeEnd(50)))
  })
  upstreams.push(one)
  return one
}

/** Asks as often as its prompt says (`ask 5 times`), then tells its environment. */
const asker = `
let prompt = ''
process.stdin.on('data', (part) => (prompt += part)).on('end', async () => {
  const times = Number(/ask (\\d+) times/.exec(prompt)?.[1] ?? 1)
  for (let n = 0; n < times; n++) {
    const answer = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
      method: 'POST', headers: { 'x-api-key': process.env.ANTHROPIC_API_KEY }, body: '{"model":"claude-sonnet-4-6","stream":true}',
    })
    console.log(answer.status, (await answer.text()).length)
  }
  console.log('ENV ' + JSON.stringify(process.env))
})`

const read = (prompt: string, also: Parameters<typeof agentJob>[1] = {}) =>
  agentJob(remote, { mode: 'read', agent: 'asker', prompt, context: [], ...also })
const run = async (port: TestPort): Promise<Report | undefined> => {
  await doJob(port, setup)
  return port.reports.at(-1)
}

test('an agent gets a key of its own, and what it used is counted by vpd', async () => {
  const left: object[] = []
  setup = { ...setup, model: { ...setup.model!, leaves: async (one) => void left.push(one) } }
  const port = testPort(read('ask 3 times'), { step: 'look' })
  const end = await run(port)
  if (end?.type !== 'finished' || end.result.kind !== 'text') throw new Error(port.logText())
  expect(port.of('started')[0]?.isolation.modelGateway).toBe(true)
  const sums = { inputTokens: 3_000, cachedTokens: 600, outputTokens: 150, usdMicros: 3 * 3_810 }
  expect(end.usage).toEqual({
    ...sums,
    source: 'gateway',
    models: [{ provider: 'anthropic', model: 'claude-sonnet-4-6', requests: 3, ...sums }],
  })
  expect(upstream.seen.map(({ headers }) => headers['x-api-key'])).toEqual([realKey, realKey, realKey])
  expect(left).toEqual(
    Array(3).fill({
      run: 'run_1',
      step: 'look',
      attempt: 1,
      what: 'model request',
      to: upstream.url,
      bytes: 43,
      masked: 0,
    }),
  )
  const text = port.text(end.result.body)
  expect(text).not.toContain(realKey)
  const env = JSON.parse(/ENV (.*)/.exec(text)![1]!) as Record<string, string>
  expect(Object.keys(env).filter((name) => /key/i.test(name))).toEqual(['ANTHROPIC_API_KEY'])
  // After the end nobody listens there any more.
  const { port: door } = new URL(env['ANTHROPIC_BASE_URL']!)
  const refused = await new Promise<string>((done) => {
    const socket = connect(Number(door), '127.0.0.1', () => done('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? ''))
  })
  expect(refused).toBe('ECONNREFUSED')
  expect(port.logText()).toContain('[model] anthropic 200')
})

test('at the budget it is stopped, and the failure says what was used', async () => {
  const port = testPort(read('ask 50 times', { limits: { seconds: 60, tokens: 3_000, usdMicros: null } }), {
    step: 'look',
  })
  expect(await run(port)).toMatchObject({
    type: 'failed',
    failure: { code: 'budget_spent', class: 'budget', summary: expect.stringMatching(/3150 tokens of the 3000/) },
    usage: { inputTokens: 3_000, outputTokens: 150, source: 'gateway' },
  })
  expect(upstream.seen).toHaveLength(3)
})

test('steps of one run that work side by side share what is left of it', async () => {
  const limits = { seconds: 60, tokens: 10_000, usdMicros: null }
  const ports = ['one', 'two', 'three'].map((step) => testPort(read('ask 50 times', { limits }), { step }))
  const ends = await Promise.all(ports.map(run))
  expect(ends.map((end) => (end?.type === 'failed' ? end.failure.code : end?.type))).toEqual(
    Array(3).fill('budget_spent'),
  )
  // 1,050 each: the tenth passes the limit, and none after it was begun.
  expect(upstream.seen.length).toBeLessThanOrEqual(10)
  // The control plane knows what they used: what begins now has all that it was given.
  expect(await run(testPort(read('ask 9 times', { limits }), { step: 'four' }))).toMatchObject({ type: 'finished' })
})

test('without a key the step ends before the agent starts, with what to do', async () => {
  setup = { ...setup, model: { ...setup.model!, env: {} } }
  const port = testPort(read('ask 1 times'), { step: 'look' })
  expect(await run(port)).toMatchObject({
    type: 'failed',
    failure: {
      code: 'no_model',
      started: false,
      summary: expect.stringContaining('vpd credentials set model anthropic'),
    },
    usage: { source: 'none' },
  })
  expect(port.of('started')[0]?.isolation.modelGateway).toBe(false)
})

test('the model that a step asks for is given to the program in the words of the owner', async () => {
  setup.commands['asker']!.model = ['--model={model}']
  setup.commands['asker']!.argv = [process.execPath, '-e', `console.log(JSON.stringify(process.argv));${asker}`, '--']
  const port = testPort(read('ask 1 times', { model: 'claude-sonnet-4-6' }), { step: 'look' })
  expect(await run(port)).toMatchObject({ type: 'finished' })
  expect(port.logText()).toContain('"--model=claude-sonnet-4-6"')
})

test.each([
  ['claude-none-1', ['--model={model}'], 'no_model', 'none of anthropic offers the model claude-none-1 here'],
  ['claude-sonnet-4-6', undefined, 'model_not_taken', 'asker takes no model by name'],
])('%s, given as %j: the step ends before the agent starts (%s)', async (model, words, code, summary) => {
  if (words) setup.commands['asker']!.model = words
  const port = testPort(read('ask 1 times', { model }), { step: 'look' })
  expect(await run(port)).toMatchObject({
    type: 'failed',
    failure: { code, started: false, summary: expect.stringContaining(summary) },
  })
  expect(upstream.seen.filter(({ url }) => url.includes('messages'))).toEqual([])
})

test('a model that the policy does not allow is refused at the gateway, told once, and is why the step failed', async () => {
  setup = { ...setup, model: { ...setup.model!, models: ['claude-opus-*'] } }
  setup.commands['asker']!.argv[2] = asker.replace("console.log('ENV", "process.exitCode = 3; console.log('ENV")
  const port = testPort(read('ask 3 times'), { step: 'look' })
  expect(await run(port)).toMatchObject({
    type: 'failed',
    failure: {
      code: 'model_refused',
      class: 'policy',
      summary: 'asker asked for the model claude-sonnet-4-6, which the policy of this runner does not allow.',
    },
  })
  expect(port.of('refused')).toMatchObject([{ code: 'model_refused', about: { model: 'claude-sonnet-4-6' } }])
  expect(upstream.seen).toEqual([])
})
