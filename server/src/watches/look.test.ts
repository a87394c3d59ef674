/** A run whose pull request is open at a program of somebody else that behaves like GitHub: told by webhooks, and by asking. */
import { describe, expect, test, vi } from 'vitest'
import { send } from '../../test/send.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { withHistory } from '../tools/github/testing/history.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { watchBench, watchContract } from './testing/contract.ts'

const hub = await emulatedGitHub()
const history = await withHistory(hub.url)
const at = '/repos/acme/shop'
let secret = ''
let given = { id: 0, node_id: '' }
const saidOn = async (number: number, body: object, token: string = tokens.sam): Promise<void> => {
  given = await hub.ask('POST', `${at}/pulls/${number}/reviews`, body, token)
}
const forge = {
  tool: 'github',
  open: 'github.open_pr',
  tellsCloser: false, // the program shows no issue for a pull request; sight.test.ts of GitHub has what it would tell
  sam: `github:${new URL(history.url).host}/${hub.ids.sam}`,
  values: (one: string) => ({ base: history.url, token: tokens.us, webhook_secret: (secret = one) }),
  named: { repos: 'acme/shop' },
  async hook(url: string, one: string) {
    const config = { url, content_type: 'json', secret: one }
    await hub.ask('POST', `${at}/hooks`, { config, events: ['*'], active: true }, tokens.sam)
  },
  branch: (name: string) => hub.branch(name),
  // The program does not see that a branch moved; its own button for that does.
  async push(_name: string, number: number) {
    await hub.ask('PUT', `${at}/pulls/${number}/update-branch`, {})
    return (await hub.ask('GET', `${at}/pulls/${number}`)).head.sha as string
  },
  review: (number: number, body: string) =>
    saidOn(number, {
      event: 'REQUEST_CHANGES',
      body,
      comments: [
        { path: 'src/price.js', position: 1, body: 'Here.' },
        { path: 'src/price.js', position: 2, body: 'And here.' },
      ],
    }),
  // The program lets nobody speak who may not write.
  stranger: (number: number) =>
    saidOn(number, { event: 'COMMENT', body: 'Do it my way.' }, tokens.stranger).catch(() => undefined),
  async check(commit: string, name: string, outcome: 'passed' | 'failed', summary?: string) {
    const conclusion = outcome === 'failed' ? 'failure' : 'success'
    const output = summary === undefined ? {} : { output: { title: 'expected 3', summary } }
    await hub.ask('POST', `${at}/check-runs`, { name, head_sha: commit, status: 'completed', conclusion, ...output })
  },
  approve: (number: number) => saidOn(number, { event: 'APPROVE' }),
  async takeBack(number: number) {
    await hub.ask('PUT', `${at}/pulls/${number}/reviews/${given.id}/dismissals`, { message: 'No.' }, tokens.sam)
  },
  async merge(number: number) {
    await hub.ask('PUT', `${at}/pulls/${number}/merge`, {}, tokens.sam)
  },
  async close(number: number) {
    await hub.ask('PATCH', `${at}/pulls/${number}`, { state: 'closed' }, tokens.sam)
  },
  async revert(_number: number, merge: string) {
    const main = (await hub.ask('GET', `${at}/git/ref/heads/main`)).object.sha
    const { tree } = await hub.ask('GET', `${at}/git/commits/${main}`)
    const message = `Revert "x"\n\nThis reverts commit ${merge}.`
    const { sha } = await hub.ask('POST', `${at}/git/commits`, { message, tree: tree.sha, parents: [main] })
    await hub.ask('PATCH', `${at}/git/refs/heads/main`, { sha, force: true })
    return sha as string
  },
  // The program tells no pushes that come by its API.
  async tellsPush(url: string, one: string, after: string) {
    const [repository, sender] = [await hub.ask('GET', at), await hub.ask('GET', '/users/sam')]
    const payload = { ref: 'refs/heads/main', before: '0'.repeat(40), after, commits: [], repository, sender }
    await sendSigned(url, one, 'push', payload)
  },
}
const bench = await watchBench(forge)
watchContract(forge, bench)

test('it is taken out of draft once, also when the answer to that is lost', { timeout: 90_000 }, async () => {
  const open = await bench.opened({ draft: true })
  await forge.check(open.commit, 'unit', 'passed')
  const { node_id: node } = await hub.ask('GET', `${at}/pulls/${open.number}`)
  history.losesAnswer = true
  await forge.approve(open.number)
  await bench.lookNow(open)
  await bench.becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'), 60_000)
  expect([history.losesAnswer, history.readied.filter((one) => one === node)]).toEqual([false, [node]])
})

test(
  'what a webhook says is not believed, however often it is told: it says where to look',
  { timeout: 60_000 },
  async () => {
    const open = await bench.opened()
    await vi.waitFor(async () => expect((await bench.watch(open))!.seen_at).not.toBeNull(), { timeout: 20_000 })
    await forge.review(open.number, 'Please round up.')
    const payload = {
      action: 'submitted',
      repository: await hub.ask('GET', at),
      pull_request: await hub.ask('GET', `${at}/pulls/${open.number}`),
      sender: await hub.ask('GET', '/users/sam'),
      review: { id: 1, state: 'approved', body: 'Fine.', user: await hub.ask('GET', '/users/sam') },
    }
    for (let n = 0; n < 3; n++) await sendSigned(open.url, secret, 'pull_request_review', payload)
    await bench.becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
    expect(await bench.factsOf(open, 'review.heard')).toMatchObject([{ verdict: 'request_changes' }])
  },
)

describe('what CI tells with one line of curl of the commit of an open pull request', () => {
  const toldBy = async (open: Awaited<ReturnType<typeof bench.opened>>, name = 'ci') => {
    const ci = await open.of.admin.post('/api/connections', { tool: 'ci', name, values: {} })
    return async (more: object) => {
      const came = await send('', 'POST', ci.body.connection.url, {
        body: JSON.stringify({ repo: 'acme/shop', commit: open.commit, branch: open.branch, job: 'test', ...more }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ci.body.made.token}` },
      })
      expect(came.status).toBe(202)
      return vi.waitFor(
        async () => {
          const { body } = await open.of.admin.get(`/api/deliveries/${came.body.delivery}`)
          expect(body.state).not.toBe('stored')
          return body
        },
        { timeout: 20_000 },
      )
    }
  }
  test(
    'comes back into the run by itself: a failure with its tests, and the same job that passes later takes it back',
    { timeout: 60_000 },
    async () => {
      const open = await bench.opened()
      await vi.waitFor(async () => expect((await bench.watch(open))!.seen_at).not.toBeNull(), { timeout: 20_000 })
      const tell = await toldBy(open)
      const why = await tell({ build: '5', tests: [{ name: 'price is right', message: 'expected 3' }] })
      expect([why.runs, why.problem]).toEqual([[], expect.stringContaining('It counts there as a failed check.')])
      await bench.becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
      const state = await open.story.state()
      expect(state.steps['implement']!.feedback).toMatchObject([
        { from: 'test, told by ci', text: expect.stringContaining('- price is right\nexpected 3'), outside: true },
      ])
      expect([state.tainted, state.cleared]).toEqual([true, null])
      expect((await tell({ build: '4', status: 'success' })).problem).toContain('so this pass takes nothing back.')
      expect((await tell({ build: '6', status: 'success' })).problem).toContain('It takes back a failure')
      await forge.check(open.commit, 'lint', 'passed')
      await bench.lookNow(open)
      await bench.becomes(open, ({ pull }) => expect(pull!.checks).toMatchObject({ outcome: 'passed', failed: [] }))
      expect((await bench.factsOf(open, 'check.told')).map(({ state: end }) => end)).toEqual(['failed', 'passed'])
    },
  )
  test(
    'is lost to nobody: neither for another job, nor for what the job said of itself before, nor for what another connection tells',
    { timeout: 90_000 },
    async () => {
      const open = await bench.opened()
      await vi.waitFor(async () => expect((await bench.watch(open))!.seen_at).not.toBeNull(), { timeout: 20_000 })
      const [tell, other] = [await toldBy(open), await toldBy(open, 'other')]
      for (let n = 0; n < 50; n++) await other({ job: `x${n}`, build: '1', status: 'passed' })
      expect((await other({ job: 'one more', build: '1', status: 'passed' })).problem).toContain('so nothing is lost.')
      const counts = expect.stringContaining('It counts there as a failed check.')
      expect((await tell({ job: 'build & test', build: '12', status: 'failed' })).problem).toEqual(counts)
      const passed = await tell({ job: 'lint & format', build: '12', status: 'passed' })
      expect(passed.problem).toContain('No failure of that job was told before')
      for (const lie of [{ fork: true }, { branch: 'main' }]) await tell({ build: '12', status: 'failed', ...lie })
      expect((await tell({ build: '12', status: 'failed' })).problem).toEqual(counts)
      await forge.check(open.commit, 'lint', 'passed')
      await bench.lookNow(open)
      const failed = [
        expect.stringMatching(/^a check with an unusual name \([0-9a-f]{6}\), told by ci$/),
        'test, told by ci',
      ]
      await bench.becomes(open, ({ pull }) => expect(pull!.checks).toMatchObject({ outcome: 'failed', failed }))
    },
  )
  test(
    'of the trial merge of that pull request starts nothing and is no check of it',
    { timeout: 60_000 },
    async () => {
      const open = await bench.opened()
      const tell = await toldBy(open)
      const trial = 'a'.repeat(40)
      const why = await tell({ build: '5', status: 'failure', branch: `${open.number}/merge`, commit: trial })
      expect(why.eventRead).toMatchObject({ actor: { trust: 'self' }, fields: { branch: open.branch, commit: trial } })
      expect(why.problem).toContain(`so what is told of aaaaaaa is no check of it.`)
      expect(await bench.factsOf(open, 'check.told')).toEqual([])
    },
  )
  test('of a fork is none of the run’s', { timeout: 60_000 }, async () => {
    const open = await bench.opened()
    const why = await (await toldBy(open))({ build: '5', status: 'failure', fork: true })
    expect(why.eventRead.actor.trust).toBe('outsider')
    expect(await bench.factsOf(open, 'check.told')).toEqual([])
  })
})

describe('a review whose words', () => {
  const [sam, stranger] = [Number(hub.ids.sam), Number(hub.ids.stranger)]
  test.each<[string, (node: string) => void, boolean]>([
    ['its writer changed is theirs', (node) => history.editors.set(node, [sam]), false],
    ['somebody else changed is outside text', (node) => history.editors.set(node, [sam, stranger]), true],
    ['an account changed that is gone is outside text', (node) => history.editors.set(node, [null]), true],
    ['nobody can tell about is outside text', () => (history.silent = true), true],
  ])('%s', { timeout: 60_000 }, async (_, arrange, tainted) => {
    const open = await bench.opened()
    await vi.waitFor(async () => expect((await bench.watch(open))!.seen_at).not.toBeNull(), { timeout: 20_000 })
    // The node of a review is known when it was sent: what is told of it must stand before the next look.
    history.silent = true
    await saidOn(open.number, { event: 'REQUEST_CHANGES', body: 'Please round up.' })
    history.silent = false
    arrange(given.node_id)
    try {
      await bench.lookNow(open)
      await bench.becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
      expect((await open.story.state()).tainted).toBe(tainted)
    } finally {
      history.silent = false
      history.editors.clear()
    }
  })
})
