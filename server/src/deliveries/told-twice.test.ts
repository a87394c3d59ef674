/** One event that two connections of a workspace tell, with the real intake by signed webhooks of GitHub. */
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { readied } from '../tools/testing/bench.ts'

const hub = await emulatedGitHub()
const elsewhere = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
let count = 0

const fileOf = (name: string, more = ''): string =>
  `name: ${name}\nteam: payments\ntrigger: { github: { event: [issue_comment, issue_labeled]${more} } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`

/** A workspace with a connection by the first token and one by the second; where each of them is told something. */
const ready = async ({ base = hub.url, workflow = fileOf('triage') } = {}) => {
  const of = await workspace(`t${++count}`, ['payments'])
  const urls: string[] = []
  const { sam } = await readied(db, of, {
    account: `github:${host}/${hub.ids.sam}`,
    url: `https://${host}/acme/shop.git`,
    connect: async () => {
      for (const [name, at] of [
        ['first', hub.url],
        ['second', base],
      ] as const) {
        const values = { base: at, token: tokens.us, webhook_secret: secret }
        const { status, body } = await of.admin.post('/api/connections', { tool: 'github', name, values })
        expect(status, JSON.stringify(body)).toBe(201)
        urls.push(body.connection.url)
      }
    },
    workflows: [workflow],
  })
  if (base !== hub.url)
    await of.admin.post(`/api/people/${sam.id}/accounts`, {
      account: `github:${new URL(base).host}/${elsewhere.ids.sam}`,
      name: 'Sam',
    })
  const settled = (delivery: string) =>
    vi.waitFor(
      async () => {
        const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
        expect(body.state).not.toBe('stored')
        return body as { id: string; outcome: string; verdict: string; runs: { number: number }[]; sameAs: string }
      },
      { timeout: 20_000, interval: 30 },
    )
  const [first, second] = urls as [string, string]
  return { of, first, second, settled }
}

/** A comment of sam at a GitHub, as it is told at any address. */
const commented = async (at = hub) => {
  const issue = await at.ask('POST', '/repos/acme/shop/issues', { title: `Issue ${++count}`, body: 'x' }, tokens.sam)
  const path = `/repos/acme/shop/issues/${issue.number}/comments`
  const comment = await at.ask('POST', path, { body: 'Look' }, tokens.sam)
  const repository = await at.ask('GET', '/repos/acme/shop')
  const payload = { action: 'created', issue, comment, repository, sender: comment.user }
  return {
    issue: Number(issue.number),
    comment: Number(comment.id),
    tell: (url: string) => sendSigned(url, secret, 'issue_comment', payload),
  }
}

test('starts a workflow once, whichever tells it first, and the other one says whose run it is', async () => {
  const { first, second, settled } = await ready()
  for (const [n, urls] of [
    [first, second],
    [second, first],
  ].entries()) {
    const { tell } = await commented()
    const one = await settled(await tell(urls[0]!))
    expect(one.verdict).toBe(`triage started run ${n + 1}.`)
    const other = await settled(await tell(urls[1]!))
    expect(other).toMatchObject({
      outcome: 'duplicate',
      runs: [],
      verdict: `triage was not started again: another connection told of this event as well, and run ${n + 1} is of that (${one.id}).`,
    })
    expect(await settled(await tell(urls[1]!))).toMatchObject({ outcome: 'duplicate', runs: [] })
  }
})

test('told at both addresses at one moment, again and again, it starts once', async () => {
  const { of, first, second, settled } = await ready()
  for (let n = 0; n < 6; n++) {
    const { tell } = await commented()
    const all = await Promise.all([first, second, first, second].map(async (url) => settled(await tell(url))))
    expect(all.flatMap(({ runs }) => runs)).toHaveLength(1)
  }
  expect((await of.admin.get('/api/runs')).body.rows).toHaveLength(6)
})

test('what a label is told by differs by a second between the two: it is one event all the same', async () => {
  const { first, second, settled } = await ready()
  const made = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'Old', body: 'x' }, tokens.sam)
  const time = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString().replace(/\.\d+/, '')
  const tell = async (url: string, seconds: number) =>
    sendSigned(url, secret, 'issues', {
      action: 'labeled',
      issue: { ...made, created_at: time(-3_600), updated_at: time(seconds) },
      label: { id: 7, name: 'bug' },
      repository: await hub.ask('GET', '/repos/acme/shop'),
      sender: await hub.ask('GET', '/users/sam'),
    })
  expect(await settled(await tell(first, -10))).toMatchObject({ outcome: 'started' })
  expect(await settled(await tell(second, -9))).toMatchObject({ outcome: 'duplicate', runs: [] })
})

test('a workflow that the first telling did not start is started by the second, and only that one', async () => {
  const { of, first, second, settled } = await ready()
  const { tell } = await commented()
  await settled(await tell(first))
  await of.admin.post('/api/workflows', { source: fileOf('late') })
  await of.admin.put('/api/workflows/late/enabled', { enabled: true })
  const { verdict, runs } = await settled(await tell(second))
  expect(runs).toHaveLength(1)
  expect(verdict).toMatch(/^(?=.*late started run 2)(?=.*triage was not started again)/)
})

test('a start that came to nothing holds nothing back: the other telling starts', async () => {
  const skips = `${fileOf('triage')}concurrency: { key: all, limit: 1, when_full: skip }\n`
  const { of, first, second, settled } = await ready({ workflow: skips })
  await settled(await (await commented()).tell(first)) // takes the only place
  const { tell } = await commented()
  expect(await settled(await tell(first))).toMatchObject({ outcome: 'ignored', runs: [] })
  expect((await of.admin.post('/api/runs/1/cancellation', { reason: 'Makes room.' })).status).toBe(202)
  await vi.waitFor(async () => expect((await of.admin.get('/api/runs/1')).body.outcome).toBe('cancelled'), {
    timeout: 20_000,
  })
  expect(await settled(await tell(second))).toMatchObject({ outcome: 'started' })
})

test('of two servers, whose numbers may be alike, each event is its own', async () => {
  const { first, second, settled } = await ready({ base: elsewhere.url })
  const here = await commented()
  // As many issues without a comment as at the first one, then as many comments.
  for (let n = here.issue - here.comment; n > 0; n--)
    await elsewhere.ask('POST', '/repos/acme/shop/issues', { title: 'Another', body: 'x' }, tokens.sam)
  let there = await commented(elsewhere)
  while (there.comment < here.comment) there = await commented(elsewhere)
  expect(there).toMatchObject({ comment: here.comment, issue: here.issue })
  expect(await settled(await here.tell(first))).toMatchObject({ outcome: 'started' })
  expect(await settled(await there.tell(second))).toMatchObject({ outcome: 'started' })
})

test('a backtest plays it as one, of a draft as well', async () => {
  const { of, first, second, settled } = await ready()
  const { tell } = await commented()
  await settled(await tell(first))
  await settled(await tell(second))
  await settled(await (await commented()).tell(second))
  const play = async (source: string) => (await of.admin.post('/api/backtests', { source })).body
  expect(await play(fileOf('triage'))).toMatchObject({ draft: { starts: 2 }, current: { starts: 2 } })
  expect((await play(fileOf('another'))).draft).toMatchObject({ starts: 2 })
  const apart = await inWorkspace(db, of.id, async (tx) =>
    tx.query('update vp.deliveries set became = null where workspace = $1', [of.id]),
  )
  expect(apart.rowCount).toBeGreaterThan(2)
  expect(await play(fileOf('triage'))).toMatchObject({ draft: { starts: 2 }, current: { starts: 2 } })
})
