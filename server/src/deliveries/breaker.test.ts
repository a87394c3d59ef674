/** Runs that wake each other over two tools, and a thing that starts a workflow again and again: with the real intake, by signed webhooks. */
import { expect, test, vi } from 'vitest'
import { body as bodyOf, planned, specOf } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { mayFollow } from './breaker.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
let count = 0

/** Two workflows that both take events of runs, and whose texts wake each other. */
const ready = async (breaker = '') => {
  const of = await workspace(`b${++count}`, ['payments'])
  await of.person(`lead${count}`, { teams: ['payments'] })
  const sam = await of.person(`sam${count}`, { teams: ['payments'] })
  const { host } = new URL(hub.url)
  await of.admin.post(`/api/people/${sam.id}/accounts`, { account: `github:${host}/${hub.ids.sam}`, name: 'sam' })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', {
    name: 'acme/shop',
    url: `https://${host}/acme/shop.git`,
    defaultBranch: 'main',
  })
  const made = await of.admin.post('/api/connections', {
    tool: 'github',
    name: 'github',
    values: { base: hub.url, token: tokens.us, webhook_secret: secret },
  })
  const url = made.body.connection.url as string
  for (const [name, event] of [
    ['answer', 'issue_comment'],
    ['look', 'issue_labeled'],
  ]) {
    const saved = await of.admin.post('/api/workflows', {
      source: `name: ${name}\nteam: payments\ntrigger:\n  github: { event: ${event}, own_events: true, started_by: [members, "bots:${host}/${hub.ids.us}"] }\nrepos: [{ acme/shop: { access: read } }]\n${breaker}\nsteps: [{ id: read, agent: sample, mode: read, prompt: Look }, { action: github.comment, text: Done }]\n`,
    })
    expect(saved.body.missing ?? saved.body.errors ?? saved.body).toEqual([])
    await of.admin.put(`/api/workflows/${name}/enabled`, { enabled: true })
  }
  return { of, url }
}
type Ready = Awaited<ReturnType<typeof ready>>

const deliver = ({ url }: Ready, event: string, payload: object) => sendSigned(url, secret, event, payload)
const settled = async ({ of }: Ready, delivery: string) =>
  vi.waitFor(
    async () => {
      const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
      expect(body.state).not.toBe('stored')
      return body as { state: string; verdict: string; problem: string | null; runs: { run: string }[] }
    },
    { timeout: 20_000, interval: 30 },
  )
/** A comment on an issue by this login, as its webhook says it. */
const commented = async (here: Ready, number: number, token: string, text: string) => {
  const comment = await hub.ask('POST', `/repos/acme/shop/issues/${number}/comments`, { body: text }, token)
  return settled(
    here,
    await deliver(here, 'issue_comment', {
      action: 'created',
      issue: await hub.ask('GET', `/repos/acme/shop/issues/${number}`),
      comment,
      repository: await hub.ask('GET', '/repos/acme/shop'),
      sender: comment.user,
    }),
  )
}
const issue = async (): Promise<number> =>
  (await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'x' }, tokens.sam)).number
const rows = <T extends object>({ of }: Ready, text: string, ...more: unknown[]) =>
  inWorkspace(db, of.id, async (tx: Tx) => (await tx.query<T>(text, [of.id, ...more])).rows)
const runsOf = (here: Ready) =>
  rows<{ run: string; number: number }>(here, 'select run, number from vp.runs where workspace = $1 order by number')
const stateOf = ({ of }: Ready, run: string) => new Story(db, of.id, run).state()
/** What an effect of the run left: it touched this thing. */
const touches = ({ of }: Ready, run: string, ref: string) =>
  inWorkspace(db, of.id, (tx) =>
    tx.query('insert into vp.touched (workspace, tool, ref, run) values ($1, $2, $3, $4) on conflict do nothing', [
      of.id,
      'github',
      ref,
      run,
    ]),
  )

test(
  'runs that wake each other by what they write stop after as many as the workflow lets',
  { timeout: 60_000 },
  async () => {
    const here = await ready('breaker: { chain: 2 }')
    const numbers = [await issue(), await issue()]
    const first = await commented(here, numbers[0]!, tokens.sam, 'Please look.')
    expect(first.runs).toHaveLength(1)
    let last = first.runs[0]!.run
    for (let n = 1; n <= 3; n++) {
      const number = numbers[n % 2]!
      await touches(here, last, `acme/shop#${number}`)
      const why = await commented(here, number, tokens.us, `Done ${n}.`)
      expect(why.runs).toHaveLength(1)
      last = why.runs[0]!.run
      const state = await stateOf(here, last)
      if (n <= 2) expect(state.held).toBeNull()
      else {
        expect(why.verdict).toContain('held for a person')
        expect(state.held).toMatchObject({ limit: 'chain', why: expect.stringContaining('3 runs woke each other') })
        expect(Object.values(state.gates)).toMatchObject([{ kind: 'question', name: 'breaker', state: 'open' }])
      }
    }
    // While nobody has said anything nothing more starts of it.
    const rests = await commented(here, numbers[1]!, tokens.us, 'Again.')
    expect(rests).toMatchObject({ runs: [], verdict: expect.stringContaining('it rests until') })
    // A person who writes there is no echo; for this thing the workflow rests all the same.
    expect((await commented(here, numbers[1]!, tokens.sam, 'Hello?')).verdict).toContain('it rests until')
    expect((await commented(here, numbers[0]!, tokens.sam, 'Hello?')).runs).toHaveLength(1)
  },
)

const read = { ...planned, result: { kind: 'text' as const, body: bodyOf('looked', 'output') } } as typeof planned

test('what a run really wrote, told by its webhook, is the next link of the chain', { timeout: 60_000 }, async () => {
  const here = await ready('breaker: { chain: 1 }')
  const number = await issue()
  let { run } = (await commented(here, number, tokens.sam, 'Please look.')).runs[0]!
  const chains: number[] = []
  for (let n = 0; n < 2; n++) {
    const story = await (await new Story(db, here.of.id, run).letGo()).finishes('read', read)
    await vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('succeeded'), {
      timeout: 20_000,
      interval: 50,
    })
    const comment = (await hub.ask('GET', `/repos/acme/shop/issues/${number}/comments`)).at(-1)
    const why = await settled(
      here,
      await deliver(here, 'issue_comment', {
        action: 'created',
        issue: await hub.ask('GET', `/repos/acme/shop/issues/${number}`),
        comment,
        repository: await hub.ask('GET', '/repos/acme/shop'),
        sender: comment.user,
      }),
    )
    expect(String(comment.user.id)).toBe(hub.ids.us)
    run = why.runs[0]!.run
    chains.push(
      (await rows<{ chain: number }>(here, 'select chain from vp.starts where workspace = $1 and run = $2', run))[0]!
        .chain,
    )
  }
  expect(chains).toEqual([1, 2])
  expect((await stateOf(here, run)).held).toMatchObject({ limit: 'chain' })
})

test(
  'the same thing starts a workflow so often and no more; who lets the held run go counts anew',
  { timeout: 60_000 },
  async () => {
    const here = await ready('breaker: { starts: 3 }')
    const number = await issue()
    for (let n = 0; n < 3; n++)
      expect((await commented(here, number, tokens.sam, `${n}`)).verdict).toContain('started run')
    const held = await commented(here, number, tokens.sam, 'once more')
    expect(held.verdict).toContain('3 times within 60 minutes')
    expect((await commented(here, number, tokens.sam, 'and more')).runs).toEqual([])
    const other = await issue()
    expect((await commented(here, other, tokens.sam, 'elsewhere')).runs).toHaveLength(1)
    const story = new Story(db, here.of.id, held.runs[0]!.run)
    await story.letGo()
    expect((await story.state()).held).toBeNull()
    const again = await commented(here, number, tokens.sam, 'thanks')
    expect(again.verdict).toContain('started run')
  },
)

const endLast = async (here: Ready) =>
  expect(
    (await here.of.admin.post(`/api/runs/${(await runsOf(here)).at(-1)!.number}/cancellation`, { reason: 'enough' }))
      .status,
  ).toBe(202)
const oneMore = async (here: Ready, than: number) =>
  vi.waitFor(
    async () => {
      const now = await runsOf(here)
      expect(now).toHaveLength(than + 1)
      return now.at(-1)!.run
    },
    { timeout: 20_000, interval: 50 },
  )

test('a chain is counted also where each start waited for its turn', { timeout: 60_000 }, async () => {
  const here = await ready('breaker: { chain: 2 }\nconcurrency: { limit: 1, when_full: queue }')
  let last = (await commented(here, await issue(), tokens.sam, 'Please look.')).runs[0]!.run
  for (let n = 1; n <= 2; n++) {
    const number = await issue()
    await touches(here, last, `acme/shop#${number}`)
    expect((await commented(here, number, tokens.us, `Done ${n}.`)).verdict).toBe('answer waits for its turn.')
    await endLast(here)
    last = await oneMore(here, n)
    expect((await stateOf(here, last)).held).toBeNull()
  }
  const number = await issue()
  await touches(here, last, `acme/shop#${number}`)
  // What waits for a person takes no place, so this one need not wait for its turn.
  const third = await commented(here, number, tokens.us, 'Done 3.')
  expect((await stateOf(here, third.runs[0]!.run)).held).toMatchObject({
    limit: 'chain',
    why: expect.stringContaining('3 runs woke each other'),
  })
})

test('a start that waited for its turn does not begin while its workflow rests', { timeout: 60_000 }, async () => {
  const here = await ready('breaker: { starts: 3 }\nconcurrency: { limit: 1, when_full: queue }')
  const number = await issue()
  expect((await commented(here, number, tokens.sam, 'one')).runs).toHaveLength(1)
  expect((await commented(here, number, tokens.sam, 'two')).verdict).toBe('answer waits for its turn.')
  const three = await here.of.admin.get('/api/deliveries')
  const waiting = three.body.deliveries[0].id as string
  expect((await commented(here, number, tokens.sam, 'three')).verdict).toBe('answer waits for its turn.')
  const held = await commented(here, number, tokens.sam, 'four')
  expect(held.verdict).toContain('began run 2, held for a person: ')
  const told = async () => (await here.of.admin.get(`/api/deliveries/${waiting}`)).body as { verdict: string }
  expect((await told()).verdict).toBe('answer waits for its turn.')
  await here.of.admin.post('/api/runs/1/cancellation', { reason: 'enough' })
  await vi.waitFor(async () => expect((await told()).verdict).toContain('answer was not started: it rests until'), {
    timeout: 20_000,
  })
  expect(await told()).toMatchObject({ runs: [] })
  expect(await runsOf(here)).toHaveLength(2)
})

test.each([
  ['self', true],
  ['bot', true],
  ['source', true],
  ['unknown', true],
  ['member', false],
  ['collaborator', false],
  ['outsider', false],
] as const)('what %s did may follow from a run: %s', (trust, expected) => {
  const { event } = specOf()
  expect(mayFollow({ ...event, tool: 'github', actor: { ...event.actor, trust } })).toBe(expected)
  // A push tells whose token it was, and not who set it off.
  const push = { tool: 'github', event: 'push', fields: { repo: 'acme/shop', branch: 'vp/mend' } }
  expect(mayFollow({ ...event, ...push, actor: { ...event.actor, trust } })).toBe(true)
})

test('many at once are counted one after the other', { timeout: 60_000 }, async () => {
  const here = await ready('breaker: { starts: 4 }')
  const number = await issue()
  const whys = await Promise.all(Array.from({ length: 12 }, (_, n) => commented(here, number, tokens.sam, `${n}`)))
  const runs = await runsOf(here)
  expect(runs).toHaveLength(5)
  const states = await Promise.all(runs.map(({ run }) => stateOf(here, run)))
  expect(states.filter((state) => state.held !== null)).toHaveLength(1)
  expect(whys.filter((why) => why.verdict.includes('rests until'))).toHaveLength(7)
})

test('what cannot be counted starts nothing, and starts once it can', { timeout: 60_000 }, async () => {
  const here = await ready()
  const number = await issue()
  await db.asOwner((owner) => owner.query('revoke select on vp.starts from vp_app'))
  const comment = await hub.ask(
    'POST',
    `/repos/acme/shop/issues/${number}/comments`,
    { body: 'Please look.' },
    tokens.sam,
  )
  const delivery = await deliver(here, 'issue_comment', {
    action: 'created',
    issue: await hub.ask('GET', `/repos/acme/shop/issues/${number}`),
    comment,
    repository: await hub.ask('GET', '/repos/acme/shop'),
    sender: comment.user,
  })
  await vi.waitFor(
    async () => {
      const { body } = await here.of.admin.get(`/api/deliveries/${delivery}`)
      expect(body.state).toBe('failed')
    },
    { timeout: 30_000, interval: 100 },
  )
  expect(await runsOf(here)).toEqual([])
  await db.asOwner((owner) => owner.query('grant select on vp.starts to vp_app'))
  expect((await commented(here, number, tokens.sam, 'Now?')).runs).toHaveLength(1)
})
