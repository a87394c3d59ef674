/** Does the real Codex work with the login of its owner, lent to the step, and without any key? The provider's end is played. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testUpstream, type TestUpstream } from '../model/testing/upstream.ts'
import { codexDriver } from './codex-driver.ts'
import { openBench, type Bench } from './testing/bench.ts'
import { realAgent } from './testing/real-agents.ts'

const codex = realAgent('codex')
const jwt = (claims: object): string =>
  [{ alg: 'none' }, claims].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')).join('.') + '.c2ln'
const plan = { chatgpt_plan_type: 'pro', chatgpt_account_id: 'acc-of-the-owner', chatgpt_user_id: 'user-1' }
const claims = { email: 'owner@acme.example', exp: 4_102_444_800, 'https://api.openai.com/auth': plan }
const login = {
  auth_mode: 'chatgpt',
  OPENAI_API_KEY: null,
  tokens: {
    id_token: jwt(claims),
    access_token: jwt({ ...claims, scp: ['openid'] }),
    refresh_token: 'rt-of-the-owner-0123456789',
    account_id: 'acc-of-the-owner',
  },
  last_refresh: new Date().toISOString(),
}

describe.skipIf(codex.file === null)(`Codex with a login ${codex.why ?? ''}`, { timeout: 120_000 }, () => {
  let bench: Bench
  let provider: TestUpstream
  /** Commands that the model asks for, one per turn. */
  let commands: string[]
  beforeEach(async () => {
    bench = await openBench({ programs: { codex: codex.file ?? '' }, conversations: [{ match: 'x', turns: [] }] })
    commands = []
    provider = await testUpstream(({ method, url }, response) => {
      if (method !== 'POST' || !url.includes('/responses')) return void response.writeHead(404).end()
      const cmd = commands.shift()
      const item = cmd
        ? {
            type: 'function_call',
            call_id: `c${commands.length}`,
            name: 'exec_command',
            arguments: JSON.stringify({ cmd }),
          }
        : { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'hello' }] }
      const events = [
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_item.done', item },
        {
          type: 'response.completed',
          response: { id: 'r', usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
        },
      ]
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(''))
    })
  })
  afterEach(async () => {
    await provider.close()
    await bench.close()
  })

  it('asks with it, and leaves it as it was and where it was alone', async () => {
    const file = path.join(bench.root, 'owner', 'auth.json')
    await mkdir(path.dirname(file))
    await writeFile(file, JSON.stringify(login), { mode: 0o600 })
    const task = bench.task({
      prompt: 'say hello',
      mode: 'read',
      model: { way: 'login', agent: 'codex', paths: [file] },
    })
    const end = await codexDriver().run({ ...task, env: { ...task.env, OPENAI_BASE_URL: `${provider.url}/v1` } })
    expect(end).toMatchObject({ end: 'finished', text: expect.stringContaining('hello') as string })
    const asked = provider.seen.filter(({ url, method }) => method === 'POST' && url.includes('/responses'))
    expect(asked.length).toBeGreaterThan(0)
    for (const { headers } of asked) {
      expect(headers.authorization).toBe(`Bearer ${login.tokens.access_token}`)
      expect(headers['chatgpt-account-id']).toBe('acc-of-the-owner')
    }
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(login)
    expect((await stat(file)).nlink).toBe(1)
    expect(await readdir(path.join(bench.state, 'codex'))).toEqual(['sessions'])
    expect(await bench.alive()).toEqual([])
  })

  it('brings a login back that was renewed by a new file', async () => {
    const file = path.join(bench.root, 'owner', 'auth.json')
    await mkdir(path.dirname(file))
    await writeFile(file, JSON.stringify(login), { mode: 0o600 })
    const renewed = JSON.stringify({ ...login, last_refresh: 'later' })
    await writeFile(path.join(bench.root, 'step', 'renewed.json'), renewed)
    commands.push('cp ../../renewed.json ../../new.json && mv ../../new.json ../../state/codex/auth.json')
    const task = bench.task({
      prompt: 'renew it',
      modelName: 'gpt-5.5',
      model: { way: 'login', agent: 'codex', paths: [file] },
    })
    const end = await codexDriver().run({ ...task, env: { ...task.env, OPENAI_BASE_URL: `${provider.url}/v1` } })
    expect(end).toMatchObject({ end: 'finished' })
    expect(await readFile(file, 'utf8')).toBe(renewed)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })
})
