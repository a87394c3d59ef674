/** How long is an event known, and what happens to a delivery that somebody recorded? With the real intake, by signed webhooks of GitHub. */
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { readied } from '../tools/testing/bench.ts'
import { forgetSeen, rememberedMillis } from './seen.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
const [repository, sam] = [await hub.ask('GET', '/repos/acme/shop'), await hub.ask('GET', '/users/sam')]
const day = 86_400_000
let count = 0

const ready = async () => {
  const of = await workspace(`s${++count}`, ['payments'])
  let url = ''
  await readied(db, of, {
    account: `github:${host}/${hub.ids.sam}`,
    url: `https://${host}/acme/shop.git`,
    connect: async () => {
      const values = { base: hub.url, token: tokens.us, webhook_secret: secret }
      url = (await of.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection.url
    },
    workflows: [
      `name: triage\nteam: payments\ntrigger: { github: { event: [issue_opened, push] } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`,
    ],
  })
  const send = async (event: string, payload: object) => {
    const delivery = await sendSigned(url, secret, event, { repository, sender: sam, ...payload })
    return vi.waitFor(
      async () => {
        const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
        expect(body.state).not.toBe('stored')
        return body as { outcome: string; verdict: string; runs: object[] }
      },
      { timeout: 20_000, interval: 30 },
    )
  }
  const query = <T extends object>(text: string, ...more: unknown[]) =>
    inWorkspace(db, of.id, async (tx) => (await tx.query<T>(text, [of.id, ...more])).rows)
  return {
    of,
    send,
    query,
    /** As if all that is remembered had come so long ago (ms). */
    age: (millis: number) => query('update vp.seen_events set at = at - $2 where workspace = $1', millis),
    names: async () =>
      (await query<{ event: string }>('select event from vp.seen_events where workspace = $1 order by event')).map(
        ({ event }) =>
          event
            .replace(/^con_\w+ /, '')
            .replace(`${host} `, '')
            .replace(/:.*/s, ''),
      ),
  }
}
const opened = (number: number, ago: number) => {
  const at = new Date(Date.now() - ago).toISOString()
  return { action: 'opened', issue: { number, title: 'A bug', body: 'x', user: sam, created_at: at, updated_at: at } }
}
const push = (pushedAgo: number | null) => ({
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: String(++count).padStart(40, '0'),
  // The commit itself is years old.
  commits: [{ id: 'b'.repeat(40), message: 'Mend', timestamp: '2020-01-01T00:00:00Z' }],
  repository: {
    ...repository,
    pushed_at: pushedAgo === null ? undefined : Math.floor((Date.now() - pushedAgo) / 1_000),
  },
})

test('a recorded delivery starts nothing while its event is remembered, and nothing once that is forgotten', async () => {
  const here = await ready()
  const recorded = opened(1, 0)
  const at = new Date(Date.parse(recorded.issue.created_at) - rememberedMillis - 2 * day).toISOString()
  Object.assign(recorded.issue, { created_at: at, updated_at: at })
  // Nothing was forgotten here yet, so also what happened long ago is known to be new.
  expect((await here.send('issues', recorded)).verdict).toBe('triage started run 1.')
  expect((await here.send('issues', recorded)).verdict).toContain('The same event came before')
  await here.age(rememberedMillis - day)
  expect(await forgetSeen(db, here.of.id)).toBe(0)
  await here.age(3 * day)
  expect(await forgetSeen(db, here.of.id)).toBe(1)
  expect(await here.names()).toEqual([])
  expect(await here.send('issues', recorded)).toMatchObject({
    outcome: 'ignored',
    runs: [],
    verdict: expect.stringMatching(
      /^It says that it happened on \d{4}-\d\d-\d\d\. Events are remembered for 90 days, so nobody can tell whether one from before \d{4}-\d\d-\d\d came already: it started nothing\.$/,
    ),
  })
  // At the very edge of what was forgotten nobody can tell, either.
  expect((await here.send('issues', opened(4, rememberedMillis + day / 2))).outcome).toBe('ignored')
  // What happened since is as before.
  expect((await here.send('issues', opened(2, 0))).verdict).toBe('triage started run 2.')
  expect((await here.send('issues', opened(3, 60 * day))).verdict).toBe('triage started run 3.')
})

test('an issue that was moved here is as old as its telling, and a push as its pushing', async () => {
  const here = await ready()
  await here.send('issues', opened(1, 100 * day))
  await here.age(100 * day)
  await forgetSeen(db, here.of.id)
  const moved = opened(2, 100 * day)
  moved.issue.updated_at = new Date().toISOString()
  expect((await here.send('issues', moved)).runs).toHaveLength(1)
  expect((await here.send('push', push(60_000))).runs).toHaveLength(1)
  expect((await here.send('push', push(100 * day))).verdict).toContain('so nobody can tell')
})

test('what tells no time of its own, or one that is still to come, is never forgotten: its recorder could send it for ever', async () => {
  const here = await ready()
  const undated = push(null)
  await here.send('push', undated)
  await here.send('issues', opened(1, -400 * day))
  await here.send('issues', opened(2, 0))
  await here.age(200 * day)
  expect(await forgetSeen(db, here.of.id)).toBe(1)
  expect(await here.names()).toEqual(['issue_opened', 'push'])
  expect((await here.send('push', undated)).verdict).toContain('The same event came before')
})

test('what a tool tells that signs each sending, or whose sender is the team itself, is forgotten without a time of its own', async () => {
  const here = await ready()
  const { body } = await here.of.admin.post('/api/connections', { tool: 'ci', name: 'ci', values: {} })
  const told = await fetch(`${body.connection.url}?repo=acme/shop&commit=0123456789&job=test&status=failed`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.made.token}`, 'content-type': 'application/xml' },
  })
  expect(told.status).toBe(202)
  await vi.waitFor(async () => expect(await here.names()).toEqual(['build_failed']), { timeout: 20_000, interval: 30 })
  expect(await here.query('select keep from vp.seen_events where workspace = $1')).toEqual([{ keep: false }])
  await here.age(rememberedMillis + 2 * day)
  expect(await forgetSeen(db, here.of.id)).toBe(1)
})

test('they are forgotten some at a time, of each tool what is its own, and another workspace keeps its own', async () => {
  const [here, other] = [await ready(), await ready()]
  const many = `insert into vp.seen_events (workspace, tool, event, delivery, at) select $1, tool, 'e' || n, 'dlv_x', vp.now_ms() - $2 from generate_series(1, 6000) n, unnest(array['linear', 'ci']) tool`
  await here.query(many, 100 * day)
  await other.query(many, 100 * day)
  await here.query(
    `insert into vp.seen_events (workspace, tool, event, delivery) values ($1, 'slack', 'message:C1:1', 'dlv_x')`,
  )
  expect(await forgetSeen(db, here.of.id)).toBe(12_000)
  expect(await here.names()).toEqual(['message'])
  const until = await here.query<{ tool: string }>(
    'select tool from vp.forgotten_events where workspace = $1 order by tool',
  )
  expect(until.map(({ tool }) => tool)).toEqual(['ci', 'linear'])
  expect(await other.names()).toHaveLength(12_000)
})
