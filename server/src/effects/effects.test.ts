/** Effects that wait for a person, from the broker to the list and back; caps by the hour over runs and replicas. A real receiver. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { planned, specOf } from '@viewportai/core/run/testing/play'
import { testPlane } from '../../test/plane.ts'
import { Story, toChangeGate } from '../../test/story.ts'
import { hourCapReached } from '../broker/hour-cap.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'

let got: string[] = []
/** 0: the answer is lost. */
let answers: number[] = []
const receiver = http.createServer((request, response) => {
  got.push(String(request.headers['webhook-id']))
  const next = answers.shift() ?? 200
  if (next === 0) request.socket.destroy()
  else response.writeHead(next).end()
})
await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
afterAll(() => void receiver.close())
const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`

const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const [dana, jess, eve] = [
  await acme.person('dana', { teams: ['payments'] }),
  await acme.person('jess', { teams: ['payments'] }),
  await acme.person('eve'),
]
await acme.admin.post('/api/connections', { tool: 'webhook', name: 'ops', values: { url: target } })

beforeEach(() => {
  got = []
  answers = []
})

const compiled = (more = '') => {
  const read = compileWorkflow(
    `name: tell\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\n${more}actions: [git.open_change, { webhook.send: { to: ops } }]\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
const pushed = async (more?: string): Promise<Story> => {
  const story = await new Story(db, acme.id).start(specOf(compiled(more)))
  await story.finishes('plan', planned)
  await story.vote('jess', 'approve')
  await toChangeGate(story)
  await story.vote('dana', 'approve')
  return story.pushed('a'.repeat(40))
}
const sent = async (story: Story) =>
  Object.values((await story.state()).intents).find((one) => one.action === 'webhook.send')!
const becomes = (story: Story, state: string) =>
  vi.waitFor(async () => expect((await sent(story)).state).toBe(state), { timeout: 15_000, interval: 50 })
const stuck = async (story: Story) =>
  (await dana.get('/api/effects')).body.effects.filter((one: { run: string }) => one.run === story.run)
const counted = (sql: string) => inWorkspace(db, acme.id, (tx) => tx.query(sql))
const facts = async (story: Story, type: string) =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ text: string }>('select text from vp.facts where workspace = $1 and run = $2 and type = $3', [
        acme.id,
        story.run,
        type,
      ]),
    )
  ).rows.map(({ text }) => JSON.parse(text).data)

test('what failed stands in the list, is tried again once by two people at once, and leaves the list', async () => {
  answers = [410]
  const story = await pushed()
  await becomes(story, 'failed')
  const [one] = await stuck(story)
  expect(one).toMatchObject({
    action: 'webhook.send',
    target: 'ops',
    state: 'failed',
    attempt: 1,
    why: 'ops answered 410.',
    tried: [{ attempt: 1, how: 'failed' }],
    gate: expect.stringMatching(/^gate_/),
    ended: false,
  })
  expect(one.choices.map(({ id }: { id: string }) => id)).toEqual(['again', 'done', 'give_up', 'stop'])
  const say = (who: typeof dana, body: object) => who.post(`/api/effects/${one.intent}/answers`, body)
  expect((await say(eve, { choice: 'again', attempt: 1 })).body.code).toBe('not_an_approver')
  expect((await say(dana, { choice: 'again', attempt: 7 })).body.code).toBe('effect_moved')
  expect((await say(dana, { choice: 'give_up', attempt: 1 })).body.code).toBe('answer_required')
  expect((await say(dana, { choice: 'look', attempt: 1 })).body.code).toBe('answer_required')
  const both = await Promise.all([
    say(dana, { choice: 'again', attempt: 1 }),
    say(dana, { choice: 'again', attempt: 1 }),
    say(jess, { choice: 'give_up', attempt: 1, text: 'no' }),
  ])
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  if (both[2]!.status === 201) expect((await sent(story)).settled?.how).toBe('given_up')
  else {
    await becomes(story, 'succeeded')
    expect(got).toEqual([one.intent, one.intent])
  }
  expect(await stuck(story)).toEqual([])
  expect((await facts(story, 'decision.made')).filter(({ answer }) => answer)).toHaveLength(1)
})

test('what a person saw done is done by their word, with its link, and nothing is sent', async () => {
  answers = [404]
  const story = await pushed()
  await becomes(story, 'failed')
  const [one] = await stuck(story)
  const said = await dana.post(`/api/effects/${one.intent}/answers`, {
    choice: 'done',
    attempt: 1,
    text: 'They have it: https://ops.acme.dev/7',
  })
  expect(said).toMatchObject({ status: 201, body: { state: 'succeeded' } })
  expect(await facts(story, 'effect.settled')).toMatchObject([{ how: 'done', url: 'https://ops.acme.dev/7' }])
  expect((await story.state()).finished?.outcome).toBe('succeeded')
  expect(got).toHaveLength(1)
  expect((await dana.get(`/api/runs/${(await story.state()).number}`)).body.receipts).toHaveLength(2) // of git alone
})

test('what had begun when its run was stopped is not done again', { timeout: 30_000 }, async () => {
  answers = [0]
  const story = await pushed()
  await becomes(story, 'unknown')
  await story.doing({ do: 'cancel', by: { kind: 'system' }, reason: 'enough' })
  await vi.waitFor(async () => expect((await sent(story)).attempt).toBe(2), { timeout: 15_000, interval: 50 })
  await becomes(story, 'unknown')
  expect((await sent(story)).tried.at(-1)?.why).toContain('nobody can be asked')
  expect(got).toHaveLength(1)
})

test('the list has pages', async () => {
  answers = [404, 404, 404]
  for (let n = 0; n < 3; n++) await becomes(await pushed(), 'failed')
  const first = (await dana.get('/api/effects?limit=2')).body
  expect([first.effects.length, typeof first.more]).toEqual([2, 'string'])
  const rest = (await dana.get(`/api/effects?limit=2&after=${first.more}`)).body
  expect(rest).toMatchObject({ more: null })
  expect(rest.effects).toHaveLength(1)
  expect((await dana.get('/api/effects?after=nowhere')).status).toBe(422)
  for (const one of [...first.effects, ...rest.effects])
    await dana.post(`/api/effects/${one.intent}/answers`, { choice: 'give_up', attempt: 1, text: 'enough' })
})

test('over the cap of an hour an effect is refused, people see it, and it is done when there is room again', async () => {
  await acme.admin.put('/api/workspace', { caps: { 'webhook.send': 1 } })
  await counted('delete from vp.counted_effects')
  try {
    const one = await pushed()
    await becomes(one, 'succeeded')
    const two = await pushed()
    await becomes(two, 'failed')
    expect(got).toHaveLength(1)
    expect((await sent(two)).failure).toMatchObject({
      code: 'cap_reached',
      class: 'policy',
      started: false,
      summary: expect.stringMatching(
        /^webhook.send may be done once in an hour in the workspace, and was; there is room again in (59|60) minutes\.$/,
      ),
    })
    const [waits] = await stuck(two)
    const again = () => dana.post(`/api/effects/${waits.intent}/answers`, { choice: 'again', attempt: 1 })
    await counted('update vp.counted_effects set at = at - 3600000')
    expect((await again()).status).toBe(201)
    await becomes(two, 'succeeded')
    expect(got).toEqual([(await sent(one)).id, (await sent(two)).id])
  } finally {
    await acme.admin.put('/api/workspace', { caps: {} })
  }
})

test('a workflow has its own cap of an hour', async () => {
  await counted('delete from vp.counted_effects')
  const caps = 'caps: { webhook.send: { hour: 1 } }\n'
  await becomes(await pushed(caps), 'succeeded')
  const two = await pushed(caps)
  await becomes(two, 'failed')
  const { summary, check } = (await sent(two)).failure!
  expect(summary).toContain('by this workflow')
  // What it says to do is what helps: the workspace's cap is not the one that is full.
  expect(check).toContain("`caps` in the workflow's own file")
  expect(check).not.toContain('workspace change --cap')
  await becomes(await pushed(), 'succeeded') // the workspace has room
})

test('fifty effects at once, as from many replicas, take no more places than there are (F44)', async () => {
  await acme.admin.put('/api/workspace', { caps: { 'webhook.send': 10 } })
  await counted('delete from vp.counted_effects')
  const state = await (await pushed()).state()
  await vi.waitFor(() => expect(got.length).toBe(1), { timeout: 15_000 })
  const asked = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      inWorkspace(db, acme.id, (tx) => hourCapReached(tx, state, { id: `int_cap-${n}`, action: 'webhook.send' })),
    ),
  )
  expect(asked.filter((why) => why === null)).toHaveLength(9)
  const had = asked.findIndex((why) => why === null)
  const again = (tx: Tx) => hourCapReached(tx, state, { id: `int_cap-${had}`, action: 'webhook.send' })
  expect(await inWorkspace(db, acme.id, again)).toBeNull()
  expect((await acme.admin.put('/api/workspace', { caps: { 'git.merge': 1 } })).status).toBe(422)
  await acme.admin.put('/api/workspace', { caps: {} })
})
