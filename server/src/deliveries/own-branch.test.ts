/** What is told of a run's own branch, by whoever's token and by which tool ever: with the real intake, by signed webhooks of GitHub and reports of CI. */
import { expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { send, testPlane } from '../../test/plane.ts'
import { Story, toChangeGate } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
const [repository, sam] = [await hub.ask('GET', '/repos/acme/shop'), await hub.ask('GET', '/users/sam')]
const sha = (fill: string) => fill.repeat(40).slice(0, 40)
let count = 0

const told = ['check_failed', 'push', 'pr_updated'].map((event) => [event, `github: { event: ${event} }`] as const)
/** A run of the branch `branch`, and workflows that listen to all that can be told of it. `more`: for each of their triggers and files. */
const ready = async ({ trigger = '', file = '' } = {}) => {
  const of = await workspace(`o${++count}`, ['payments'])
  const member = await of.person(`sam${count}`, { teams: ['payments'] })
  await of.admin.post(`/api/people/${member.id}/accounts`, { account: `github:${host}/${hub.ids.sam}`, name: 'sam' })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', {
    name: 'acme/shop',
    url: `https://${host}/acme/shop.git`,
    defaultBranch: 'main',
  })
  const github = await of.admin.post('/api/connections', {
    tool: 'github',
    name: 'github',
    values: { base: hub.url, token: tokens.us, webhook_secret: secret },
  })
  const ci = await of.admin.post('/api/connections', { tool: 'ci', name: 'ci', values: {} })
  for (const [name, listens] of [
    ['first', 'manual'],
    ...told,
    ['build_failed', 'ci: { event: build_failed }'],
    ['reads', 'ci: { event: build_failed, started_by: [source, anyone] }'],
  ] as const) {
    const writes = name === 'first' ? 'write' : 'read'
    const steps = name === 'first' ? 'actions: [github.open_pr]\n' : 'steps: [{ id: plan, mode: plan, prompt: Look }]\n'
    const saved = await of.admin.post('/api/workflows', {
      source: `name: ${name.replace('_', '-')}\nteam: payments\ntrigger:\n  ${listens.replace(' }', `${trigger} }`)}\nrepos: [{ acme/shop: { access: ${writes} } }]\n${steps}${name === 'first' ? '' : file}`,
    })
    expect(saved.body.missing ?? saved.body.errors ?? saved.body).toEqual([])
    await of.admin.put(`/api/workflows/${saved.body.name}/enabled`, { enabled: true })
  }
  const { run } = (await member.post('/api/runs', { workflow: 'first', title: 'Prices' })).body
  const story = new Story(db, of.id, run)
  const branch = (await story.state()).spec.branch.replace('refs/heads/', '')
  const settled = (delivery: string) =>
    vi.waitFor(
      async () => {
        const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
        expect(body.state).not.toBe('stored')
        return body
      },
      { timeout: 20_000, interval: 30 },
    )
  return {
    of,
    story,
    branch,
    github: async (event: string, payload: object) =>
      settled(
        await sendSigned(github.body.connection.url, secret, event, {
          action: 'completed',
          repository,
          sender: sam,
          ...payload,
        }),
      ),
    ci: async (report: object) => {
      const came = await send('', 'POST', ci.body.connection.url, {
        body: JSON.stringify({ repo: 'acme/shop', status: 'failed', ...report }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ci.body.made.token}` },
      })
      expect(came.status).toBe(202)
      return settled(came.body.delivery)
    },
  }
}
const workflowRun = (branch: string | null, commit: string) => ({
  workflow_run: {
    id: ++count,
    name: 'build',
    conclusion: 'failure',
    head_branch: branch,
    head_sha: commit,
    updated_at: new Date().toISOString(),
    actor: sam,
    triggering_actor: sam,
    head_repository: repository,
  },
})
const trusts = (why: { eventRead: { actor: { trust: string } } }) => why.eventRead.actor.trust

test(
  "of a run's own branch, told with a member's token, nothing starts: not by its push, nor by a build that fails",
  { timeout: 60_000 },
  async () => {
    const here = await ready()
    const { branch } = here
    const pull = { number: 7, title: 'x', body: 'y', html_url: null, state: 'open', user: sam, author_association: 'MEMBER', labels: [], assignees: [], milestone: null, draft: false, merged: false, merged_at: null, closed_at: null, created_at: new Date().toISOString(), updated_at: new Date().toISOString(), head: { ref: branch, sha: sha('c'), repo: repository }, base: { ref: 'main', sha: sha('d'), repo: repository } } // prettier-ignore
    const all = [
      await here.github('workflow_run', workflowRun(branch, sha('a'))),
      await here.github('push', { ref: `refs/heads/${branch}`, before: sha('0'), after: sha('a'), commits: [] }),
      await here.github('pull_request', { action: 'synchronize', number: 7, pull_request: pull }),
      await here.ci({ commit: sha('b'), branch, build: '1' }),
    ]
    for (const why of all) {
      expect([why.eventRead.event, trusts(why), why.runs]).toEqual([why.eventRead.event, 'self', []])
      expect(why.problem).toContain(`It is told of the branch ${branch}, which run 1 writes`)
      expect(why.lines.find((line: { matched: boolean }) => line.matched)).toBeUndefined()
    }
    // What it is about is not of it: another branch, the same name elsewhere or in a fork.
    const others = [
      await here.github('workflow_run', workflowRun('main', sha('a'))),
      await here.ci({ commit: sha('b'), branch: `${branch}x`, build: '2' }),
      await here.ci({ commit: sha('b'), branch, build: '3', repo: 'acme/other' }),
      await here.ci({ commit: sha('b'), branch, build: '4', fork: true }),
    ]
    expect(others.map((why) => [trusts(why), why.runs.length])).toEqual([
      ['member', 1],
      ['source', 2],
      ['source', 2],
      ['outsider', 1],
    ])
  },
)

/** The run's pull request stands open at the forge, as a watch knows it. */
const watched = ({ of, story }: Awaited<ReturnType<typeof ready>>, ref: string) =>
  inWorkspace(db, of.id, (tx) =>
    tx.query(
      `insert into vp.watches (workspace, run, tool, ref, home, state, next_at) values ($1, $2, 'github', $3, 'acme/shop', 'open', 9007199254740991)`,
      [of.id, story.run, ref],
    ),
  )

test(
  'of a pull request of a run, told by its number in place of its branch, nothing starts, however many builds there are',
  { timeout: 90_000 },
  async () => {
    const here = await ready()
    await watched(here, 'acme/shop#7')
    const queue = `gh-readonly-queue/main/pr-7-${sha('d')}`
    const own = [
      '7/merge',
      'refs/pull/7/merge',
      'pull/7',
      'PR-7',
      queue,
      `origin/${here.branch}`,
      `refs/heads/${here.branch}`,
    ]
    for (let n = 0; n < 14; n++) {
      const branch = own[n % own.length]!
      const why = await here.ci({
        commit: sha(n.toString(16)),
        branch,
        build: `${n}`,
        provider: 'x',
        repo: 'Acme/Shop',
      })
      expect([branch, trusts(why), why.runs, why.eventRead.fields.branch]).toEqual([branch, 'self', [], here.branch])
      expect(why.problem).toContain("so it counts as that run's own doing. That run has not pushed anything yet")
    }
    // Another number, another repository and a merge request of that number are somebody's.
    for (const [branch, repo] of [
      ['8/merge', 'acme/shop'],
      ['7/merge', 'acme/other'],
      ['MR-7', 'acme/shop'],
    ] as const) {
      const why = await here.ci({ commit: sha('e'), branch, build: `${branch} ${repo}`, repo })
      expect([branch, trusts(why), why.runs.length]).toEqual([branch, 'source', 2])
      expect(why.problem).toContain(`It names no branch but ${branch}, and no run here opened ${repo}`)
    }
  },
)

test(
  'of a commit that a run pushed, and whose check names no branch, nothing starts',
  { timeout: 60_000 },
  async () => {
    const here = await ready()
    const { story } = here
    await story.finishes('plan', planned)
    await story.vote('jess', 'approve')
    await toChangeGate(story)
    await story.vote('dana', 'approve')
    await story.pushed(sha('e'))
    const of = (commit: string) =>
      here.github('status', { id: ++count, state: 'failure', context: 'ci', sha: commit, branches: [] })
    const own = await of(sha('e'))
    expect([trusts(own), own.runs, own.problem]).toEqual([
      'self',
      [],
      expect.stringContaining('the commit eeeeeee, which run 1'),
    ])
    expect(trusts(await of(sha('f')))).toBe('member')
  },
)

test(
  'a workflow that takes events of runs is started by them, held as outside text and counted as one chain',
  { timeout: 60_000 },
  async () => {
    const here = await ready({ trigger: ', own_events: true', file: 'breaker: { chain: 1 }\n' })
    const one = await here.ci({ commit: sha('a'), branch: here.branch, build: '1' })
    const [first] = one.runs
    const state = await new Story(db, here.of.id, first.run).state()
    expect([one.runs.length, state.tainted !== null && state.tainted !== false, state.held]).toEqual([2, true, null])
    // The run that it started writes a branch of its own; its build fails, too.
    const next = state.spec.branch.replace('refs/heads/', '')
    const two = await here.github('workflow_run', workflowRun(next, sha('b')))
    expect((await new Story(db, here.of.id, two.runs[0].run).state()).held).toMatchObject({ limit: 'chain' })
  },
)

test('each build of one branch is of another commit, and they are counted together', { timeout: 60_000 }, async () => {
  const here = await ready({ trigger: ', own_events: true', file: 'breaker: { starts: 2 }\n' })
  const verdicts: string[] = []
  for (const [at, fill] of ['a', 'b', 'c'].entries())
    verdicts.push(
      (
        await here.github('push', {
          ref: `refs/heads/${here.branch}`,
          before: sha(String(at)),
          after: sha(fill),
          commits: [],
        })
      ).verdict,
    )
  expect(verdicts).toEqual([
    expect.stringContaining('push started run'),
    expect.stringContaining('push started run'),
    expect.stringContaining('2 times within'),
  ])
})

test('a commit that a run merged is the link of a chain, whoever tells of its build', { timeout: 60_000 }, async () => {
  const here = await ready({ file: 'breaker: { chain: 1 }\n' })
  const merged = (run: string, commit: string) =>
    inWorkspace(db, here.of.id, (tx) =>
      tx.query(`insert into vp.touched (workspace, tool, ref, run) values ($1, 'git', $2, $3)`, [
        here.of.id,
        commit,
        run,
      ]),
    )
  await merged(here.story.run, sha('a'))
  const one = await here.github('workflow_run', workflowRun('main', sha('a')))
  expect((await new Story(db, here.of.id, one.runs[0].run).state()).held).toBeNull()
  await merged(one.runs[0].run, sha('b'))
  const two = await here.github('workflow_run', workflowRun('main', sha('b')))
  expect((await new Story(db, here.of.id, two.runs[0].run).state()).held).toMatchObject({ limit: 'chain' })
})

test(
  'what CI tells before the receipt of the push is kept for it, and of another commit for nothing',
  { timeout: 60_000 },
  async () => {
    const { ci, story, branch } = await ready()
    const early = await ci({ branch, commit: sha('a'), job: 'unit', build: '3', text: 'expected 3' })
    expect(early.problem).toContain('That run has not pushed anything yet')
    await story.finishes('plan', planned)
    await story.vote('jess', 'approve')
    await toChangeGate(story)
    await story.vote('jess', 'approve')
    for (const [commit, job] of [
      ['a', 'unit'],
      ['b', 'e2e'],
    ] as const) {
      const kept = await ci({ branch, commit: sha(commit), job, build: '4', text: 'expected 3' })
      expect(kept.problem).toContain('this is kept, and counts once that is known to be its commit')
    }
    await story.pushed(sha('a'))
    const { told, toldEarly } = await story.state()
    expect(Object.values(told!.checks)).toMatchObject([
      { head: sha('a'), name: 'unit, told by ci', text: 'expected 3' },
    ])
    expect(toldEarly).toBe(null)
  },
)
