/** Whoever calls on the app in Slack and starts nothing hears it alone, with a whole control plane and a program of somebody else that keeps the messages. */
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeStuck } from '../stuck.ts'
import { dying, readied } from '../tools/testing/bench.ts'
import { emulatedSlack, signedBy, tokens } from '../tools/slack/testing/emulated.ts'
import { sweepWhispers } from './say.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const signed = signedBy(signing)
const at = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside, key } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const bot = '<@U0VIEWPORT>'
const channels = { support: at.channel('support'), random: at.channel('random') }
const account = (name: string) => `${at.team}/${at.user(name)}`
let connection = ''
let hook = ''

beforeAll(async () => {
  await readied(db, acme, {
    account: `slack:${account('sam')}`,
    connect: async () => {
      const values = { token: tokens.us, signing, base: at.url, 'home.payments': '#support' }
      const made = (await admin.post('/api/connections', { tool: 'slack', name: 'slack', values })).body.connection
      connection = made.id
      hook = made.url
    },
    workflows: [
      `name: secret-triage
team: payments
trigger: { slack: { event: app_mention, channel: "#support", text: { contains: look } } }
repos: [acme/shop]
`,
      `name: secret-release
team: payments
trigger: { slack: { event: app_mention, channel: "#support", text: { contains: release }, started_by: [user:lead] } }
repos: [acme/shop]
`,
      `name: secret-queue
team: payments
trigger: { slack: { event: app_mention, channel: "#support", text: { contains: queue } } }
concurrency: { key: one, limit: 1, when_full: queue }
status: false
repos: [acme/shop]
`,
    ],
  })
  await at.ask('conversations.join', { channel: channels.random }, tokens.sam)
}, 60_000)

type Loose = Record<string, unknown>
const rowsOf = () =>
  inWorkspace(
    db,
    acme.id,
    async (tx) =>
      (
        await tx.query<{
          account: string
          delivery: string
          reason: string
          begun: boolean
          done: boolean
          problem: string | null
        }>(
          'select account, delivery, reason, begun_at is not null as begun, done_at is not null as done, problem from vp.whispers where workspace = $1 order by account',
          [acme.id],
        )
      ).rows,
  )
const change = (what: string) =>
  inWorkspace(db, acme.id, (tx) => tx.query(`update vp.whispers set ${what} where workspace = $1`, [acme.id]))
beforeEach(async () => {
  await inWorkspace(db, acme.id, (tx) => tx.query('delete from vp.whispers where workspace = $1', [acme.id]))
  at.whispers.length = 0
})

/** What becomes of an event, once it was decided: whether a word is due is decided with it. */
const happened = async (event: Loose, more: Loose = {}) => {
  const body = JSON.stringify(at.told(event, more))
  const came = await send('', 'POST', hook, { body, headers: { 'content-type': 'application/json', ...signed(body) } })
  expect(came.status).toBe(202)
  return vi.waitFor(
    async () => {
      const one = (await admin.get(`/api/deliveries/${came.body.delivery}`)).body
      expect(one.state).not.toBe('stored')
      return one
    },
    { timeout: 30_000, interval: 50 },
  )
}
const mention = async (text: string, who: string, { where = channels.support, told = {}, ...more }: Loose = {}) => {
  const inThread = more['thread_ts']
  const ts = await at.say(
    String(where),
    `${bot} ${text}`,
    inThread === undefined ? {} : { thread_ts: String(inThread) },
    tokens.sam,
  )
  const user = at.user(who)
  return happened(
    {
      type: 'app_mention',
      user,
      text: `${bot} ${text}`,
      team: at.team,
      ts,
      channel: where,
      event_ts: ts,
      ...more,
    },
    told as Loose,
  )
}
const said = () =>
  vi.waitFor(
    async () => {
      const all = await rowsOf()
      expect(all.length).toBeGreaterThan(0)
      expect(all.filter(({ done }) => !done)).toEqual([])
      return all
    },
    { timeout: 20_000, interval: 50 },
  )

describe('who calls on the app in vain', () => {
  test('nobody linked them: they alone hear that nothing began, why, and who mends it; once, and no word of the workspace', async () => {
    const delivery = await mention('please look', 'kim')
    expect(await said()).toEqual([
      { account: account('kim'), delivery: delivery.id, reason: 'unlinked', begun: true, done: true, problem: null },
    ])
    expect(at.whispers).toEqual([expect.objectContaining({ channel: channels.support, user: at.user('kim') })])
    const [{ text, thread_ts: thread }] = at.whispers as [Record<string, string>]
    expect(text).toMatch(/^Nothing was started: Viewport does not know whose account this is/)
    expect(text).toContain(`\`viewport people link @you slack:${account('kim')}\``)
    expect(text).toContain(`/deliveries/${delivery.id}|See why>`)
    expect(text).not.toMatch(/secret|payments|acme\/shop|lead/)
    expect(thread).toBeUndefined()
    expect((await at.history(channels.support)).filter((one) => /Nothing was started/.test(one['text']))).toEqual([])
    await mention('please look again', 'kim')
    await mention('and this?', 'kim')
    // What was noted for the first one stands: nothing is due.
    expect(await rowsOf()).toEqual([expect.objectContaining({ delivery: delivery.id, done: true })])
    expect(at.whispers).toHaveLength(1)
    await change('asked_at = asked_at - 86400001')
    await mention('please look today', 'kim')
    await vi.waitFor(() => expect(at.whispers).toHaveLength(2), { timeout: 20_000, interval: 50 })
  })

  test.each([
    ['a member who may not', 'please release', channels.support, 'not_allowed', /is not yours to start/],
    ['a member, of what nothing fits', 'hello', channels.random, 'no_fit', /nothing that is set up here fits this/],
  ])('%s', async (_what, text, where, reason, words) => {
    await mention(text, 'sam', { where })
    expect(await said()).toMatchObject([{ account: account('sam'), reason, problem: null }])
    expect(at.whispers).toEqual([expect.objectContaining({ channel: where, text: expect.stringMatching(words) })])
    expect(at.whispers[0]!['text']).not.toMatch(/secret|people link/)
  })

  test('whoever starts something hears nothing more', async () => {
    expect((await mention('please look', 'sam')).runs).toHaveLength(1)
    expect(await rowsOf()).toEqual([])
  })

  test('a guest hears the no alone', async () => {
    await mention('please look', 'gus')
    await said()
    expect(at.whispers.map(({ text }) => text)).toEqual([
      'Nothing was started: guests whom Viewport does not know start nothing.',
    ])
  })

  test('a guest whom somebody linked is a member here', async () => {
    const guest = await acme.person('guest')
    await admin.post(`/api/people/${guest.id}/accounts`, { account: `slack:${account('gus')}`, name: 'Gus' })
    await mention('please release', 'gus')
    await said()
    expect(at.whispers).toEqual([expect.objectContaining({ text: expect.stringMatching(/is not yours to start/) })])
  })

  test('within a thread it is said there, and in a direct message in it', async () => {
    const root = await at.say(channels.support, 'VAT is wrong.', {}, tokens.sam)
    await mention('please look', 'kim', { thread_ts: root })
    await said()
    expect(at.whispers[0]).toMatchObject({ channel: channels.support, thread_ts: root })
    const { channel } = await at.ask('conversations.open', { users: at.user('sam') }, tokens.us)
    await change('asked_at = 0')
    await happened({
      type: 'message',
      channel_type: 'im',
      user: at.user('sam'),
      text: 'hello',
      team: at.team,
      ts: '1700000000.000100',
      channel: channel.id,
    })
    await vi.waitFor(() => expect(at.whispers.at(-1)).toMatchObject({ channel: channel.id, user: at.user('sam') }), {
      timeout: 20_000,
      interval: 50,
    })
  })

  test('a start that waits for its turn says so', async () => {
    expect((await mention('queue one', 'sam')).runs).toHaveLength(1)
    await mention('queue two', 'sam')
    expect(await said()).toMatchObject([{ reason: 'waits' }])
    expect(at.whispers[0]!['text']).toMatch(/^It waits for its turn: .*\|See it>$/)
  })
})

describe('who hears nothing', () => {
  test.each<[string, () => Promise<unknown>]>([
    [
      'a stranger of another workspace',
      () => mention('please look', 'kim', { user_team: 'T0OTHER01', team: 'T0OTHER01' }),
    ],
    [
      'whose workspace nobody tells, in a channel that another company shares',
      () => mention('please look', 'kim', { user: 'U0NOBODY01', team: null, told: { is_ext_shared_channel: true } }),
    ],
    ['an app', () => mention('please look', 'kim', { bot_id: 'B0OTHER01', app_id: 'A0OTHER01' })],
    [
      'the app itself',
      () =>
        happened({
          type: 'app_mention',
          user: 'U0VIEWPORT',
          text: bot,
          team: at.team,
          ts: '1700000000.000200',
          channel: channels.support,
        }),
    ],
    [
      'who writes without a mention',
      () =>
        happened({
          type: 'message',
          channel_type: 'channel',
          user: at.user('kim'),
          text: 'please look',
          team: at.team,
          ts: '1700000000.000300',
          channel: channels.support,
        }),
    ],
  ])('%s', async (_what, go) => {
    await go()
    expect(await rowsOf()).toEqual([])
  })

  test('who is a stranger by the word of Slack alone: it is asked before a word is said', async () => {
    at.people.set(at.user('eve'), { is_stranger: true })
    await mention('please look', 'eve', { where: channels.random })
    expect(await said()).toMatchObject([{ problem: 'they are nobody of this Slack workspace' }])
    expect(at.whispers).toEqual([])
  })

  test('where an admin switched it off, also for what is noted already', async () => {
    const set = async (whisper: string) =>
      expect((await admin.put(`/api/connections/${connection}`, { values: { whisper } })).status).toBe(200)
    await set('off')
    onTestFinished(() => set(''))
    await mention('please look', 'kim')
    expect(await rowsOf()).toEqual([])
  })
})

describe('once, whatever dies', () => {
  test.each([
    ['before it was sent', false],
    ['after Slack said it', true],
  ])('broken off %s: it is not said again', async (_when, happens) => {
    const { spy, died } = dying(outside, ({ url }) => url.endsWith('/chat.postEphemeral'), happens)
    onTestFinished(() => spy.mockRestore())
    await mention('please look', 'kim')
    const [row] = await said()
    expect(died()).toBe(true)
    expect(row!.problem).toMatch(/^it is not known whether it was said/)
    await sweepWhispers(
      { db, key, outside, address: () => '' },
      makeStuck(() => {}),
    )
    expect(at.whispers).toHaveLength(happens ? 1 : 0)
  })

  test('a program that died while it said it leaves it at that', async () => {
    await inWorkspace(db, acme.id, (tx) =>
      tx.query(
        `insert into vp.whispers (workspace, connection, account, delivery, place, reason, known, begun_at) values ($1, $2, $3, 'dlv_1', $4, 'unlinked', false, vp.now_ms())`,
        [acme.id, connection, account('kim'), channels.support],
      ),
    )
    await sweepWhispers(
      { db, key, outside, address: () => '' },
      makeStuck(() => {}),
    )
    expect(at.whispers).toEqual([])
  })

  test('several processes say it once; a limit is waited out', async () => {
    at.refuse('chat.postEphemeral', { ok: false, error: 'ratelimited' }, 429, { 'retry-after': '1' })
    await mention('please look', 'kim')
    await vi.waitFor(
      async () => expect(await rowsOf()).toMatchObject([{ done: false, problem: 'Slack limits the rate' }]),
      { timeout: 20_000, interval: 20 },
    )
    const sweep = () =>
      sweepWhispers(
        { db, key, outside, address: () => '' },
        makeStuck(() => {}),
      )
    await change('next_at = 0')
    await Promise.all([sweep(), sweep(), sweep(), sweep()])
    await said()
    expect(at.whispers).toHaveLength(2) // the one that was refused, and one
  })

  test('what could not be said for ten minutes is left', async () => {
    at.people.set(at.user('kim'), {})
    at.refuse('chat.postEphemeral', { ok: false, error: 'ratelimited' }, 429, { 'retry-after': '60' })
    await mention('please look', 'kim')
    await vi.waitFor(
      async () => expect(await rowsOf()).toMatchObject([{ done: false, problem: 'Slack limits the rate' }]),
      { timeout: 20_000, interval: 20 },
    )
    await change('next_at = 0, asked_at = asked_at - 600001')
    expect(await said()).toMatchObject([{ problem: 'it could not be said for ten minutes' }])
    expect(at.whispers).toHaveLength(1)
  })
})
