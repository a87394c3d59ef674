/** Does the real Claude Code work with the login of its owner, lent to the step, and without any key? */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claudeDriver } from './claude-driver.ts'
import { openBench, type Bench } from './testing/bench.ts'
import { realAgent } from './testing/real-agents.ts'
import {
  testUpstream,
  claudeEnd,
  claudeStart,
  claudeText,
  events,
  type TestUpstream,
} from '../model/testing/upstream.ts'

const claude = realAgent('claude')
const login = {
  claudeAiOauth: {
    accessToken: 'sk-ant-oat01-of-the-owner-0123456789',
    refreshToken: 'sk-ant-ort01-of-the-owner-0123456789',
    expiresAt: 4_102_444_800_000,
    scopes: ['user:inference', 'user:profile'],
    subscriptionType: 'max',
  },
}

describe.skipIf(claude.file === null)(`Claude Code with a login ${claude.why ?? ''}`, { timeout: 120_000 }, () => {
  let bench: Bench
  let provider: TestUpstream
  beforeEach(async () => {
    bench = await openBench({ programs: { claude: claude.file ?? '' }, conversations: [{ match: 'x', turns: [] }] })
    provider = await testUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
      response.end(events(claudeStart(), start, claudeText, { type: 'content_block_stop', index: 0 }, ...claudeEnd(50)))
    })
  })
  afterEach(async () => {
    await provider.close()
    await bench.close()
  })

  it('asks with it, and leaves it as it was and where it was alone', async () => {
    const file = path.join(bench.root, 'owner', '.credentials.json')
    await mkdir(path.dirname(file))
    await writeFile(file, JSON.stringify(login), { mode: 0o600 })
    const task = bench.task({
      prompt: 'say hello',
      mode: 'read',
      model: { way: 'login', agent: 'claude', paths: [file] },
    })
    const end = await claudeDriver.run({ ...task, env: { ...task.env, ANTHROPIC_BASE_URL: provider.url } })
    expect(end).toMatchObject({ end: 'finished', text: 'hello' })
    const asked = provider.seen.filter(({ url }) => url.startsWith('/v1/messages'))
    expect(asked.length).toBeGreaterThan(0)
    for (const { headers } of asked) {
      expect(headers.authorization).toBe(`Bearer ${login.claudeAiOauth.accessToken}`)
      expect(headers).not.toHaveProperty('x-api-key')
    }
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(login)
    expect((await stat(file)).nlink).toBe(1)
    expect(await bench.alive()).toEqual([])
  })
})
