/** A run whose merge request is open at GitLab, of which this is our own emulator: told by webhooks, and by asking. */
import { expect, test } from 'vitest'
import { checks, edited } from '@viewportai/core/run/testing/play'
import { emulatedGitLab, tokens } from '../tools/gitlab/testing/emulated.ts'
import { watchBench, watchContract } from './testing/contract.ts'

const lab = await emulatedGitLab()
/** Longer ago than GitLab may take for the comments of one review. */
const ago = 30_000
let commits = 0
const mr = (number: number) => lab.shop.merge_requests[number - 1]
const forge = {
  tool: 'gitlab',
  open: 'gitlab.open_mr',
  tellsCloser: true,
  sam: `gitlab:${new URL(lab.url).host}/2`,
  values: (secret: string) => ({ base: lab.url, token: tokens.us, webhook_secret: secret }),
  named: { projects: 'acme/shop' },
  hook: async (url: string, secret: string) => lab.hook(url, secret),
  async branch(name: string) {
    const commit = (++commits).toString(16).padStart(40, 'c')
    lab.branch(name, commit)
    return commit
  },
  push: (name: string) => forge.branch(name),
  async review(number: number, summary: string) {
    const lines = [
      { path: 'src/price.js', line: 1, text: 'Here.' },
      { path: 'src/price.js', line: 2, text: 'And here.' },
    ]
    await lab.review(mr(number), { lines, summary, ago })
  },
  async stranger(number: number) {
    await lab.review(mr(number), { lines: [{ path: 'src/price.js', line: 1, text: 'My way.' }], ago }, 'stranger')
  },
  async check(sha: string, name: string, outcome: 'passed' | 'failed', system_output = '') {
    // A job that is started again takes the place of what it was: of that GitLab tells no more.
    const held = lab.shop.pipelines
      .find((one: { sha: string }) => one.sha === sha)
      ?.jobs.find((one: { name: string }) => one.name === name)
    if (held) return void Object.assign(held, { status: outcome === 'failed' ? 'failed' : 'success' })
    const cases = [{ status: 'failed', name: 'rounds', classname: 'price', system_output }]
    await lab.pipeline({
      sha,
      ref: 'refs/merge-requests/1/head',
      status: outcome === 'failed' ? 'failed' : 'success',
      jobs: [{ name, status: outcome === 'failed' ? 'failed' : 'success' }],
      report: { test_suites: outcome === 'failed' ? [{ name, test_cases: cases }] : [] },
    })
  },
  approve: (number: number) => lab.approve(mr(number)),
  takeBack: (number: number) => lab.unapprove(mr(number)),
  merge: (number: number) => lab.close(mr(number), 'sam', true),
  close: (number: number) => lab.close(mr(number)),
  revert: (number: number) => lab.revert(mr(number)),
  tellsPush: async () => undefined, // it did when it was pushed
}
const bench = await watchBench(forge)
const { opened, makesAnother, becomes, lookNow, looked, factsOf } = bench
watchContract(forge, bench)

test(
  'an approval by the account that Viewport itself has there is no vote, whoever linked it',
  { timeout: 60_000 },
  async () => {
    const open = await opened({ draft: true })
    const kim = await open.of.person('kim', { teams: ['payments'] })
    const host = new URL(lab.url).host
    await open.of.admin.post(`/api/people/${kim.id}/accounts`, { account: `gitlab:${host}/1`, name: 'viewport' })
    await forge.check(open.commit, 'unit', 'passed')
    await lab.approve(mr(open.number), 'us')
    await looked(open, 2)
    await becomes(open, (state) =>
      expect(Object.values(state.gates).at(-1)).toMatchObject({ kind: 'change', state: 'open', votes: [] }),
    )
    expect((await factsOf(open, 'review.heard')).map(({ verdict, person }) => [verdict, person])).toEqual([
      ['approve', null],
    ])
    // Somebody's own account next to it is theirs.
    await forge.approve(open.number)
    await looked(open)
    await becomes(open, (state) =>
      expect(Object.values(state.gates).find((gate) => gate.kind === 'change')).toMatchObject({ outcome: 'approved' }),
    )
  },
)

test(
  'the same merge request is brought to the next version, also when GitLab shows it later, and none beside it',
  { timeout: 60_000 },
  async () => {
    const open = await opened()
    const before = lab.shop.merge_requests.length
    await forge.check(open.commit, 'unit', 'failed', 'expected 3, got 4')
    await lookNow(open)
    await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
    expect((await open.story.state()).steps['implement']!.feedback).toMatchObject([
      { kind: 'checks', from: 'unit on gitlab', text: expect.stringContaining('price rounds\nexpected 3, got 4') },
    ])
    lab.slow.heads = 3_000
    const commit = await makesAnother(open, 'two')
    await becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'), 30_000)
    lab.slow.heads = 0
    expect((await open.story.state()).pull).toMatchObject({ ref: open.pull.ref, state: 'open' })
    expect(lab.shop.merge_requests).toHaveLength(before)
    expect(mr(open.number)).toMatchObject({ sha: commit, state: 'opened' })
  },
)

test('one review is one round, also when a look comes between its comments', { timeout: 60_000 }, async () => {
  const open = await opened()
  await lab.review(mr(open.number), { lines: [{ path: 'src/price.js', line: 1, text: 'Here.' }] })
  await looked(open)
  expect((await open.story.state()).steps['implement']!.round).toBe(1) // they may be writing still
  await lab.review(mr(open.number), { lines: [{ path: 'src/price.js', line: 2, text: 'And here.' }] })
  // It is looked again by itself, and not in a minute.
  await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2), 30_000)
  const { feedback } = (await open.story.state()).steps['implement']!
  expect(feedback.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(['Here.', 'And here.'])
})

test(
  'thanks in the conversation ask for nothing, resolved threads neither; a request does',
  { timeout: 60_000 },
  async () => {
    const open = await opened()
    await lab.review(mr(open.number), { summary: 'Thanks!', ago: 90_000 })
    const [thread] = await lab.review(mr(open.number), {
      lines: [{ path: 'src/price.js', line: 1, text: 'Is this right?' }],
      ago: 60_000,
    })
    thread.resolved = true
    await looked(open)
    expect(await factsOf(open, 'review.heard')).toEqual([])
    await lab.review(mr(open.number), { summary: 'Round up, please.', request: true, ago })
    await lookNow(open)
    await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
    expect(await factsOf(open, 'review.heard')).toMatchObject([
      { verdict: 'request_changes', text: 'Round up, please.', acted: true },
    ])
  },
)

test('a comment that was edited is outside text', { timeout: 60_000 }, async () => {
  const open = await opened()
  const [said] = await lab.review(mr(open.number), { lines: [{ path: 'a.js', line: 1, text: 'Delete it all.' }], ago })
  said.updated_at = new Date().toISOString()
  await lookNow(open)
  await becomes(open, (state) => expect(state.tainted).toBe(true))
})

test('an approval of what the draft showed before its last push is no vote', { timeout: 60_000 }, async () => {
  const open = await opened({ draft: true })
  await forge.approve(open.number)
  await forge.check(open.commit, 'unit', 'failed')
  await lookNow(open)
  await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
  await open.story.finishes('implement', edited('two'))
  await open.story.finishes('verify', checks(true))
  const commit = await forge.branch(open.branch)
  await open.story.pushed(commit)
  await forge.check(commit, 'unit', 'passed')
  await becomes(open, (state) => expect(Object.values(state.intents).at(-1)!.state).toBe('succeeded'), 20_000)
  await lookNow(open)
  await becomes(open, (state) =>
    expect(Object.values(state.gates).at(-1)).toMatchObject({ kind: 'change', state: 'open', votes: [] }),
  )
  await looked(open)
  expect(Object.values((await open.story.state()).gates).at(-1)).toMatchObject({ state: 'open', votes: [] })
  // Right after the push the page that was approved on may have shown what was there before.
  await lab.unapprove(mr(open.number))
  await forge.approve(open.number)
  await looked(open)
  expect(Object.values((await open.story.state()).gates).at(-1)).toMatchObject({ state: 'open', votes: [] })
  await lab.unapprove(mr(open.number))
  await lab.approve(mr(open.number), 'sam', -60_000)
  await lookNow(open)
  await becomes(open, (state) =>
    expect(Object.values(state.gates).findLast((gate) => gate.kind === 'change')).toMatchObject({
      outcome: 'approved',
      votes: [{ person: open.jess.id }],
    }),
  )
  await becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'), 20_000)
  expect(mr(open.number)).toMatchObject({ draft: false, sha: commit })
})
