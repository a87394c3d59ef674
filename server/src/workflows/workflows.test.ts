import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Missing } from '@viewportai/core/api/workflows'
import { isRefusal } from '@viewportai/core/refusal'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { pairedRunner } from '../../test/paired.ts'
import { capabilities } from '../wire/testing/known-runner.ts'
import { testPlane } from '../../test/plane.ts'
import { workflowAnswers } from './answers.ts'
import { readiness } from './readiness.ts'
import type { World } from './world.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const file = (more = '') => `name: fix-bug\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\n${more}`
let count = 0
const fresh = async () => {
  const of = await workspace(`w${++count}`, ['payments'])
  await of.person(`lead${count}`, { teams: ['payments'] })
  return of
}
const furnished = async () => {
  const of = await fresh()
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })
  return of
}

describe('a version', () => {
  test('is saved, numbered and never changes; the same text is the same version', async () => {
    const of = await furnished()
    const one = await of.admin.post('/api/workflows', { source: file(), note: 'first' })
    expect(one.status).toBe(201)
    expect(one.body).toMatchObject({
      name: 'fix-bug',
      version: 1,
      enabled: false,
      ready: true,
      missing: [],
      team: 'payments',
      triggers: ['manual.requested'],
      runs: 0,
      lastRunAt: null,
    })
    expect((await of.admin.post('/api/workflows', { source: file() })).body.version).toBe(1)
    const two = await of.admin.post('/api/workflows', { source: `# a comment\n${file()}`, expectVersion: 1 })
    expect(two.body).toMatchObject({ version: 2, digest: one.body.digest })
    const three = await of.admin.post('/api/workflows', { source: file('budget: { usd: 3 }\n'), expectVersion: 2 })
    expect(three.body.digest).not.toBe(one.body.digest)
    const page = (await of.admin.get('/api/workflows/fix-bug')).body
    expect(
      page.versions.map((version: { version: number; note: string | null; savedBy: string }) => [
        version.version,
        version.note,
        version.savedBy,
      ]),
    ).toEqual([
      [3, null, `@${of.admin.handle}`],
      [2, null, `@${of.admin.handle}`],
      [1, 'first', `@${of.admin.handle}`],
    ])
    expect((await of.admin.get('/api/workflows/fix-bug?version=1')).body).toMatchObject({
      version: 1,
      source: file(),
      digest: one.body.digest,
    })
    expect((await of.admin.get('/api/workflows/fix-bug?version=9')).body.code).toBe('not_found')
  })

  test('made from another one than is there now is refused with both numbers; of two at once one is saved', async () => {
    const of = await furnished()
    await of.admin.post('/api/workflows', { source: file() })
    expect(
      (await of.admin.post('/api/workflows', { source: file('description: b\n'), expectVersion: 7 })).body,
    ).toMatchObject({ code: 'version_moved', status: 409, facts: { expected: 7, found: 1 } })
    const both = await Promise.all(
      ['c', 'd'].map((words) =>
        of.admin.post('/api/workflows', { source: file(`description: ${words}\n`), expectVersion: 1 }),
      ),
    )
    expect(both.map((one) => one.status).sort()).toEqual([201, 409])
    const first = await Promise.all(
      ['e', 'f'].map((words) =>
        of.admin.post('/api/workflows', {
          source: file(`description: ${words}\n`).replace('fix-bug', 'other'),
          expectVersion: 0,
        }),
      ),
    )
    expect(first.map((one) => one.status).sort()).toEqual([201, 409])
  })

  test('with mistakes is not saved; every mistake comes with its place and what would mend it', async () => {
    const of = await furnished()
    const source = file('aprovals: []\nbudget: { usd: -1 }\n')
    const saved = await of.admin.post('/api/workflows', { source })
    expect(saved).toMatchObject({ status: 422, body: { code: 'invalid' } })
    const { body } = await of.admin.post('/api/workflow-checks', { source })
    expect(body).toMatchObject({ ok: false, digest: null, summary: [] })
    expect(body.errors).toEqual(saved.body.facts.mistakes)
    expect(body.errors[0]).toMatchObject({
      line: 5,
      column: 1,
      path: 'aprovals',
      found: 'aprovals',
      nearest: 'approvals',
      fix: { text: 'approvals' },
    })
    expect(body.errors.length).toBeGreaterThan(1)
    expect((await of.admin.get('/api/workflows')).body.workflows).toEqual([])
  })

  test('checked without saving says what it means and what is missing', async () => {
    const of = await fresh()
    const { body } = await of.admin.post('/api/workflow-checks', { source: file() })
    expect(body).toMatchObject({ ok: true, errors: [], digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(body.summary.map((section: { title: string }) => section.title)).toContain('Starts when')
    expect(body.missing.map((one: { kind: string; name: string }) => [one.kind, one.name])).toEqual([
      ['repository', 'acme/shop'],
      ['pool', 'default'],
    ])
  })

  test('that lacks something is valid, cannot be enabled, and takes no effect on an enabled one', async () => {
    const of = await fresh()
    expect((await of.admin.post('/api/workflows', { source: file() })).body).toMatchObject({ version: 1, ready: false })
    const no = await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
    expect(no).toMatchObject({
      status: 409,
      body: {
        code: 'not_ready',
        detail: 'The workflow fix-bug is valid but not ready: repository acme/shop, pool default.',
      },
    })
    await pairedRunner(db, of.id)
    await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })
    expect((await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })).body).toMatchObject({
      enabled: true,
      ready: true,
    })
    expect(
      (await of.admin.post('/api/workflows', { source: file('context: [rules]\nrunner: { pool: other }\n') })).body
        .code,
    ).toBe('not_ready')
    expect((await of.admin.get('/api/workflows/fix-bug')).body).toMatchObject({ version: 1, enabled: true })
    await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: false })
    expect((await of.admin.post('/api/workflows', { source: file('runner: { pool: other }\n') })).body).toMatchObject({
      version: 2,
      enabled: false,
      ready: false,
    })
  })
})

test('the schema of the language is there for editors, without signing in', async () => {
  const answer = await fetch(`${plane.url}/api/workflow-schema`)
  expect(await answer.json()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Viewport workflow',
  })
})

describe('readiness', () => {
  const person = (id: string, teams: string[], active = true) => ({
    id: `usr_${id}`,
    handle: id,
    name: id,
    email: null,
    role: 'member' as const,
    teams,
    active,
  })
  const world = (over: Partial<World> = {}): World => ({
    repositories: [
      { repo: 'repo_1', name: 'acme/shop', url: 'file:///srv/shop.git', defaultBranch: 'main', agentSettings: 'off' },
    ],
    runners: [
      {
        runner: 'rnr_1',
        name: 'laptop',
        pool: 'local',
        online: true,
        owner: 'usr_sam',
        repositories: ['acme/shop'],
        capabilities: capabilities(),
        noWall: null,
      },
    ],
    people: [person('jess', ['payments']), person('sam', ['payments'])],
    teams: [{ id: 'team_1', slug: 'payments', name: 'Payments', members: [] }],
    connections: [],
    address: null,
    sources: [],
    defaultPool: 'local',
    agents: {},
    bodies: 'edge',
    sample: false,
    ...over,
  })
  const missing = (source: string, over: Partial<World> = {}): z.infer<typeof Missing>[] => {
    const result = compileWorkflow(source)
    if (!result.ok) throw new Error(result.errors.map((error) => error.message).join('\n'))
    return readiness(result.compiled, world(over)).missing
  }
  const has = (over: Parameters<typeof capabilities>[0]): Partial<World> => ({
    runners: [
      {
        runner: 'rnr_1',
        name: 'laptop',
        pool: 'local',
        online: true,
        owner: null,
        repositories: ['acme/shop'],
        capabilities: capabilities(over),
        noWall: null,
      },
    ],
  })
  const agent = {
    name: 'codex',
    version: '1',
    path: null,
    usable: true,
    tested: true,
    modes: ['edit' as const],
    note: null,
  }

  test.each<[string, string, Partial<World>, [kind: string, name: string, why: string][]]>([
    ['everything is there', file(), {}, []],
    ['no repository', file(), { repositories: [] }, [['repository', 'acme/shop', 'no repository has this name']]],
    [
      'no runner in the pool',
      file('runner: { pool: secure }\n'),
      {},
      [['pool', 'secure', 'no runner is in this pool; there are runners in local']],
    ],
    [
      'the runner is away',
      file(),
      { runners: [{ ...world().runners[0]!, online: false }] },
      [['runner', 'local', 'laptop is away']],
    ],
    ['an agent nobody has', file('agents: { plan: claude }\n'), {}, [['agent', 'claude', 'no runner of local has it']]],
    [
      'an agent that was found and cannot be used',
      file('agents: { implement: codex }\n'),
      has({ agents: [...capabilities().agents, { ...agent, usable: false, note: 'not signed in' }] }),
      [['agent', 'codex', 'on laptop: not signed in']],
    ],
    [
      'an agent that cannot do this',
      file('agents: { plan: codex }\n'),
      has({ agents: [...capabilities().agents, agent] }),
      [['agent', 'codex', 'on laptop: it cannot plan']],
    ],
    [
      'a wall around an agent, or an admin who accepts none',
      file('agents: { implement: codex }\n'),
      has({ agents: [...capabilities().agents, agent] }),
      [['agent', 'codex', 'on laptop nothing walls agents off from the machine, and no admin accepted it so']],
    ],
    [
      'no agent for a mode that names none',
      file(),
      has({ agents: [agent], isolation: { ...capabilities().isolation, level: 'sandbox' } }),
      [['agent', 'to plan', 'no runner of local has an agent that can plan']],
    ],
    [
      'a wall that the runner has not',
      file('runner: { isolation: sandbox, requires: ["go>=1.22"] }\n'),
      {},
      [
        ['capability', 'isolation sandbox (it has none)', 'laptop lacks it'],
        ['capability', 'go>=1.22', 'laptop lacks it'],
      ],
    ],
    [
      'a repository that the runner may not use',
      file(),
      { runners: [{ ...world().runners[0]!, repositories: ['acme/other'] }] },
      [['capability', 'leave to use the repository acme/shop', 'laptop lacks it']],
    ],
    [
      'a team that does not exist',
      file().replace('payments', 'nobody'),
      {},
      [['team', 'nobody', 'no team has this name']],
    ],
    [
      'a team without anybody',
      file(),
      { people: [person('jess', ['payments'], false)] },
      [['team', 'payments', 'nobody is in this team']],
    ],
    [
      'a person who left',
      file('approvals: [plan_review: { approvers: ["user:kim"] }, pr_approval]\n'),
      { people: [...world().people, person('kim', [], false)] },
      [['people', '@kim', 'this person has left']],
    ],
    [
      'more votes than people',
      file('approvals: [plan_review: { required: 3 }, pr_approval]\n'),
      {},
      [
        [
          'people',
          'plan_review',
          '3 votes are asked for and one person may give one, as whoever asks for the run may not',
        ],
      ],
    ],
    [
      'more votes than people, whoever asks',
      file('approvals: [plan_review: { required: 3, exclude: [] }, pr_approval]\n'),
      {},
      [['people', 'plan_review', '3 votes are asked for and 2 people may give one']],
    ],
    [
      'two votes of two people, of whom one may ask for the run',
      file('approvals: [plan_review: { required: 2 }, pr_approval]\n'),
      {},
      [
        [
          'people',
          'plan_review',
          '2 votes are asked for and one person may give one, as whoever asks for the run may not',
        ],
      ],
    ],
    [
      'two votes of two people, where nobody is excluded',
      file('approvals: [plan_review: { required: 2, exclude: [] }]\n'),
      {},
      [],
    ],
    ['one vote of somebody alone', file(), { people: [person('jess', ['payments'])] }, []],
    [
      'a vote of somebody alone who owns the runner',
      file('approvals: [plan_review: { exclude: [requester, runner_owner] }]\n'),
      { people: [person('sam', ['payments'])] },
      [['people', 'plan_review', 'a vote is asked for and nobody may give one, as who owns its runner may not']],
    ],
    [
      'a vote of two, of whom one may ask and the other owns the runner',
      file('approvals: [plan_review: { exclude: [requester, runner_owner] }]\n'),
      {},
      [
        [
          'people',
          'plan_review',
          'a vote is asked for and nobody may give one, as whoever asks for the run and who owns its runner may not',
        ],
      ],
    ],
    [
      'code owners',
      file('approvals: [plan_review, pr_approval: { approvers: [codeowners] }]\n'),
      {},
      [['people', 'codeowners', 'this version of Viewport does not read CODEOWNERS']],
    ],
    [
      'a tool that is not connected',
      file().replace('trigger: manual', 'trigger: { gitlab: { event: issue_opened } }'),
      {},
      [['connection', 'gitlab', 'GitLab is not connected (trigger issue_opened)']],
    ],
    [
      'an action that needs a connection',
      file('actions: [github.open_pr]\n'),
      {},
      [['connection', 'github', 'GitHub is not connected (action github.open_pr)']],
    ],
    [
      'a day that never comes',
      file().replace('trigger: manual', 'trigger: { schedule: { cron: "0 6 31 2 *" } }'),
      {},
      [['connection', '0 6 31 2 *', 'this never comes due']],
    ],
    [
      'a webhook target that nobody made',
      file('actions: [git.open_change, { webhook.send: { to: ops } }]\n'),
      {},
      [['connection', 'ops', 'no webhook target has this name']],
    ],
    [
      'a source that is named and not there',
      file().replace('trigger: manual', 'trigger: { webhook: { source: alerts } }'),
      {},
      [['connection', 'alerts', 'no webhook source has this name']],
    ],
  ])('%s', (_, source, over, expected) => {
    const found = missing(source, over)
    expect(found.map(({ kind, name, why }) => [kind, name, why])).toEqual(expected)
    for (const one of found) expect(one.fix.label).not.toBe('')
  })

  test('says where every name leads', () => {
    const result = compileWorkflow(file('context: [pricing.rules]\nactions: [git.open_change]\n'))
    if (!result.ok) throw new Error('not valid')
    expect(readiness(result.compiled, world()).resolved).toEqual([
      { kind: 'repository', name: 'acme/shop', to: 'file:///srv/shop.git' },
      { kind: 'pool', name: 'local', to: '1 runner online: laptop' },
      { kind: 'agent', name: 'sample', to: 'on laptop' },
      { kind: 'team', name: 'payments', to: '@jess, @sam' },
      {
        kind: 'people',
        name: 'pr_approval',
        to: 'one person may give one, as whoever asks for the run may not; a change of protected files needs 2 votes and would wait for somebody else',
      },
      {
        kind: 'context',
        name: 'pricing.rules',
        to: 'looked up by the runner in .viewport/context.yaml of each repository, when a step begins',
      },
      { kind: 'action', name: 'git.open_change', to: 'carried out by the runner of the run' },
    ])
  })
})

test('texts of one workspace are read one at a time: too many are refused in words, and nobody elsewhere waits for them', async () => {
  const [of, other] = [await fresh(), await fresh()]
  const { checkWorkflow } = workflowAnswers(plane.context)
  const check = (workspaceId: string) =>
    checkWorkflow({
      asker: { workspace: workspaceId },
      body: { source: file() },
      left: new AbortController().signal,
    } as Parameters<typeof checkWorkflow>[0])
  const order: string[] = []
  const many = Array.from({ length: 20 }, () => check(of.id).finally(() => order.push('of')))
  await check(other.id).finally(() => order.push('other'))
  const answers = await Promise.all(many)
  expect(order.indexOf('other')).toBeLessThan(20) // it stood in no line behind them
  expect(answers.filter(isRefusal).map(({ refusal }) => refusal)).toEqual(Array(4).fill('checks_wait'))
  expect(answers.filter((one) => 'ok' in one && one.ok)).toHaveLength(16)
})
