/** A whole step with the real Claude Code: behind the wall of this machine, its model through the gateway, its budget kept. */
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

const claude = realAgent('claude')
const realKey = 'the-real-key-of-anthropic-0123456789'

describe.skipIf(claude.file === null)(`a step of Claude Code ${claude.why ?? ''}`, { timeout: 180_000 }, () => {
  let remote: TestRemote
  let model: ScriptedModel
  let setup: Setup
  beforeEach(async () => {
    remote = await testRemote(await sampleFiles())
    const [home, bin] = [path.join(remote.root, 'home'), path.join(remote.root, 'bin')]
    await mkdir(home)
    await mkdir(bin)
    await symlink(claude.file!, path.join(bin, 'claude'))
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
    model = await startScriptedModel(remote.root, [
      {
        match: 'mend the price',
        turns: [
          { text: 'Looking.', do: [{ read: 'src/price.js' }] },
          { do: [{ write: 'NOTES.md', content: 'mended\n' }] },
          { text: 'Mended.' },
        ],
      },
      { match: 'go on for ever', turns: Array.from({ length: 60 }, () => ({ do: [{ read: 'src/price.js' }] })) },
    ])
    setup = {
      home,
      passEnvironment: [],
      commands: {},
      model: { home, logins: [], prices: {}, env: { ANTHROPIC_API_KEY: realKey, ANTHROPIC_BASE_URL: model.url } },
    }
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await model.close()
    await rm(remote.root, { recursive: true, force: true, maxRetries: 3 })
  })
  const run = async (also: Parameters<typeof agentJob>[1]): Promise<TestPort> => {
    const port = testPort(agentJob(remote, { agent: 'claude', mode: 'edit', context: [], ...also }))
    await doJob(port, setup)
    expect(await findProcesses({ marker: markerOf(setup, port.lease), group: null, folder: null })).toEqual([])
    return port
  }

  it('brings a change; its cost is counted by vpd, at list prices, and no log holds the key', async () => {
    const port = await run({ prompt: 'mend the price' })
    const end = port.reports.at(-1)
    if (end?.type !== 'finished') throw new Error(`${JSON.stringify(end)}\n${port.logText()}`)
    expect(end.result).toMatchObject({ kind: 'change', change: { files: [{ path: 'NOTES.md' }] } })
    expect(port.of('started')[0]?.isolation).toMatchObject({ modelGateway: true, gitGateway: true })
    const asked = await model.requests()
    expect(end.usage).toMatchObject({
      inputTokens: asked.length * 1_000,
      cachedTokens: asked.length * 200,
      outputTokens: asked.length * 50,
      source: 'gateway',
    })
    expect(end.usage.usdMicros).toBeGreaterThan(0)
    expect(port.logText()).not.toContain(realKey)
    expect(port.logText()).toContain('[model] anthropic 200')
  })

  it('is stopped at its budget', async () => {
    const port = await run({ prompt: 'go on for ever', limits: { seconds: 120, tokens: 10_000, usdMicros: null } })
    expect(port.reports.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'budget_spent' } })
    expect((await model.requests()).length).toBeLessThanOrEqual(11)
  })
})
