/** Who gets work when much of it waits: workflows take turns, repositories have limits, agents need a wall, and what waits says for whom. */
import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { idFrom } from '@viewportai/core/ids'
import { specOf } from '@viewportai/core/run/testing/play'
import type { RunSpec } from '@viewportai/core/run/spec'
import type { Capabilities, DetectedAgent } from '@viewportai/core/wire/messages'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { actMany } from '../ledger/act.ts'
import { explainWaiting } from './lost.ts'
import { capabilities, started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let count = 0
beforeAll(async () => void (at = await testPlane()))

const place = () => at.workspace(`pools${++count}`, ['payments'])
const pair = (of: TestWorkspace, name: string, has: Partial<Capabilities> = {}) =>
  new TestRunner(at.url).pair(at.plane.context.db, of.id, name, 'local', has)
const query = <T extends object>(of: TestWorkspace, text: string, values: unknown[] = []) =>
  inWorkspace(at.plane.context.db, of.id, async (tx) => (await tx.query<T>(text, values)).rows)
const start = async (of: TestWorkspace, over: (spec: RunSpec) => RunSpec = (spec) => spec): Promise<string> =>
  (await new Story(at.plane.context.db, of.id).start(over(specOf()))).run
/** So many more pieces of work like this one, behind it. */
const more = (of: TestWorkspace, run: string, many: number) =>
  query(
    of,
    `insert into vp.work (workspace, run, key, kind, step, attempt, pool, agent, mode, isolation, requires, repos, ready_at, workflow)
     select workspace, 'run_old' || n, key, kind, step, attempt, pool, agent, mode, isolation, requires, repos, ready_at + 1000000 + n, workflow from vp.work, generate_series(1, $2) n where run = $1`,
    [run, many],
  )
const of =
  (workflow: string) =>
  (spec: RunSpec): RunSpec => ({ ...spec, workflow: { ...spec.workflow, id: workflow } })
const agent = (name: string, over: Partial<DetectedAgent> = {}): DetectedAgent => ({
  ...capabilities().agents[0]!,
  name,
  ...over,
})
const why = async (where: TestWorkspace, run: string) => {
  await query(where, 'update vp.work set ready_at = ready_at - 5000')
  await explainWaiting(at.plane.context.db, where.id)
  const { body } = await where.admin.get(`/api/runs/${run}`)
  return { why: body.why as string | null, unfit: body.unfit as { runner: string; lacks: string[] }[] }
}

test('a workflow with 500 runs that waited longer takes turns with two others, and none is served twice before the others once', async () => {
  const acme = await place()
  const runner = await pair(acme, 'box')
  const flood: string[] = []
  for (let n = 0; n < 16; n++) flood.push(await start(acme, of('wf_flood')))
  await query(acme, 'update vp.work set ready_at = ready_at - 2000000')
  const some: string[] = []
  for (let n = 0; n < 5; n++) some.push(await start(acme, of('wf_some')))
  const one = await start(acme, of('wf_one'))
  // Copies that nobody can be given, behind those of the flood that can: only their number matters.
  await more(acme, flood[0]!, 500)
  const got: string[] = []
  for (let n = 0; n < 12; n++) {
    const { run } = (await runner.lease())!
    got.push(flood.includes(run) ? 'flood' : some.includes(run) ? 'some' : run === one ? 'one' : 'else')
  }
  expect(got.slice(0, 3).toSorted()).toEqual(['flood', 'one', 'some'])
  expect(got.filter((name) => name === 'one')).toHaveLength(1)
  expect(got.filter((name) => name === 'some')).toHaveLength(5)
  expect(got.filter((name) => name === 'flood')).toHaveLength(6)
  // In turn: never more than one of the flood between two of the others, while those wait.
  expect(got.join(' ')).not.toContain('flood flood some')
})

test(
  'fifty claimers at once, of ten runners, get each of 500 pieces of work once (F1)',
  { timeout: 180_000 },
  async () => {
    const acme = await place()
    const runners = await Promise.all(Array.from({ length: 10 }, (_, n) => pair(acme, `box-${n}`)))
    const asks = Array.from({ length: 500 }, (_, n) => ({
      run: idFrom('run', randomBytes(13)),
      command: {
        do: 'start' as const,
        by: { kind: 'system' as const },
        spec: of(`wf_${n % 7}`)(specOf()),
        delivery: null,
        tainted: false,
      },
    }))
    for (let n = 0; n < asks.length; n += 100) await actMany(at.plane.context.db, acme.id, asks.slice(n, n + 100))
    const got: string[] = []
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const one = runners[n % 10]!
        for (let lease = await one.lease(); lease; lease = await one.lease()) got.push(lease.run)
      }),
    )
    expect(got.toSorted()).toEqual(asks.map(({ run }) => run).toSorted())
  },
)

test('a run that outside text reached goes to a sandbox alone, whatever its workflow asks for, until a person lets it go on', async () => {
  const acme = await place()
  const { isolation } = capabilities()
  const agents = [agent('claude')]
  const bare = await pair(acme, 'bare', { agents, isolation: { ...isolation, level: 'user' } })
  const byClaude = (spec: RunSpec): RunSpec => ({
    ...spec,
    pins: { ...spec.pins, agents: { ...spec.pins.agents, plan: 'claude' } },
  })
  const spec = byClaude(specOf())
  // The agent of the sample, which does what is written in it, is held nowhere.
  const outside = { ...spec, event: { ...spec.event, tool: 'github' } }
  const command = {
    do: 'start' as const,
    by: { kind: 'system' as const },
    spec: outside,
    delivery: null,
    tainted: true,
  }
  const story = new Story(at.plane.context.db, acme.id)
  expect((await story.doing(command)).refusal).toBeNull()
  expect(await bare.lease()).toBeNull()
  expect((await why(acme, story.run)).unfit).toMatchObject([
    { lacks: expect.arrayContaining(['isolation sandbox (it has user)']) },
  ])
  const held = await pair(acme, 'held', { agents, isolation: { ...isolation, level: 'sandbox' } })
  expect(await held.lease()).toMatchObject({ run: story.run, job: { tainted: true, hosts: [] } })
  // The same from a member's own words goes to either.
  const plain = await start(acme, byClaude)
  expect(await bare.lease()).toMatchObject({ run: plain })
})

test('a repository with a limit is touched by no more pieces of work at once, and what waits says so', async () => {
  const acme = await place()
  const [left, right] = [await pair(acme, 'left'), await pair(acme, 'right')]
  for (const runner of [left, right]) await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  const { body } = await acme.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })
  const set = (atOnce: unknown) => acme.admin.put(`/api/repositories/${body.id}`, { atOnce })
  expect((await set(2)).body).toMatchObject({ name: 'acme/shop', atOnce: 2 })
  expect((await set(0)).body).toMatchObject({ code: 'invalid' })
  for (let n = 0; n < 5; n++) await start(acme)
  const first = await Promise.all([left.lease(), right.lease(), left.lease(), right.lease(), left.lease()])
  const held = first.filter((lease) => lease !== null)
  expect(held).toHaveLength(2)
  const [waits] = await query<{ run: string }>(acme, `select run from vp.work where state = 'ready' order by run`)
  expect((await why(acme, waits!.run)).why).toBe(
    'Waits for acme/shop: no more than 2 pieces of work may touch it at once.',
  )
  // A place is free again with the end of a lease, and whoever waits for it is woken.
  const asking = [left, right].map((runner) => runner.lease(undefined, 20))
  const holder = await query<{ runner: string }>(acme, 'select runner from vp.leases where lease = $1', [
    held[0]!.lease,
  ])
  const owner = holder[0]!.runner === left.id ? left : right
  await owner.post(`/wire/leases/${held[0]!.lease}/refuse`, {
    epoch: held[0]!.epoch,
    failure: { code: 'x', class: 'policy', summary: 'x', check: 'x', retrySafe: false, started: false },
  })
  expect(await Promise.race(asking)).toMatchObject({ run: expect.any(String) })
  const live = async () =>
    (await query<{ n: number }>(acme, `select count(*)::int as n from vp.leases where state = 'offered'`))[0]!.n
  expect(await live()).toBe(2)
  expect((await set(null)).body).toMatchObject({ atOnce: null })
  expect((await Promise.all(asking)).filter((lease) => lease !== null)).toHaveLength(2)
  expect(await live()).toBe(3)
})

test('an agent gets no work on a runner without a wall until an admin accepted it; the agent of the sample does', async () => {
  const acme = await place()
  const runner = await pair(acme, 'bare', { agents: [agent('sample'), agent('claude')] })
  const run = await start(acme, (spec) => ({
    ...spec,
    pins: { ...spec.pins, agents: { plan: 'claude', implement: 'claude' } },
  }))
  expect(await runner.lease()).toBeNull()
  const said = await why(acme, run)
  expect(said.why).toContain('bare lacks a wall around agents')
  expect(said.unfit).toEqual([
    { runner: 'bare', lacks: [expect.stringContaining('a wall around agents'), expect.any(String)] },
  ])
  const member = await acme.person('member')
  const accept = { acceptNoWall: true }
  expect((await member.put(`/api/runners/${runner.id}`, accept)).status).toBe(403)
  expect(await runner.lease()).toBeNull()
  expect((await acme.admin.put(`/api/runners/${runner.id}`, accept)).body.noWall).toMatchObject({
    by: `@${acme.admin.handle}`,
  })
  expect(await runner.lease()).toMatchObject({ run })
  await acme.admin.put(`/api/runners/${runner.id}`, { acceptNoWall: false })
  const facts = await query<{ data: object; by: string }>(
    acme,
    `select text::json -> 'data' as data, text::json #>> '{by,id}' as by from vp.facts where type = 'runner.wall_waived' order by position`,
  )
  expect(facts).toEqual([
    { data: { runner: runner.id, waived: true }, by: acme.admin.id },
    { data: { runner: runner.id, waived: false }, by: acme.admin.id },
  ])
  // Taken back, it gets none again; one with a wall needs no word, and none is kept for the day it loses it.
  await start(acme, (spec) => ({ ...spec, pins: { ...spec.pins, agents: { plan: 'claude', implement: 'claude' } } }))
  expect(await runner.lease()).toBeNull()
  const other = await start(acme)
  expect(await runner.lease()).toMatchObject({ run: other })
  const { isolation } = capabilities()
  const walled = await pair(acme, 'walled', {
    agents: [agent('claude')],
    isolation: { ...isolation, level: 'sandbox' },
  })
  expect((await acme.admin.put(`/api/runners/${walled.id}`, accept)).body).toMatchObject({ code: 'invalid' })
  expect(await walled.lease()).not.toBeNull()
  // A word given before the wall was there ends with the hello that tells of it.
  await acme.admin.put(`/api/runners/${runner.id}`, accept)
  const level = (now: 'none' | 'sandbox') =>
    runner.post('/wire/hello', {
      capabilities: capabilities({ agents: [agent('claude')], isolation: { ...isolation, level: now } }),
      holding: [],
    })
  expect((await level('sandbox')).status).toBe(200)
  expect((await level('none')).status).toBe(200)
  expect(
    (await acme.admin.get('/api/runners')).body.runners.find((one: { id: string }) => one.id === runner.id),
  ).toMatchObject({
    noWall: null,
  })
  expect(
    await query(
      acme,
      `select text::json #>> '{by,kind}' as by from vp.facts where type = 'runner.wall_waived' order by position desc limit 1`,
    ),
  ).toEqual([{ by: 'runner' }])
})

test('no runner fits: every runner is named with what it lacks (F19)', async () => {
  const acme = await place()
  const isolation = { ...capabilities().isolation, level: 'sandbox' as const }
  const near = await pair(acme, 'near', {
    isolation,
    tools: [{ name: 'node', version: 'v20.19.1' }],
    agents: [agent('claude', { version: '2.1.3' })],
  })
  await pair(acme, 'unsure', { isolation, agents: [agent('claude', { usable: false, note: 'not signed in' })] })
  await pair(acme, 'far')
  const run = await start(acme, (spec) => {
    const { compiled } = spec.workflow
    const runner = { ...compiled.runner, isolation: 'container' as const, requires: ['node>=22', 'claude>=2.2', 'gpu'] }
    return {
      ...spec,
      workflow: { ...spec.workflow, compiled: { ...compiled, runner } },
      pins: { ...spec.pins, agents: { plan: 'claude', implement: 'claude' } },
    }
  })
  const said = await why(acme, run)
  expect(said.unfit).toEqual([
    {
      runner: 'near',
      lacks: [
        'isolation container (it has sandbox)',
        'node>=22 (it has v20.19.1)',
        'claude>=2.2 (it has 2.1.3)',
        'gpu',
        'it has not come online yet',
      ],
    },
    {
      runner: 'unsure',
      lacks: [
        'agent claude (not signed in)',
        'isolation container (it has sandbox)',
        'node>=22',
        'claude>=2.2',
        'gpu',
        'it has not come online yet',
      ],
    },
    {
      runner: 'far',
      lacks: [
        'agent claude',
        'a wall around agents (an admin may accept it without one)',
        'isolation container (it has none)',
        'node>=22',
        'claude>=2.2',
        'gpu',
        'it has not come online yet',
      ],
    },
  ])
  for (const { runner, lacks } of said.unfit)
    expect(said.why).toContain(`${runner} lacks ${lacks.slice(0, -1).join(', ')}`)
  // What is missing is installed, and the runner says so with its next hello: it gets the work.
  await near.post('/wire/hello', {
    holding: [],
    capabilities: capabilities({
      isolation: { ...isolation, level: 'container' },
      tools: [{ name: 'node', version: 'v22.4.0' }],
      agents: [agent('claude', { version: '2.10.0' })],
      labels: ['gpu'],
    }),
  })
  expect(await near.lease()).toMatchObject({ run })
})

test('an agent that was taken off a runner while work waited is told, and another runner gets the work (F20)', async () => {
  const acme = await place()
  const isolation = { ...capabilities().isolation, level: 'sandbox' as const }
  const [one, two] = [
    await pair(acme, 'one', { isolation, slots: 1, agents: [agent('codex')] }),
    await pair(acme, 'two', { isolation }),
  ]
  await two.post('/wire/hello', { capabilities: capabilities({ isolation }), holding: [] })
  await one.post('/wire/hello', {
    capabilities: capabilities({ isolation, slots: 1, agents: [agent('codex')] }),
    holding: [],
  })
  const codex = (spec: RunSpec): RunSpec => ({
    ...spec,
    pins: { ...spec.pins, agents: { plan: 'codex', implement: 'codex' } },
  })
  const [first, second] = [await start(acme, codex), await start(acme, codex)]
  const held = (await one.lease())!
  expect(held.run).toBe(first)
  expect((await why(acme, second)).why).toBe('Waits for a free slot on one.')
  await one.report(held, 1, started)
  await one.post('/wire/hello', {
    capabilities: capabilities({ isolation, slots: 2, agents: [] }),
    holding: [{ lease: held.lease, epoch: held.epoch }],
  })
  expect(await one.lease()).toBeNull()
  expect((await why(acme, second)).why).toBe('No runner fits: one lacks agent codex; two lacks agent codex.')
  await two.post('/wire/hello', { capabilities: capabilities({ isolation, agents: [agent('codex')] }), holding: [] })
  expect(await two.lease()).toMatchObject({ run: second })
})

test('a runner that is away or drains is named with it', async () => {
  const acme = await place()
  const runner = await pair(acme, 'box')
  const run = await start(acme)
  expect((await why(acme, run)).why).toBe('No runner fits now: box is away.')
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  expect(await why(acme, run)).toEqual({ why: null, unfit: [] })
  await acme.admin.post(`/api/runners/${runner.id}/drain`, { drain: true })
  const said = await why(acme, run)
  expect(said.why).toBe('No runner fits now: box drains.')
  expect(said.unfit).toEqual([{ runner: 'box', lacks: ['it drains and takes no new work'] }])
  await query(acme, `update vp.runners set online = false`)
  expect((await why(acme, run)).unfit[0]!.lacks).toEqual([expect.stringMatching(/^it is away since \d{4}-.* UTC$/)])
})
