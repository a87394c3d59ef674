/** A whole step with the real Claude Code and the real Codex: behind the wall of this machine, its model through the gateway, its budget kept. */
import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { realAgent } from '../agent/testing/real-agents.ts'
import { startScriptedModel, type ScriptedModel } from '../agent/testing/scripted-model.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { findProcesses } from '../process/sweep.ts'
import { doJob } from './do-job.ts'
import { agentJob, sampleFiles } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'
import { markerOf } from './step-folder.ts'

const realKey = 'the-real-key-0123456789-of-the-owner'
/** How many tokens of a turn no cache had: Anthropic counts what was cached beside the input, OpenAI in it. */
const agents = [
  { name: 'claude', provider: 'anthropic', fresh: 1_000 },
  { name: 'codex', provider: 'openai', fresh: 800 },
].map((one) => ({ ...one, ...realAgent(one.name), said: realAgent(one.name).why ?? '' }))

describe.each(agents)('a step of $name $said', { timeout: 180_000 }, ({ name, provider, fresh, file }) => {
  let remote: TestRemote
  let model: ScriptedModel
  let setup: Setup
  beforeEach(async () => {
    remote = await testRemote(await sampleFiles())
    const [home, bin] = [path.join(remote.root, 'home'), path.join(remote.root, 'bin')]
    await mkdir(home)
    await mkdir(bin)
    await symlink(file!, path.join(bin, name))
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
    model = await startScriptedModel(remote.root, [
      {
        match: 'mend the price',
        turns: [
          { text: 'Looking.', do: [{ sh: 'ls' }] },
          { do: [{ write: 'NOTES.md', content: 'mended\n' }] },
          { text: 'Mended.' },
        ],
      },
      { match: 'go on for ever', turns: Array.from({ length: 60 }, () => ({ do: [{ sh: 'ls' }] })) },
    ])
    const base = provider === 'openai' ? `${model.url}/v1` : model.url
    setup = {
      home,
      passEnvironment: [],
      commands: {},
      model: {
        home,
        logins: [],
        prices: {},
        env: { [`${provider.toUpperCase()}_API_KEY`]: realKey, [`${provider.toUpperCase()}_BASE_URL`]: base },
      },
    }
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await model.close()
    await rm(remote.root, { recursive: true, force: true, maxRetries: 3 })
  })
  const run = async (also: Parameters<typeof agentJob>[1]): Promise<TestPort> => {
    const port = testPort(
      agentJob(remote, {
        agent: name,
        mode: 'edit',
        context: [],
        commands: { allow: ['ls'], ask: [], deny: [] },
        ...also,
      }),
    )
    await doJob(port, setup)
    expect(await findProcesses({ marker: markerOf(setup, port.lease), group: null, folder: null })).toEqual([])
    return port
  }

  it.skipIf(file === null)(
    'brings a change; its cost is counted by vpd, at list prices, and no log holds the key',
    async () => {
      const port = await run({ prompt: 'mend the price' })
      const end = port.reports.at(-1)
      if (end?.type !== 'finished') throw new Error(`${JSON.stringify(end)}\n${port.logText()}`)
      expect(end.result).toMatchObject({ kind: 'change', change: { files: [{ path: 'NOTES.md' }] } })
      expect(port.of('started')[0]?.isolation).toMatchObject({ modelGateway: true, gitGateway: true })
      const asked = await model.requests()
      expect(end.usage).toMatchObject({
        inputTokens: asked.length * fresh,
        cachedTokens: asked.length * 200,
        outputTokens: asked.length * 50,
        source: 'gateway',
      })
      expect(end.usage.usdMicros).toBeGreaterThan(0)
      expect(port.logText()).not.toContain(realKey)
      expect(port.logText()).toContain(`[model] ${provider} 200`)
    },
  )

  it.skipIf(file === null)('is stopped at its budget', async () => {
    const port = await run({ prompt: 'go on for ever', limits: { seconds: 120, tokens: 10_000, usdMicros: null } })
    expect(port.reports.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'budget_spent' } })
    expect((await model.requests()).length).toBeLessThanOrEqual(Math.floor(10_000 / (fresh + 50)) + 1)
  })
})
