/** Runners that are sent to a tool whose credential they hold: who is sent, what is believed, and what is said when nobody can be sent. The whole control plane, and runners that speak the wire. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { planned, specOf, started } from '@viewportai/core/run/testing/play'
import { openPull } from '@viewportai/core/run/testing/pull-play'
import type { PullSeen, ReviewSeen } from '@viewportai/core/run/pull-seen'
import { errandMisfit, errandGrantType, type SightErrand, type StatusErrand } from '@viewportai/core/wire/errand'
import type { Capabilities, Order, Report } from '@viewportai/core/wire/messages'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { compactVerify, importJWK } from 'jose'
import { Story, toChangeGate } from '../../test/story.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, url, workspace } = await testPlane()
const { db, signing } = plane.context
const base = 'https://ghe.acme.dev/api/v3'
const commit = 'c'.repeat(40)
let n = 0

type Holding = NonNullable<Capabilities['holds']>[number]
const holding = (over: Partial<Holding> = {}): Holding => ({
  tool: 'github',
  connection: null,
  at: base,
  actions: ['github.open_pr'],
  errands: ['sight', 'status'],
  account: { id: '42', name: 'viewport-acme' },
  ...over,
})
type Errand = Extract<Order, { order: 'errand' }>

/** A workspace whose GitHub a runner holds, with a run whose pull request that runner opened. */
const opened = async () => {
  const of = await workspace(`h${++n}`, ['payments'])
  const jess = await of.person(`jess${n}`, { teams: ['payments'] })
  await of.admin.post(`/api/people/${jess.id}/accounts`, { account: 'github:ghe.acme.dev/7', name: 'jess' })
  const edge = await new TestRunner(url).pair(db, of.id, 'edge')
  const hello = (holds: Holding[], who = edge) =>
    who.post('/wire/hello', { capabilities: capabilities({ holds }), holding: [] })
  await hello([holding()])
  const made = await of.admin.post('/api/connections', { tool: 'github', name: 'github', values: { base }, held: true })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const read = compileWorkflow(
    'name: mend\nteam: payments\nrepos: [acme/shop]\ntrigger: manual\nactions: [github.open_pr]\n',
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const spec = specOf(read.compiled)
  const story = await new Story(db, of.id).start({
    ...spec,
    pins: {
      ...spec.pins,
      repos: [{ ...spec.pins.repos[0]!, url: 'https://ghe.acme.dev/acme/shop.git' }],
      held: [{ tool: 'github', connection: 'github', at: base }],
    },
  })
  const by = { kind: 'runner', id: edge.id, name: 'edge' } as const
  await story.doing({ do: 'report', by, step: 'plan', attempt: 1, epoch: 1, report: started })
  await story.report('plan', planned)
  await story.vote('jess', 'approve')
  await toChangeGate(story)
  await story.vote('dana', 'approve')
  await story.pushed(commit)
  const intent = Object.values((await story.state()).intents).find((one) => one.action === 'github.open_pr')!
  expect(intent).toMatchObject({ at: 'runner', state: 'approved' })
  const says = (report: Report) => story.doing({ do: 'report', by, step: intent.id, attempt: 1, epoch: 1, report })
  await says({ type: 'effect_started', intent: intent.id, attempt: 1 })
  const at = 'https://ghe.acme.dev/acme/shop/pull/12'
  await says({
    type: 'effect_succeeded',
    intent: intent.id,
    attempt: 1,
    reconciled: false,
    receipt: {
      provider: 'github',
      id: '12',
      url: at,
      observed: { ref: 'acme/shop#12', number: 12, url: at, commit, draft: false },
      readBack: true,
    },
  })
  expect((await story.state()).pull).toMatchObject({ ref: 'acme/shop#12', state: 'open' })
  return { of, jess, edge, hello, story, connection: made.body.connection.id as string }
}
type Open = Awaited<ReturnType<typeof opened>>

const orders = async (runner: TestRunner, done: string[] = []): Promise<Errand[]> =>
  (await runner.post('/wire/orders', { done, waitSeconds: 0 })).body.orders
const patience = { timeout: 20_000, interval: 100 }
/** The errand that this runner is sent on next. */
const sent = async (runner: TestRunner, what: 'sight' | 'status' = 'sight'): Promise<Errand> =>
  vi.waitFor(async () => {
    const all = await orders(runner)
    const one = all.findLast((order) => order.order === 'errand' && order.asks.what === what)
    expect(one).toBeDefined()
    await orders(runner, [one!.id])
    return one!
  }, patience)
const say = (runner: TestRunner, errand: string, report: object) => runner.post(`/wire/errands/${errand}`, report)
const review = (over: Partial<ReviewSeen> = {}): ReviewSeen => ({
  id: `${++n}`,
  who: { account: '7', name: '@jess', person: null },
  verdict: 'request_changes',
  head: commit,
  text: 'Please round up.',
  lines: [],
  url: null,
  at: 1,
  onChange: true,
  edited: false,
  ours: false,
  ...over,
})
const seen = (over: Partial<PullSeen> = {}, more: object = {}) => ({
  is: 'seen',
  seen: openPull({ ref: 'acme/shop#12', head: commit, ...over }),
  problem: null,
  againMillis: null,
  ...more,
})
const watch = async ({ of, story }: Open) =>
  (
    await inWorkspace(db, of.id, (tx) =>
      tx.query<{ seen_at: number | null; problem: string | null; failures: number; held_until: number }>(
        'select seen_at, problem, failures, held_until from vp.watches where workspace = $1 and run = $2',
        [of.id, story.run],
      ),
    )
  ).rows[0]!
const set = ({ of }: Open, table: 'watches' | 'errands' | 'run_statuses', what: string) =>
  inWorkspace(db, of.id, (tx) => tx.query(`update vp.${table} set ${what} where workspace = $1`, [of.id]))
const factsOf = async ({ of, story }: Open, type: string) =>
  (
    await inWorkspace(db, of.id, (tx) =>
      tx.query<{ text: string }>('select text from vp.facts where workspace = $1 and run = $2 and type = $3', [
        of.id,
        story.run,
        type,
      ]),
    )
  ).rows.map(({ text }) => JSON.parse(text))

let open: Open
beforeEach(async () => {
  open = await opened()
}, 60_000)

test('the holder is sent with a grant for exactly that question, and what it brings sends the run back, as its word', async () => {
  const { edge, story, connection } = open
  const { errand, asks, grant } = await sent(edge)
  expect(asks).toMatchObject({
    what: 'sight',
    run: story.run,
    tool: 'github',
    connection: { id: connection, name: 'github', at: base },
    repos: [{ name: 'acme/shop' }],
    ref: 'acme/shop#12',
    url: 'https://ghe.acme.dev/acme/shop/pull/12',
  } satisfies Partial<Record<keyof SightErrand, unknown>>)
  const { payload, protectedHeader } = await compactVerify(grant, await importJWK(signing.current.public, 'EdDSA'))
  expect(protectedHeader.typ).toBe(errandGrantType)
  const claims = JSON.parse(new TextDecoder().decode(payload))
  const now = Date.now() / 1_000
  expect(errandMisfit(claims, { errand, asks }, edge.id, now)).toBeNull()
  expect(
    errandMisfit(claims, { errand, asks: { ...asks, ref: 'acme/shop#1' } as typeof asks }, edge.id, now),
  ).toContain('not what was signed')
  expect((await say(edge, errand, seen({ reviews: [review()] }, { problem: 'Checks are hidden.' }))).status).toBe(204)
  expect((await story.state()).steps['implement']).toMatchObject({ round: 2 })
  expect(await factsOf(open, 'review.heard')).toMatchObject([
    { by: { kind: 'runner', id: edge.id, name: 'edge' }, data: { person: open.jess.id, acted: true } },
  ])
  expect(await watch(open)).toMatchObject({ problem: 'Checks are hidden.', failures: 0, held_until: 0 })
  expect((await watch(open)).seen_at).not.toBeNull()
  const { rows } = (await open.of.admin.get('/api/runs')).body
  const { body } = await open.of.admin.get(`/api/runs/${rows[0].run}`)
  expect(body.pull).toMatchObject({ ref: 'acme/shop#12', byRunner: true })
})

test('a merge that it tells of ends the run, by its word', async () => {
  const { errand } = await sent(open.edge)
  const merged = seen({ state: 'merged', commit: 'd'.repeat(40), by: { account: '7', name: '@jess', person: null } })
  expect((await say(open.edge, errand, merged)).status).toBe(204)
  expect((await open.story.state()).pull).toMatchObject({ state: 'merged' })
  expect(await factsOf(open, 'pull.merged')).toMatchObject([{ by: { kind: 'runner' } }])
})

describe('a runner that lies', () => {
  test('another runner, one of another workspace, and the same one twice or too late are told that there is no such errand', async () => {
    const { errand } = await sent(open.edge)
    const other = await new TestRunner(url).pair(db, open.of.id, 'other')
    const evil = await workspace(`evil${n}`)
    const foreign = await new TestRunner(url).pair(db, evil.id, 'foreign')
    const lie = seen({ state: 'merged' })
    for (const who of [other, foreign]) {
      await who.post('/wire/hello', { capabilities: capabilities({ holds: [holding()] }), holding: [] })
      expect((await say(who, errand, lie)).status).toBe(404)
    }
    expect((await open.story.state()).pull!.state).toBe('open')
    expect((await say(open.edge, errand, seen())).status).toBe(204)
    expect((await say(open.edge, errand, lie)).status).toBe(404)
    await set(open, 'watches', 'next_at = 0')
    const late = await sent(open.edge)
    await set(open, 'errands', 'expires_at = vp.now_ms() - 1')
    expect((await say(open.edge, late.errand, lie)).status).toBe(404)
    expect((await open.story.state()).pull!.state).toBe('open')
  })
  test('about another pull request, or with the answer to another question: it is not believed, and the watch says so', async () => {
    const { errand } = await sent(open.edge)
    expect((await say(open.edge, errand, seen({ ref: 'acme/shop#13', state: 'merged' }))).status).toBe(204)
    expect((await watch(open)).problem).toBe('edge told of another pull request than acme/shop#12.')
    await set(open, 'watches', 'next_at = 0')
    const again = await sent(open.edge)
    const other = { is: 'kept', went: { is: 'unsure', why: 'x' } }
    expect((await say(open.edge, again.errand, other)).status).toBe(204)
    expect((await watch(open)).problem).toContain('brought back something else')
    expect((await open.story.state()).pull!.state).toBe('open')
  })
  test('why it brought nothing is told, also where its words stay on the machine', async () => {
    const { errand } = await sent(open.edge)
    const no = { is: 'failed', code: 'texts_stay', summary: '(kept on the runner)', check: '(kept on the runner)' }
    expect((await say(open.edge, errand, no)).status).toBe(204)
    expect((await watch(open)).problem).toMatch(/^edge: texts stay\..*excerpts: false/)
  })
  test.each([
    ['another form', { ...seen(), token: 'x' }],
    ['a head that is none', seen({ head: 'main' })],
    ['a text without end', seen({ reviews: [review({ text: 'x'.repeat(20_001) })] })],
    ['reviews without end', seen({ reviews: Array.from({ length: 301 }, () => review()) })],
    ['NUL', seen({ reviews: [review({ text: 'a\0b' })] })],
  ])('%s is no answer', async (_, report) => {
    const { errand } = await sent(open.edge)
    expect((await say(open.edge, errand, report)).status).toBe(422)
    expect(await factsOf(open, 'review.heard')).toEqual([])
  })
  test('its links do nothing, and somebody it makes up is nobody', async () => {
    const { errand } = await sent(open.edge)
    const who = { account: '7777', name: '@jess (verified)', person: open.jess.id }
    await say(open.edge, errand, seen({ reviews: [review({ who, url: 'javascript:alert(1)' })] }))
    expect(await factsOf(open, 'review.heard')).toMatchObject([
      { data: { person: null, url: null, name: 'an account with an unusual name', acted: false } },
    ])
  })
})

describe('nobody can be sent', () => {
  /** What the watch says once it says something like this, or at last. */
  const problem = async (like: RegExp): Promise<string> => {
    for (let tries = 0; ; tries++) {
      const said = (await watch(open)).problem ?? ''
      if (like.test(said) || tries > 100) return said
      await set(open, 'watches', 'next_at = 0, held_until = 0')
      await new Promise((next) => setTimeout(next, 200))
    }
  }
  const forget = () =>
    inWorkspace(db, open.of.id, (tx) => tx.query('delete from vp.errands where workspace = $1', [open.of.id]))
  test(
    'its vpd does not know how, it is not online, or no runner holds it: said on the watch',
    { timeout: 90_000 },
    async () => {
      await sent(open.edge)
      const { errands: _, ...old } = holding()
      await open.hello([old])
      await forget()
      expect(await problem(/edge may not/)).toMatch(
        /the credential .* for github\.watch, or has a vpd that does not know how/,
      )
      await open.hello([holding()])
      await inWorkspace(db, open.of.id, (tx) =>
        tx.query('update vp.runners set online = false, seen_at = 0 where workspace = $1', [open.of.id]),
      )
      expect(await problem(/is online/)).toMatch(/No runner of the pool local that holds .* is online \(edge\)/)
      await open.hello([])
      expect(await problem(/No runner of the pool local holds/)).toContain('vpd credentials set provider github')
    },
  )
  test('a runner of another pool holds it as well: it is told nothing, also when nobody else is there', async () => {
    await sent(open.edge)
    const other = await new TestRunner(url).pair(db, open.of.id, 'other', 'public')
    await open.hello([holding()], other)
    await open.hello([])
    await forget()
    expect(await problem(/No runner of the pool/)).toContain('No runner of the pool local holds')
    expect(await orders(other)).toEqual([])
  })
  test(
    'nobody let it use the repository of the run: it is told nothing, and the watch says who lets it',
    { timeout: 90_000 },
    async () => {
      await sent(open.edge)
      const other = await new TestRunner(url).pair(db, open.of.id, 'zz-other')
      await open.hello([holding()], other)
      await inWorkspace(db, open.of.id, (tx) =>
        tx.query(`update vp.runners set repositories = '{}' where workspace = $1`, [open.of.id]),
      )
      await forget()
      expect(await problem(/may not use the repository/)).toContain('viewport runners change edge --add acme/shop')
      expect(await orders(other)).toEqual([])
    },
  )
  test('another runner that says it was merged ends nothing; the watch says what was told and what to do', async () => {
    const first = await sent(open.edge)
    await say(open.edge, first.errand, seen({ reviews: [review()] }))
    expect((await open.story.state()).finished).toBeNull()
    const other = await new TestRunner(url).pair(db, open.of.id, 'zz-other')
    await open.hello([holding()], other)
    await inWorkspace(db, open.of.id, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1 and runner = $2', [open.of.id, open.edge.id]),
    )
    await set(open, 'watches', 'next_at = 0, held_until = 0')
    const { errand } = await sent(other)
    expect((await say(other, errand, seen({ state: 'merged', commit: 'd'.repeat(40) }))).status).toBe(204)
    expect((await open.story.state()).pull!.state).toBe('open')
    expect((await watch(open)).problem).toContain('zz-other says of acme/shop#12 that it was merged')
  })
  test('the runner that works on the run is away: another one of its pool is sent, and its word is that of another', async () => {
    await sent(open.edge)
    const other = await new TestRunner(url).pair(db, open.of.id, 'zz-other')
    await open.hello([holding()], other)
    await inWorkspace(db, open.of.id, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1 and runner = $2', [open.of.id, open.edge.id]),
    )
    await forget()
    await set(open, 'watches', 'next_at = 0, held_until = 0')
    const { errand } = await sent(other)
    expect((await say(other, errand, seen({ reviews: [review()] }))).status).toBe(204)
    expect(await factsOf(open, 'run.tainted')).toHaveLength(1)
  })
  test('it was sent and says nothing: the next one is sent later, and an answer to the old one counts no more', async () => {
    const first = await sent(open.edge)
    await set(open, 'errands', 'expires_at = vp.now_ms() - 1')
    await set(open, 'watches', 'held_until = 0, next_at = 0')
    await vi.waitFor(async () => expect((await watch(open)).problem).toContain('edge was sent to look'), patience)
    expect((await watch(open)).failures).toBe(1)
    await set(open, 'watches', 'next_at = 0')
    const second = await sent(open.edge)
    expect(second.errand).not.toBe(first.errand)
    expect((await say(open.edge, first.errand, seen({ state: 'closed' }))).status).toBe(404)
    expect((await say(open.edge, second.errand, seen())).status).toBe(204)
    expect(await watch(open)).toMatchObject({ problem: null, failures: 0 })
  })
  test('short texts stay on runners: no words of people are asked for', async () => {
    await sent(open.edge)
    await open.of.admin.put('/api/workspace', { leaves: 'metadata' })
    await forget()
    expect(await problem(/Short texts/)).toContain('no runner is sent to look')
  })
})

describe('the message of a run', () => {
  const begun = async (): Promise<void> => {
    const { of, story } = open
    await inWorkspace(db, of.id, (tx) =>
      tx.query('insert into vp.run_statuses (workspace, run, tool, target) values ($1, $2, $3, $4)', [
        of.id,
        story.run,
        'github',
        'acme/shop#1',
      ]),
    )
  }
  const row = async () =>
    (
      await inWorkspace(db, open.of.id, (tx) =>
        tx.query<{
          message: string | null
          shown: string | null
          problem: string | null
          failures: number
          done_at: number | null
        }>('select message, shown, problem, failures, done_at from vp.run_statuses where workspace = $1', [open.of.id]),
      )
    ).rows[0]!
  const kept = (message: string) => ({
    is: 'kept',
    went: {
      is: 'done',
      receipt: { id: message, url: null, observed: { ref: 'acme/shop#1', message }, readBack: false },
    },
  })

  test('is written by the runner, and changed by its name when the run goes on', async () => {
    await begun()
    const first = await sent(open.edge, 'status')
    const { text, message, begun: before } = first.asks as StatusErrand
    expect({ message, before }).toEqual({ message: null, before: false })
    expect(text).toContain('/runs/')
    expect((await say(open.edge, first.errand, kept('99'))).status).toBe(204)
    expect(await row()).toMatchObject({ message: '99', shown: text, problem: null })
    const look = await sent(open.edge)
    await say(open.edge, look.errand, seen({ reviews: [review()] }))
    await set(open, 'run_statuses', 'next_at = 0')
    const second = await sent(open.edge, 'status')
    expect(second.asks).toMatchObject({ message: '99', begun: true })
    expect((second.asks as StatusErrand).text).not.toBe(text)
  })
  test(
    'is looked for first when nobody knows whether it was written, and given up in words',
    { timeout: 60_000 },
    async () => {
      await begun()
      await sent(open.edge, 'status')
      await set(open, 'errands', 'expires_at = vp.now_ms() - 1')
      await set(open, 'run_statuses', 'held_until = 0, next_at = 0')
      await vi.waitFor(async () => expect((await row()).problem).toContain('edge did not say in time'), patience)
      await set(open, 'run_statuses', 'next_at = 0')
      const again = await sent(open.edge, 'status')
      expect(again.asks).toMatchObject({ message: null, begun: true })
      const gone = {
        is: 'failed',
        code: 'no_such_target',
        summary: 'It was deleted.',
        check: 'Nothing.',
        retrySafe: false,
      }
      await say(open.edge, again.errand, { is: 'kept', went: gone })
      expect((await row()).done_at).not.toBeNull()
    },
  )
})
