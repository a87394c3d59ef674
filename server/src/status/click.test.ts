/** Buttons in a message: they decide for the person whose account pressed them, on what the message shows, once; everything else decides nothing (T28). */
import { beforeAll, describe, expect, test } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import type { TestPerson } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { askedInSlack, buttonsOf, signing } from './testing/asked-in-slack.ts'
import { statusMark } from './keep.ts'

const { at, db, acme, admin, support, soon, ready, begun, message, form, from, heard } = await askedInSlack()
let kim: TestPerson

beforeAll(async () => {
  kim = await ready([
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
  ])
}, 60_000)

let serial = 0
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
const waiting = async (text = 'announce it') => {
  const { ts, run, story } = await begun(text)
  await story.finishes('plan', planned)
  const own = await message({ ts, run }, /to approve an action/)
  return { ts, run, story, message: own, buttons: buttonsOf(own) }
}

/** Somebody presses a button, as Slack tells it. */
const press = async (
  { message: of, ts }: { message: Loose; ts: string },
  value: string,
  who: string,
  more: Loose = {},
  secret = signing,
) => {
  const payload = {
    type: 'block_actions',
    ...from(who),
    trigger_id: `t.${++serial}`,
    channel: { id: support, name: 'support' },
    message: { ts: of.ts, thread_ts: ts },
    actions: [{ action_id: 'approve', block_id: 'x', type: 'button', value, action_ts: '1' }],
    ...more,
  }
  at.whispers.length = 0
  return form({ payload: JSON.stringify(payload) }, secret)
}
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
  await form({
    team_id: at.team,
    api_app_id: 'A0VIEWPORT',
    channel_id: support,
    channel_name: 'support',
    user_id: at.user('sam'),
    command: '/viewport',
    text: 'look',
    trigger_id: 'trigger.plan',
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
