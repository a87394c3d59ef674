/** A run whose pull request is open at a program of somebody else that behaves like GitHub: told by webhooks, and by asking. */
import { createHmac } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { Story, toChangeGate } from '../../test/story.ts'
import { specOf } from '@viewportai/core/run/testing/play'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
let count = 0

/** A run whose pull request is open, or stands as a draft. jess is the account sam at the forge. */
const opened = async ({ draft = false, base = hub.url } = {}) => {
  const of = await workspace(`w${++count}`, ['payments'])
  const jess = await of.person(`jess${count}`, { teams: ['payments'] })
  await of.admin.post(`/api/people/${jess.id}/accounts`, {
    account: `github:${new URL(hub.url).host}/${hub.ids.sam}`,
    name: 'sam',
  })
  await pairedRunner(db, of.id)
  const made = await of.admin.post('/api/connections', {
    tool: 'github',
    name: 'github',
    values: { base, token: tokens.us, webhook_secret: secret },
  })
  expect(made.status).toBe(201)
  const read = compileWorkflow(
    `name: mend\nteam: payments\nrepos: [acme/shop]\ntrigger: manual\nactions: [{ github.open_pr: { draft: ${draft} } }]\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const spec = specOf(read.compiled)
  const branch = `vp/bug-${count}`
  const story = await new Story(db, of.id).start({
    ...spec,
    branch: `refs/heads/${branch}`,
    pins: { ...spec.pins, repos: [{ ...spec.pins.repos[0]!, url: 'file:///srv/git/acme/shop.git' }] },
  })
  await story.finishes('plan', planned)
  await story.vote('jess', 'approve')
  await toChangeGate(story).catch(() => undefined)
  if (!draft) await story.vote('dana', 'approve')
  const commit = await hub.branch(branch)
  await story.pushed(commit)
  await vi.waitFor(async () => expect((await story.state()).pull?.state).toBe('open'), {
    timeout: 20_000,
    interval: 50,
  })
  const { pull } = await story.state()
  return {
    of,
    jess,
    story,
    commit,
    branch,
    pull: pull!,
    number: Number(pull!.ref.split('#')[1]),
    url: made.body.connection.url as string,
  }
}
type Open = Awaited<ReturnType<typeof opened>>

const saidOn = (
  { number }: Open,
  body: { event: string; body?: string; comments?: object[] },
  token: string = tokens.sam,
): Promise<{ id: number }> => hub.ask('POST', `/repos/acme/shop/pulls/${number}/reviews`, body, token)
const checked = ({ commit }: Open, name: string, conclusion: string, more = {}) =>
  hub.ask('POST', '/repos/acme/shop/check-runs', { name, head_sha: commit, status: 'completed', conclusion, ...more })
const becomes = (open: Open, check: (state: Awaited<ReturnType<Story['state']>>) => void) =>
  vi.waitFor(async () => check(await open.story.state()), { timeout: 15_000, interval: 50 })
/** Looks now, and not in a minute. */
const lookNow = ({ of }: Open) =>
  inWorkspace(db, of.id, (tx) => tx.query('update vp.watches set next_at = 0 where workspace = $1', [of.id]))
const watch = async ({ of }: Open) =>
  (
    await inWorkspace(db, of.id, (tx) =>
      tx.query<{ seen_at: number | null; problem: string | null; state: string }>(
        'select seen_at, problem, state from vp.watches where workspace = $1',
        [of.id],
      ),
    )
  ).rows[0]
const factsOf = async ({ of, story }: Open, type: string) =>
  (
    await inWorkspace(db, of.id, (tx) =>
      tx.query<{ text: string }>(
        'select text from vp.facts where workspace = $1 and run = $2 and type = $3 order by seq',
        [of.id, story.run, type],
      ),
    )
  ).rows.map((row) => JSON.parse(row.text).data)
const deliver = async ({ url }: Open, event: string, payload: unknown): Promise<void> => {
  const body = JSON.stringify(payload)
  const came = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': `d-${++count}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  })
  expect(came.status).toBe(202)
}

describe('by asking regularly', () => {
  test(
    'a review of a mapped person sends the step back with all its comments; a stranger is shown',
    { timeout: 60_000 },
    async () => {
      const open = await opened()
      expect((await open.story.state()).finished?.outcome).toBe('succeeded')
      await saidOn(open, { event: 'COMMENT', body: 'Do it my way.' }, tokens.stranger).catch(() => undefined)
      await saidOn(open, {
        event: 'REQUEST_CHANGES',
        body: 'Please round up.',
        comments: [
          { path: 'src/price.js', position: 1, body: 'Here.' },
          { path: 'src/price.js', position: 2, body: 'And here.' },
        ],
      })
      await lookNow(open)
      await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
      const state = await open.story.state()
      expect(state.finished).toBeNull()
      expect(state.steps['implement']!.feedback).toEqual([
        {
          from: `@${open.jess.handle}`,
          kind: 'comment',
          text: 'Please round up.',
          body: null,
          lines: [
            { path: 'src/price.js', line: 1, side: 'new', text: 'Here.' },
            { path: 'src/price.js', line: 2, side: 'new', text: 'And here.' },
          ],
        },
      ])
      const { seq } = state
      for (let n = 0; n < 3; n++) {
        const before = (await watch(open))!.seen_at
        await lookNow(open)
        await vi.waitFor(async () => expect((await watch(open))!.seen_at).not.toBe(before), { timeout: 10_000 })
      }
      expect((await open.story.state()).seq).toBe(seq)
      expect(await factsOf(open, 'review.heard')).toMatchObject(
        expect.arrayContaining([expect.objectContaining({ person: open.jess.id, acted: true })]),
      )
    },
  )
  test('failed checks of the head come back once; a merge is a fact with who did it', { timeout: 60_000 }, async () => {
    const open = await opened()
    await checked(open, 'unit', 'failure', { output: { title: 'expected 3', summary: 'got 4' } })
    await checked(open, 'lint', 'success')
    await lookNow(open)
    await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
    expect((await open.story.state()).pull!.checks).toMatchObject({
      head: open.commit,
      outcome: 'failed',
      total: 2,
      failed: ['unit'],
    })
    await hub.ask('PUT', `/repos/acme/shop/pulls/${open.number}/merge`, {}, tokens.sam)
    await lookNow(open)
    await becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'))
    expect(await factsOf(open, 'pull.merged')).toMatchObject([{ ref: open.pull.ref, name: `@${open.jess.handle}` }])
    const merge = (await open.story.state()).pull!.commit!
    const main = (await hub.ask('GET', '/repos/acme/shop/git/ref/heads/main')).object.sha
    const { tree } = await hub.ask('GET', `/repos/acme/shop/git/commits/${main}`)
    const revert = await hub.ask('POST', '/repos/acme/shop/git/commits', {
      message: `Revert "x"\n\nThis reverts commit ${merge}.`,
      tree: tree.sha,
      parents: [main],
    })
    await hub.ask('PATCH', '/repos/acme/shop/git/refs/heads/main', { sha: revert.sha, force: true })
    await lookNow(open)
    await becomes(open, (state) => expect(state.pull!.reverted?.commit).toBe(revert.sha))
    expect(await watch(open)).toBeUndefined()
  })
  test('what cannot be asked is put off and says why; the run does not suffer', { timeout: 60_000 }, async () => {
    const open = await opened()
    await inWorkspace(db, open.of.id, (tx) =>
      tx.query(`update vp.connections set settings = '{"base":"http://127.0.0.1:9"}' where workspace = $1`, [
        open.of.id,
      ]),
    )
    await lookNow(open)
    await vi.waitFor(async () => expect((await watch(open))!.problem).toBeTruthy(), { timeout: 10_000 })
    expect((await open.story.state()).finished?.outcome).toBe('succeeded')
  })
})

describe('by webhooks', () => {
  test(
    'a review, a check and a closing are looked for at once, however often they are told',
    { timeout: 60_000 },
    async () => {
      const open = await opened()
      await vi.waitFor(async () => expect((await watch(open))!.seen_at).not.toBeNull(), { timeout: 10_000 })
      await saidOn(open, { event: 'REQUEST_CHANGES', body: 'Please round up.' })
      const told = {
        action: 'submitted',
        repository: await hub.ask('GET', '/repos/acme/shop'),
        pull_request: await hub.ask('GET', `/repos/acme/shop/pulls/${open.number}`),
        sender: await hub.ask('GET', '/users/sam'),
        // What a webhook says is not believed: it is asked.
        review: { id: 1, state: 'approved', body: 'Fine.', user: await hub.ask('GET', '/users/sam') },
      }
      for (let n = 0; n < 3; n++) await deliver(open, 'pull_request_review', told)
      await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
      await checked(open, 'unit', 'failure')
      for (let n = 0; n < 2; n++)
        await deliver(open, 'check_run', {
          action: 'completed',
          repository: told.repository,
          check_run: { id: 1, name: 'unit', head_sha: open.commit, conclusion: 'failure' },
        })
      await becomes(open, (state) => expect(state.pull!.checks?.outcome).toBe('failed'))
      expect((await open.story.state()).steps['implement']!.round).toBe(2)
      await hub.ask('PATCH', `/repos/acme/shop/pulls/${open.number}`, { state: 'closed' }, tokens.sam)
      await deliver(open, 'pull_request', { ...told, action: 'closed' })
      await becomes(open, (state) => expect(state.finished?.outcome).toBe('rejected'))
      expect(await factsOf(open, 'review.heard')).toHaveLength(1)
      expect(await factsOf(open, 'checks.heard')).toHaveLength(1)
    },
  )
})

describe('a draft first', () => {
  test(
    'an approval at the forge of exactly its head is a vote, and a dismissed one is none',
    { timeout: 60_000 },
    async () => {
      const open = await opened({ draft: true })
      expect(open.pull).toMatchObject({ draft: true, state: 'open' })
      await checked(open, 'unit', 'success')
      const given = await saidOn(open, { event: 'APPROVE' })
      await hub.ask(
        'PUT',
        `/repos/acme/shop/pulls/${open.number}/reviews/${given.id}/dismissals`,
        { message: 'No.' },
        tokens.sam,
      )
      await lookNow(open)
      await becomes(open, (state) =>
        expect(Object.values(state.gates).at(-1)).toMatchObject({ kind: 'change', state: 'open', votes: [] }),
      )
      await saidOn(open, { event: 'APPROVE' })
      await lookNow(open)
      await becomes(open, (state) =>
        expect(Object.values(state.gates).find((gate) => gate.kind === 'change')).toMatchObject({
          outcome: 'approved',
          votes: [{ person: open.jess.id, via: { surface: 'forge', auth: 'account' } }],
        }),
      )
    },
  )
})
