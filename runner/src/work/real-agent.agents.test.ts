/** A step of a real agent from the lease to its reports: behind the wall of this machine, its model behind the gateway. */
import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { realAgent, realVersion } from '../agent/testing/real-agents.ts'
import { startScriptedModel, type Conversation, type ScriptedModel } from '../agent/testing/scripted-model.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { findProcesses } from '../process/sweep.ts'
import { planWall } from '../walls/choose.ts'
import { doJob } from './do-job.ts'
import { agentJob, sampleFiles } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'
import { markerOf } from './step-folder.ts'

const claude = realAgent('claude')
const realKey = 'sk-ant-the-real-key-of-the-owner-0001'

describe.skipIf(claude.file === null)('a step of Claude Code', { timeout: 180_000 }, () => {
  let remote: TestRemote
  let model: ScriptedModel
  let setup: Setup
  let bodies: Map<string, Uint8Array>
  const search = process.env['PATH']
  beforeEach(async () => {
    remote = await testRemote({ ...(await sampleFiles()), 'CLAUDE.md': 'In this house we round to the even cent.\n' })
    bodies = new Map()
    const bin = path.join(remote.root, 'bin')
    await mkdir(bin)
    await symlink(claude.file ?? '', path.join(bin, 'claude'))
    process.env['PATH'] = `${bin}:${search}`
  })
  afterEach(async () => {
    process.env['PATH'] = search
    await model.close()
    await rm(remote.root, { recursive: true, force: true, maxRetries: 3 })
  })
  const script = async (...conversations: Conversation[]) => {
    model = await startScriptedModel(remote.root, conversations)
    const home = path.join(remote.root, 'home')
    const env = { ANTHROPIC_API_KEY: realKey, ANTHROPIC_BASE_URL: model.url }
    setup = { home, passEnvironment: [], commands: {}, model: { home, logins: [], prices: {}, env } }
  }
  const run = async (
    job: Parameters<typeof agentJob>[1],
    also: Parameters<typeof testPort>[1] = {},
  ): Promise<TestPort> => {
    const port = testPort(agentJob(remote, { agent: 'claude', ...job }), { bodies, ...also })
    await doJob(port, setup)
    expect(await findProcesses({ marker: markerOf(setup, port.lease), group: null, folder: null })).toEqual([])
    expect(await readdir(path.join(setup.home, 'work'))).toEqual([])
    return port
  }
  /** The last report of a step that did not fail. */
  const lastOf = (port: TestPort) => {
    const last = port.reports.at(-1)
    if (last?.type === 'failed') throw new Error(`${JSON.stringify(last.failure)}\n${port.logText()}`)
    return last
  }

  it('plans, and its cost is counted by the gateway', async () => {
    await script({
      match: '^# Plan',
      turns: [
        { text: 'Looking.', do: [{ read: 'src/price.js' }] },
        { do: [{ proposePlan: '# Round once\n\n1. Round the whole order.\n\n## Files\n\n- `src/price.js`\n' }] },
      ],
    })
    const port = await run({ mode: 'plan' }, { step: 'plan' })
    expect(lastOf(port)).toMatchObject({
      type: 'finished',
      result: { kind: 'plan', title: 'Round once', files: ['src/price.js'] },
      usage: { source: 'gateway', inputTokens: 2_000, cachedTokens: 400, outputTokens: 100 },
    })
    expect(port.of('started')[0]).toMatchObject({
      agent: { name: 'claude', version: realVersion('claude'), tested: true },
      isolation: { ...(await planWall(setup, 'agents')).isolation, modelGateway: true },
    })
    expect(port.logText()).toMatch(/^\[read\] Read src\/price\.js$/m)
    const asked = JSON.stringify(await model.requests())
    expect(asked.includes('In this house we round to the even cent.')).toBe(true)
    expect((port.logText() + asked).includes(realKey)).toBe(false)
  })

  it('asks, is parked, and goes on from its session when the command was allowed', async () => {
    const command = 'echo ran > ran.txt'
    await script(
      { match: 'allowed, once', turns: [{ do: [{ sh: command }] }, { text: 'It is done.' }] },
      {
        match: '^# Work',
        turns: [
          { do: [{ edit: 'src/price.js', old: '  let total = 0', new: '  let total = 0 // mended' }] },
          { do: [{ sh: 'npm test' }] },
          { do: [{ sh: command }] },
          { text: 'It was not asked about.' },
        ],
      },
    )
    const job: Parameters<typeof agentJob>[1] = { mode: 'edit', commands: { allow: ['npm test'], ask: [], deny: [] } }
    const first = await run(job)
    expect(lastOf(first)).toMatchObject({ type: 'parked' })
    const ask = first.of('ask')[0]
    expect(ask).toMatchObject({ argv: ['bash', '-c', command], cwd: '.' })
    expect(/tests \d|pass \d/.test(JSON.stringify(await model.requests()))).toBe(true)
    const { session } = first.of('parked')[0] ?? { session: '' }
    const answers = [{ ask: ask?.ask ?? '', allow: true, text: null }]
    const second = await run({ ...job, resume: { session, answers } }, { attempt: 2 })
    expect(lastOf(second)).toMatchObject({
      type: 'finished',
      result: { kind: 'change', change: { files: expect.anything() as unknown } },
      usage: { source: 'gateway', inputTokens: 2_000, cachedTokens: 400, outputTokens: 100 },
    })
    const paths = JSON.stringify(lastOf(second))
    expect(paths).toContain('ran.txt')
    expect(paths).toContain('src/price.js')
  })

  it('is refused by its provider: the words say so', async () => {
    const body = { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }
    await script({ match: '', turns: [{ fail: { status: 401, times: 999, body } }] })
    const port = await run({ mode: 'plan' }, { step: 'plan' })
    expect(port.reports.at(-1)).toMatchObject({ failure: { code: 'model_key_refused', class: 'agent' } })
  })
})
