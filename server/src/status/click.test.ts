/** Buttons in a message: they decide for the person whose account pressed them, on what the message shows, once; everything else decides nothing (T28). */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { send, testPlane, type TestPerson } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedSlack, signedBy, tokens } from '../tools/slack/testing/emulated.ts'
import { readied } from '../tools/testing/bench.ts'
import { statusMark } from './keep.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const at = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const support = at.channel('support')
let hook = ''
let kim: TestPerson

beforeAll(async () => {
  await readied(db, acme, {
    account: `slack:${at.team}/${at.user('sam')}`,
    connect: async () => {
      const values = { token: tokens.us, signing, base: at.url }
      hook = (await admin.post('/api/connections', { tool: 'slack', name: 'slack', values })).body.connection.url
    },
    workflows: [
      `name: announce
team: payments
trigger: { slack: { event: app_mention } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Say what to announce. }
  - { gate: announce_ok, of: announce }
  - { id: announce, action: slack.message, channel: "#random", text: "About {{ trigger.text }}" }
`,
      `name: planned
team: payments
trigger: { slack: { event: slash_command } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
`,
    ],
  })
  // kim may decide, sam asked for it and may not.
  kim = await acme.person('kim', { teams: ['payments'] })
  await admin.post(`/api/people/${kim.id}/accounts`, { account: `slack:${at.team}/${at.user('kim')}`, name: 'Kim' })
}, 60_000)

const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 15_000, interval: 60 })
let serial = 0
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
const waiting = async (text = 'announce it') => {
  const ts = await at.say(support, `<@U0VIEWPORT> ${text}`)
  const event = {
    type: 'app_mention',
    user: at.user('sam'),
    team: at.team,
    text: `<@U0VIEWPORT> ${text}`,
    ts,
    channel: support,
  }
  const body = JSON.stringify(at.told(event, { event_id: `Ev${++serial}` }))
  const headers = { 'content-type': 'application/json', ...signedBy(signing)(body) }
  const { delivery } = (await send('', 'POST', hook, { body, headers })).body
  const run = await soon(async () => {
    const one = (await admin.get(`/api/deliveries/${delivery}`)).body
    expect(one.runs?.[0]?.run ?? one.runs?.[0]).toBeDefined()
    return one.runs[0].run ?? one.runs[0]
  })
  const story = await new Story(db, acme.id, run).finishes('plan', planned)
  const message: Loose = await soon(async () => {
    const own = (await at.thread(support, ts)).find((one) => one.metadata?.event_payload.intent === statusMark(run))
    expect(own?.text).toMatch(/to approve an action/)
    return own
  })
  return { ts, run, story, message, buttons: buttonsOf(message) }
}
const buttonsOf = (message: Loose): Loose[] =>
  message.blocks.find((block: Loose) => block.type === 'actions')?.elements ?? []

/** Somebody presses a button, as Slack tells it. */
const press = async (
  { message, ts }: { message: Loose; ts: string },
  value: string,
  who: string,
  more: Loose = {},
  secret = signing,
) => {
  const payload = {
    type: 'block_actions',
    team: { id: at.team, domain: 'acme' },
    api_app_id: 'A0VIEWPORT',
    trigger_id: `t.${++serial}`,
    user: { id: at.user(who), name: who, team_id: at.team },
    channel: { id: support, name: 'support' },
    message: { ts: message.ts, thread_ts: ts },
    actions: [{ action_id: 'approve', block_id: 'x', type: 'button', value, action_ts: '1' }],
    ...more,
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  at.whispers.length = 0
  return send('', 'POST', hook, {
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...signedBy(secret)(body) },
  })
}
const heard = (words: RegExp) => soon(() => expect(at.whispers.at(-1)?.['text']).toMatch(words))
const gateOf = async (story: Story) => Object.values((await story.state()).gates).find((one) => one.kind === 'action')!

test('an action that is shown whole is approved by whoever may, once', { timeout: 90_000 }, async () => {
  const one = await waiting('announce &lt;b&gt; &amp; co')
  const [approve, reject] = one.buttons
  expect([approve.text.text, reject.text.text]).toEqual(['Approve', 'Reject'])
  // What is approved stands there, every word of it.
  expect(one.message.blocks[1].text.text).toBe(
    '```\nslack.message on #random\nchannel: #random\ntext: About `announce &amp;lt;b&amp;gt; &amp;amp; co`\n```',
  )
  expect((await press(one, approve.value, 'kim')).status).toBe(200)
  await heard(/^Viewport: `Approved\.`$/)
  const { votes } = await gateOf(one.story)
  expect(votes).toEqual([
    expect.objectContaining({ person: kim.id, verdict: 'approve', via: { surface: 'slack', auth: 'account' } }),
  ])
  expect(at.whispers.at(-1)).toMatchObject({ channel: support, user: at.user('kim') })
  // The second press of a double click, and a press of what was copied.
  await press(one, approve.value, 'kim')
  await heard(/decided or has changed since/)
  await press(one, reject.value, 'kim')
  await heard(/decided or has changed since/)
  await soon(async () => expect((await one.story.state()).finished?.outcome).toBe('succeeded'))
  expect((await gateOf(one.story)).votes).toHaveLength(1)
  await soon(async () =>
    expect(buttonsOf((await at.thread(support, one.ts)).find((m) => m.ts === one.message.ts))).toEqual([]),
  )
})

test('a button pressed before Slack has told us the name of its message', { timeout: 60_000 }, async () => {
  at.late.set('chat.postMessage', 1_500)
  const one = await waiting().finally(() => at.late.delete('chat.postMessage'))
  await press(one, one.buttons[0].value, 'kim')
  await heard(/^Viewport: `Approved\.`$/)
  expect((await gateOf(one.story)).votes).toEqual([expect.objectContaining({ person: kim.id, verdict: 'approve' })])
})

describe('nothing is decided', () => {
  let one: Awaited<ReturnType<typeof waiting>>
  let approve = ''
  beforeAll(async () => {
    one = await waiting()
    approve = one.buttons[0].value
  }, 60_000)
  const expectUndecided = async () => expect(await gateOf(one.story)).toMatchObject({ state: 'open', votes: [] })

  test('by whoever asked for the work', async () => {
    await press(one, approve, 'sam')
    await heard(/Nothing is decided: /)
    await expectUndecided()
  })
  test('by an account that nobody linked, whatever name it has', async () => {
    await press(one, approve, 'gus', {
      user: { id: at.user('gus'), name: 'kim', username: 'kim@acme.dev', team_id: at.team },
    })
    await heard(/your account slack:\w+\/\w+ is nobody here/)
    await expectUndecided()
  })
  test('by the same user id of another workspace', async () => {
    await press(one, approve, 'kim', { user: { id: at.user('kim'), name: 'kim', team_id: 'T0OTHER01' } })
    await heard(/your account slack:T0OTHER01\/\w+ is nobody here/)
    await expectUndecided()
  })
  test.each([
    ['of another workspace', { team: { id: 'T0OTHER01' } }, signing],
    ['of another app', { api_app_id: 'A0OTHER01' }, signing],
    ['with another secret', {}, 'another-secret'],
  ])('%s: refused', async (_how, more, secret) => {
    expect((await press(one, approve, 'kim', more, secret)).status).toBe(401)
    await expectUndecided()
  })
  test('from a copy of the message elsewhere', async () => {
    await press({ ...one, message: { ts: '1764411900.000200' } }, approve, 'kim')
    await heard(/decided or has changed since/)
    await expectUndecided()
  })
  test.each([
    ['another nonce', (value: string) => value.replace(/.{32}$/, '0'.repeat(32)), /decided or has changed since/],
    ['another digest', (value: string) => value.replace(/[0-9a-f]{64}/, 'a'.repeat(64)), /Nothing is decided: /],
    [
      'another gate',
      (value: string) => value.replace(/gate_[\w-]+/, 'gate_xxxxxxxxxxxxxxxxxxxx'),
      /decided or has changed since/,
    ],
    ['no value of ours', () => 'approve everything', /Nothing is decided by this button/],
  ])('with %s', async (_how, change, words) => {
    await press(one, change(approve), 'kim')
    await heard(words)
    await expectUndecided()
  })
  test('by somebody who left, with the account still linked', async () => {
    const away = await acme.person('away', { teams: ['payments'] })
    await admin.post(`/api/people/${away.id}/accounts`, { account: `slack:${at.team}/${at.user('gus')}`, name: 'Gus' })
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.people set active = false where workspace = $1 and person = $2', [acme.id, away.id]),
    )
    await press(one, approve, 'gus')
    await heard(/is nobody here/)
    await expectUndecided()
  })
})

test('a plan has a link and no buttons', { timeout: 60_000 }, async () => {
  const body = new URLSearchParams({
    team_id: at.team,
    api_app_id: 'A0VIEWPORT',
    channel_id: support,
    channel_name: 'support',
    user_id: at.user('sam'),
    command: '/viewport',
    text: 'look',
    trigger_id: 'trigger.plan',
  }).toString()
  await send('', 'POST', hook, {
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...signedBy(signing)(body) },
  })
  const run = await soon(async () => {
    const { rows } = await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ run: string }>(`select run from vp.runs where workspace = $1 and workflow_name = 'planned'`, [
        acme.id,
      ]),
    )
    expect(rows).toHaveLength(1)
    return rows[0]!.run
  })
  await new Story(db, acme.id, run).finishes('plan', planned)
  await soon(async () => {
    // A command has no thread: the message stands in its channel.
    const own = (await at.history(support)).find((one) => one.metadata?.event_payload.intent === statusMark(run))
    expect(own?.text).toMatch(
      /to approve the plan\.\n\n<http\S+\/inbox\/gate_[\w-]+\|Open it in the inbox> · <\S+\|Run \d+>$/,
    )
    expect(buttonsOf(own)).toEqual([])
  })
})
