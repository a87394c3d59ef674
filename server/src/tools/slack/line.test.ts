/**
 * What comes over a connection that we opened (Socket Mode), with a whole control plane. The other end is our own front (testing/emulated.ts),
 * written after Slack's documentation.
 */
import { beforeAll, expect, test, vi } from 'vitest'
import { send, testPlane } from '../../../test/plane.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { readied } from '../testing/bench.ts'
import { emulatedSlack, signedBy, tokens } from './testing/emulated.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const signed = signedBy(signing)
const at = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const support = at.channel('support')
let hook = ''
let id = ''

const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 30 })
const linked = (count: number) => soon(() => expect(at.sockets.size).toBe(count))

beforeAll(async () => {
  await readied(db, acme, {
    account: `slack:${at.team}/${at.user('sam')}`,
    connect: async () => {
      const { connection } = (
        await admin.post('/api/connections', {
          tool: 'slack',
          name: 'slack',
          values: { token: tokens.us, app: tokens.app, signing, base: at.url },
        })
      ).body
      ;({ url: hook, id } = connection)
    },
    workflows: [
      `name: triage
team: payments
trigger: { slack: { event: app_mention, channel: "#support" } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
`,
      `name: command
team: payments
trigger: { slack: { event: slash_command, command: /viewport } }
repos: [acme/shop]
`,
    ],
  })
  await linked(1)
}, 60_000)

let serial = 0
/** Says it over a line; the envelope's id. */
const tell = (payload: object, type = 'events_api', link = [...at.sockets].at(-1)!, more: object = {}): string => {
  const envelope = `envelope-${++serial}`
  link.send(JSON.stringify({ type, envelope_id: envelope, payload, accepts_response_payload: false, ...more }))
  return envelope
}
const acked = (envelope: string) =>
  soon(() => {
    const ack = at.acks.find((one) => one.envelope_id === envelope)
    expect(ack).toBeDefined()
    return ack
  })
const mention = async (more: object = {}) => {
  const ts = await at.say(support, 'fix it')
  return at.told(
    { type: 'app_mention', user: at.user('sam'), team: at.team, text: '<@U0VIEWPORT> fix it', ts, channel: support },
    more,
  )
}
const stored = async (event: string) =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ state: string; repeats: number; runs: string[]; problem: string | null }>(
        'select state, repeats, runs, problem from vp.deliveries where workspace = $1 and provider_id = $2',
        [acme.id, event],
      ),
    )
  ).rows
const started = (event: string) =>
  soon(async () => {
    const [row] = await stored(event)
    expect(row?.state).toBe('processed')
    return row!
  })
const problem = async () =>
  (await admin.get('/api/connections')).body.connections.find((one: { id: string }) => one.id === id).problem

test('a mention starts a run; by a webhook as well, it is one', { timeout: 60_000 }, async () => {
  const event = await mention()
  expect(await acked(tell(event))).toEqual({ envelope_id: `envelope-${serial}` })
  expect((await started(event.event_id)).runs).toHaveLength(1)
  const body = JSON.stringify(event)
  const again = await send('', 'POST', hook, { body, headers: { 'content-type': 'application/json', ...signed(body) } })
  expect(again.body).toMatchObject({ repeat: true })
  await acked(tell(event)) // and a third time, over the line
  expect(await stored(event.event_id)).toEqual([expect.objectContaining({ repeats: 2, runs: [expect.any(String)] })])
})

test('it is acknowledged once it is stored, and not before', { timeout: 60_000 }, async () => {
  const event = await mention()
  const envelope = await inWorkspace(db, acme.id, async (tx) => {
    await tx.query('lock table vp.deliveries in exclusive mode')
    const told = tell(event)
    await new Promise((go) => setTimeout(go, 400)) // nothing to wait for: nothing may come
    expect(at.acks.find((one) => one.envelope_id === told)).toBeUndefined()
    return told
  })
  await acked(envelope)
  expect((await started(event.event_id)).runs).toHaveLength(1)
})

test('a command hears what came of it', { timeout: 60_000 }, async () => {
  const command = {
    team_id: at.team,
    api_app_id: 'A0VIEWPORT',
    channel_id: support,
    channel_name: 'support',
    user_id: at.user('sam'),
    user_name: 'sam',
    command: '/viewport',
    text: 'look',
    trigger_id: 'trigger.line',
  }
  const ack = await acked(tell(command, 'slash_commands', undefined, { accepts_response_payload: true }))
  expect(ack.payload).toMatchObject({
    response_type: 'ephemeral',
    text: expect.stringMatching(/^Viewport: `command started run \d+\.`/),
  })
})

test(
  'of another workspace: nothing starts, it is not sent again, and the deliveries say why',
  { timeout: 60_000 },
  async () => {
    const event = await mention({ team_id: 'T0OTHER01', authorizations: [{ team_id: 'T0OTHER01' }] })
    await acked(tell(event))
    expect(await stored(event.event_id)).toEqual([])
    const { deliveries } = (await admin.get('/api/deliveries')).body
    expect(JSON.stringify(deliveries)).toContain('of the Slack workspace T0OTHER01')
  },
)

test(
  'before Slack ends a line the next one is there; what the old one still brings is taken',
  { timeout: 60_000 },
  async () => {
    const [old] = at.sockets
    old!.send(JSON.stringify({ type: 'disconnect', reason: 'warning', debug_info: {} }))
    await linked(2)
    const [first, second] = [await mention(), await mention()]
    await acked(tell(first, 'events_api', old))
    await acked(tell(second))
    old!.terminate()
    await linked(1)
    expect((await started(first.event_id)).runs).toHaveLength(1)
    expect((await started(second.event_id)).runs).toHaveLength(1)
  },
)

test(
  'a line that breaks off is opened anew; one that cannot be opened says why on its connection, until it can',
  { timeout: 60_000 },
  async () => {
    const opens = () => at.asked.filter((one) => one === 'apps.connections.open').length
    at.state.broken = true
    const before = opens()
    for (const socket of at.sockets) socket.terminate()
    await soon(async () =>
      expect(await problem()).toMatch(/^Its line: It could not be opened: Slack says no: this token was revoked/),
    )
    expect(opens() - before).toBeGreaterThanOrEqual(2)
    at.state.broken = false
    await linked(1)
    await soon(async () => expect(await problem()).toBeNull())
    const event = await mention()
    await acked(tell(event))
  },
)

test('Socket Mode switched off: said, and not tried at once', { timeout: 60_000 }, async () => {
  ;[...at.sockets][0]!.send(JSON.stringify({ type: 'disconnect', reason: 'link_disabled' }))
  await soon(async () => expect(await problem()).toBe('Its line: Socket Mode is switched off for this app in Slack.'))
})

test(
  'a change of the connection opens its line anew, and without an app-level token there is none',
  { timeout: 60_000 },
  async () => {
    const [before] = at.sockets
    const changed = await admin.put(`/api/connections/${id}`, { values: { channels: 'support' } })
    expect(changed.status).toBe(200)
    await soon(() => expect([...at.sockets].filter((one) => one !== before)).toHaveLength(1))
    await linked(1)
    expect((await admin.put(`/api/connections/${id}`, { values: { app: '' } })).status).toBe(200)
    await linked(0)
  },
)

test('a removed connection has no line', { timeout: 60_000 }, async () => {
  await admin.put(`/api/connections/${id}`, { values: { app: tokens.app } })
  await linked(1)
  expect((await admin.del(`/api/connections/${id}?confirmed=true`)).status).toBe(204)
  await linked(0)
})
