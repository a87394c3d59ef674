import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeDigest, type Change } from '@viewportai/core/gate/subject'
import type { Feedback } from '@viewportai/core/wire/job'
import type { Report } from '@viewportai/core/wire/messages'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { findProcesses } from '../process/sweep.ts'
import { planWall } from '../walls/choose.ts'
import { doJob } from './do-job.ts'
import { agentJob, branch, checksJob, sampleFiles } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'
import { markerOf } from './step-folder.ts'

let remote: TestRemote
let setup: Setup
let bodies: Map<string, Uint8Array>
beforeEach(async () => {
  remote = await testRemote(await sampleFiles())
  setup = { home: path.join(remote.root, 'home'), passEnvironment: [], commands: {} }
  bodies = new Map()
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const run = async (
  job: Parameters<typeof testPort>[0],
  also: Parameters<typeof testPort>[1] = {},
): Promise<TestPort> => {
  const port = testPort(job, { bodies, ...also })
  await doJob(port, setup)
  expect(await findProcesses({ marker: markerOf(setup, port.lease), group: null, folder: null })).toEqual([])
  expect(await readdir(path.join(setup.home, 'work'))).toEqual([])
  return port
}
const script = async (text: string) => {
  await mkdir(setup.home, { recursive: true })
  await writeFile(path.join(setup.home, 'sample-script'), text)
}
const last = (port: TestPort): Report | undefined => port.reports.at(-1)
const finished = (port: TestPort) => {
  const end = last(port)
  if (end?.type !== 'finished') throw new Error(`not finished: ${JSON.stringify(end)}\n${port.logText()}`)
  return end
}
const planned = async (also: Parameters<typeof agentJob>[1] = {}) => {
  const port = await run(agentJob(remote, also), { step: 'plan' })
  const { result, session } = finished(port)
  if (result.kind !== 'plan') throw new Error('no plan')
  return { port, plan: result, session }
}
const edited = async (port: TestPort) => {
  const { result, session } = finished(port)
  if (result.kind !== 'change') throw new Error('no change')
  return { change: result.change, patch: result.patch, summary: result.summary, session }
}
const note = (text: string, kind: Feedback['kind'] = 'comment'): Feedback => ({
  from: '@jess',
  kind,
  text,
  lines: [],
  body: null,
})

it('an agent whose workflow names a host that the policy does not allow is not started', async () => {
  const port = await run(agentJob(remote, { hosts: ['evil.example'] }))
  expect(port.reports).toMatchObject([{ type: 'failed', failure: { code: 'host_refused', started: false } }])
})

describe('the sample run', () => {
  it('plans from the failing test, with the documents it was given, and leaves nothing', async () => {
    const { port, plan } = await planned()
    expect(port.reports.map((r) => r.type)).toEqual(['started', 'pinned', 'context', 'cited', 'finished'])
    expect(port.of('started')[0]).toMatchObject({
      agent: { name: 'sample', tested: true },
      resumed: false,
      isolation: { ...(await planWall(setup, 'agents')).isolation, gitGateway: true },
    })
    expect(port.of('pinned')[0]).toEqual({
      type: 'pinned',
      repo: 'acme/shop',
      ref: 'refs/heads/main',
      commit: remote.tip('main'),
    })
    expect(plan).toMatchObject({
      title: 'Round the discount once, at the end of the order',
      files: ['src/price.js'],
      steps: 3,
    })
    expect(port.text(plan.body)).toContain('expects 899 and gets 900')
    const context = port.of('context')[0]
    expect(context?.items.map((i) => i.title)).toContain('Pricing rules › Discounts')
    expect(port.text({ digest: context?.items[0]?.digest ?? '' })).not.toBe('')
    expect(port.of('cited')[0]?.used).toHaveLength(2)
    expect(port.of('cited')[0]?.unknown).toEqual([])
  })

  it('revises its plan in the same session when a reviewer asks', async () => {
    const first = await planned()
    const { plan, port } = await planned({
      feedback: [note('Please add a test with many small pieces.')],
      resume: { session: first.session ?? '', answers: [] },
    })
    expect(port.of('started')[0]?.resumed).toBe(true)
    expect(plan.body.digest).not.toBe(first.plan.body.digest)
    expect(plan).toMatchObject({ files: ['src/price.js', 'test/price.test.js'], steps: 4 })
    expect(port.text(plan.body)).toContain('> Please add a test')
  })

  it('edits, tests, commits and pushes into quarantine; revises; checks are red before and green after', async () => {
    const { plan } = await planned()
    const base = remote.tip('main') ?? ''
    const job = agentJob(remote, { mode: 'edit', plan: { body: plan.body, files: plan.files } })
    const port = await run(job)
    const first = await edited(port)
    expect(port.reports.map((r) => r.type)).toEqual(['started', 'pinned', 'context', 'push', 'cited', 'finished'])
    expect(first.change).toMatchObject({
      repo: 'acme/shop',
      base,
      files: [{ path: 'src/price.js', status: 'modified', added: 2, removed: 2 }],
    })
    expect(port.text(first.patch)).toContain('+  return Math.round((total * (100 - percentOff)) / 100)')
    expect(first.patch?.digest).toBe(first.change?.patch)
    expect(port.text(first.summary)).toContain('3 passed, 0 failed')
    // what was pushed is the same change as what was left in the files
    const push = port.of('push')[0]
    expect(push).toMatchObject({ repo: 'acme/shop', ref: branch, argv: ['git', 'push', 'origin', `HEAD:${branch}`] })
    expect(changeDigest(push?.change as Change)).toBe(changeDigest(first.change as Change))
    expect(port.logText()).toContain('a reviewer decides, nothing was published')
    expect(remote.tip(branch)).toBe(null)

    const second = await edited(
      await run(
        {
          ...job,
          start: first.change,
          feedback: [note('Please add a regression test.')],
          resume: { session: first.session ?? '', answers: [] },
        },
        { attempt: 2, round: 2 },
      ),
    )
    expect(second.change?.base).toBe(base)
    expect(second.change?.files.map((f) => f.path)).toEqual(['src/price.js', 'test/price.test.js'])
    const third = await edited(
      await run(
        {
          ...job,
          start: second.change,
          feedback: [note('Mention it in the notes.')],
          resume: { session: second.session ?? '', answers: [] },
        },
        { attempt: 3, round: 3 },
      ),
    )
    expect(third.change?.files.map((f) => f.path)).toEqual(['CHANGELOG.md', 'src/price.js', 'test/price.test.js'])

    const checks = await run(checksJob(remote, { change: third.change }), { step: 'verify' })
    expect(finished(checks).result).toMatchObject({
      kind: 'checks',
      found: true,
      passed: true,
      tree: third.change?.tree,
      commands: [{ command: 'npm test', exit: 0, tests: { passed: 4, failed: 0 } }],
      baseline: [{ command: 'npm test', exit: 1, tests: { passed: 2, failed: 1 } }],
    })

    const effect = await run(
      {
        kind: 'effect',
        intent: 'int_1',
        key: '0'.repeat(64),
        action: 'git.push',
        attempt: 1,
        digest: changeDigest(third.change as Change),
        params: { repo: 'acme/shop', ref: branch, expect: null, message: 'Fix' },
        change: third.change,
        repos: job.repos,
        limits: job.limits,
      },
      { step: 'int_1' },
    )
    expect(last(effect)).toMatchObject({
      type: 'effect_succeeded',
      receipt: { observed: { tree: third.change?.tree } },
    })
    expect(remote.git('rev-parse', `${branch}^{tree}`)).toBe(third.change?.tree)
  })

  it('mends what it broke when the checks fail', async () => {
    await script('edit@1:wrong-fix')
    const job = agentJob(remote, { mode: 'edit' })
    const first = await edited(await run(job))
    const red = finished(
      await run(checksJob(remote, { change: first.change, baseline: false }), { step: 'verify' }),
    ).result
    expect(red).toMatchObject({ passed: false, baseline: null, commands: [{ exit: 1 }] })
    const second = await edited(
      await run(
        {
          ...job,
          start: first.change,
          feedback: [note('npm test ended with exit code 1', 'checks')],
          resume: { session: first.session ?? '', answers: [] },
        },
        { attempt: 2 },
      ),
    )
    expect(
      finished(await run(checksJob(remote, { change: second.change }), { step: 'verify', attempt: 2 })).result,
    ).toMatchObject({ passed: true })
  })

  it('asks, is parked without a process, and goes on with the answer and its unfinished files', async () => {
    await script('edit:ask')
    const job = agentJob(remote, { mode: 'edit' })
    const asked = await run(job)
    expect(asked.reports.slice(-2)).toMatchObject([
      {
        type: 'ask',
        ask: '1.permission-git-log---oneline--5',
        argv: ['git', 'log', '--oneline', '-5'],
        cwd: '.',
        choices: [],
      },
      { type: 'parked' },
    ])
    const session = asked.of('parked')[0]?.session ?? ''
    const answers = [{ ask: asked.of('ask')[0]?.ask ?? '', allow: true, text: null }]
    const done = await run({ ...job, resume: { session, answers } }, { attempt: 2 })
    expect(done.of('started')[0]?.resumed).toBe(true)
    expect((await edited(done)).change?.files.map((f) => f.path)).toEqual(['src/price.js'])
    expect(done.logText()).toContain('work of a colleague') // the allowed command ran
    // a session is never used up: the same answer leads to the same place after a crash
    expect(
      (await edited(await run({ ...job, resume: { session, answers } }, { attempt: 3 }))).change?.files,
    ).toHaveLength(1)
    const denied = await run(
      { ...job, resume: { session, answers: answers.map((a) => ({ ...a, allow: false })) } },
      { attempt: 4 },
    )
    expect(denied.logText()).toContain('I may not run git log')
  })

  it('asks a question with choices', async () => {
    await script('plan:question')
    const asked = await run(agentJob(remote), { step: 'plan' })
    expect(asked.of('ask')[0]).toMatchObject({
      argv: null,
      reason: 'How shall half a cent be rounded?',
      choices: ['up', 'to even'],
    })
    expect(asked.text(asked.of('ask')[0]?.question)).toBe('How shall half a cent be rounded?\n')
    const done = await run(
      agentJob(remote, {
        resume: {
          session: asked.of('parked')[0]?.session ?? '',
          answers: [{ ask: asked.of('ask')[0]?.ask ?? '', allow: true, text: 'up' }],
        },
      }),
      { step: 'plan', attempt: 2 },
    )
    expect(finished(done).result.kind).toBe('plan')
  })

  it('works on from the files alone where the session is elsewhere, and says so', async () => {
    const first = await edited(await run(agentJob(remote, { mode: 'edit' })))
    await rm(path.join(setup.home, 'sessions'), { recursive: true })
    const second = await run(
      agentJob(remote, {
        mode: 'edit',
        start: first.change,
        feedback: [note('add a test')],
        resume: { session: first.session ?? '', answers: [] },
      }),
      { attempt: 2 },
    )
    expect(second.of('started')[0]?.resumed).toBe(false)
    expect((await edited(second)).change?.files).toHaveLength(2)
  })
})

describe('an agent that fails', () => {
  const cases: [string, string, object][] = [
    [
      'dies',
      'edit:die',
      { code: 'agent_killed', class: 'agent', summary: 'The sample agent was ended by signal 9.', started: true },
    ],
    ['exits with an error', 'edit:fail', { code: 'agent_failed', summary: 'The sample agent ended with exit code 3.' }],
    ['hangs', 'edit:hang', { code: 'time_limit', class: 'budget' }],
    ['writes without end', 'edit:endless', { code: 'time_limit', class: 'budget' }],
    [
      'leaks a secret',
      'edit:leak edit:no-push',
      {
        code: 'change_refused',
        class: 'policy',
        summary: 'The change was refused: "src/settings.js": line 1 looks like a secret (aws-access-key).',
      },
    ],
    ['spends too much', 'edit:usage=5000 edit:hang', { code: 'time_limit' }],
    ['has a script with an unknown word', 'edit:dance', { code: 'sample_script' }],
  ]
  it.each(cases)(
    '%s',
    async (_name, words, failure) => {
      await run(agentJob(remote), { step: 'plan' })
      await script(words)
      const port = await run(agentJob(remote, { mode: 'edit', limits: { seconds: 2, tokens: null, usdMicros: null } }))
      expect(last(port)).toMatchObject({ type: 'failed', failure })
      const end = port.of('failed')[0]
      expect(end?.failure.check.length).toBeGreaterThan(10)
      expect(port.text(end?.log)).toBe(port.logText())
    },
    30_000,
  )

  it('over the budget it is stopped', async () => {
    await script('plan:usage=5000')
    await rm(path.join(setup.home, 'sessions'), { recursive: true, force: true })
    const port = await run(agentJob(remote, { limits: { seconds: 30, tokens: 1_000, usdMicros: null } }), {
      step: 'plan',
    })
    expect(last(port)).toMatchObject({
      type: 'failed',
      failure: { code: 'budget_spent', class: 'budget' },
      usage: { inputTokens: 5000, outputTokens: 500, source: 'agent' },
    })
  })
})
