/** What deliveries of Slack say: each in the form of its documentation, and each subtype in words. */
import { describe, expect, test } from 'vitest'
import { openOutside } from '../outside.ts'
import type { Connection, Reading } from '../port.ts'
import { readingContract, saidIn } from '../testing/contract.ts'
import { emulatedSlack, tokens } from './testing/emulated.ts'
import { command, connection, delivery, event, found, said, samples, shortcut, team } from './testing/samples.ts'
import { slack } from './tool.ts'
import { takeValue } from './verify.ts'

readingContract({
  tool: slack,
  name: 'slack',
  connection,
  samples,
  silent: {},
  unknown: delivery(event({ type: 'team_join', user: 'U0SAM0001' })),
})

const read = (one: object, again: object | null = found): Reading => slack.read(delivery(event(one), again), connection)
const ofSam = (more: object = {}): Reading => read({ ...said, ...more })

test('a mention: without our name, in its thread, with a link', () =>
  expect(saidIn(slack.read(samples['app_mention']!, connection))).toEqual({
    event: 'app_mention',
    id: 'app_mention:C024BE91L:1764411900.000200',
    at: 1764411900000,
    actor: { id: `${team}/U0SAM0001`, name: 'Sam', standing: 'collaborator' },
    authors: [],
    subject: {
      label: '#support',
      title: 'fix the rounding',
      url: 'https://acme.slack.com/archives/C024BE91L/p1764411900000200',
      ref: 'C024BE91L/1764411900.000200',
    },
    fields: { channel: '#support', channel_id: 'C024BE91L', text: 'fix the rounding', in_thread: false },
    text: 'fix the rounding',
    ours: false,
  }))

test('a reply names its thread', () =>
  expect(saidIn(ofSam({ thread_ts: '1764411800.000100' }))).toMatchObject({
    fields: { in_thread: true },
    subject: {
      ref: 'C024BE91L/1764411800.000100',
      url: 'https://acme.slack.com/archives/C024BE91L/p1764411900000200?thread_ts=1764411800.000100&cid=C024BE91L',
    },
  }))

test.each([
  ['message_changed', /an edit starts nothing/],
  ['message_deleted', /was deleted/],
  ['channel_join', /a notice of Slack's own/],
  ['message_replied', /comes by itself/],
])('%s is ignored in words', (subtype, why) =>
  expect(ofSam({ subtype, message: {}, previous_message: {} })).toEqual({ ignored: expect.stringMatching(why) }),
)
test.each(['thread_broadcast', 'file_share', 'me_message'])('%s is a message', (subtype) =>
  expect(saidIn(ofSam({ subtype })).event).toBe('message'),
)

test('a message that mentions the app is told as app_mention alone; in a direct message it is a message', () => {
  expect(ofSam({ text: 'hi <@U0VIEWPORT>' })).toEqual({ ignored: expect.stringContaining('app_mention') })
  const direct = { ...found, channel: { id: 'D024BE91L', name: null, shared: false } }
  expect(
    saidIn(read({ ...said, channel: 'D024BE91L', channel_type: 'im', text: 'hi <@U0VIEWPORT>' }, direct)),
  ).toMatchObject({ event: 'message', subject: { label: 'a direct message' }, fields: { channel: null } })
})

const who = (more: object, people: object[] = found.people) =>
  saidIn(read({ ...said, ...more }, { ...found, people })).actor
const [sam] = found.people
test.each([
  ['a member of the workspace', {}, [sam], 'collaborator', `${team}/U0SAM0001`],
  ['a guest', {}, [{ ...sam, guest: true }], 'outsider', `${team}/U0SAM0001`],
  ['somebody who was removed', {}, [{ ...sam, gone: true }], 'outsider', `${team}/U0SAM0001`],
  [
    'somebody of another workspace',
    { user_team: 'T0OTHER01', team: 'T0OTHER01' },
    [sam],
    'outsider',
    'T0OTHER01/U0SAM0001',
  ],
  ['a stranger by Slack alone', {}, [{ ...sam, stranger: true }], 'outsider', `${team}/U0SAM0001`],
  ['somebody Slack could not be asked about', {}, [], 'unknown', `${team}/U0SAM0001`],
  ['a bot', { bot_id: 'B0OTHER01' }, [{ ...sam, bot: true }], 'bot', `${team}/U0SAM0001`],
  ['a bot without a user', { user: null, bot_id: 'B0OTHER01', subtype: 'bot_message' }, [], 'bot', `${team}/B0OTHER01`],
  ['us', { user: 'U0VIEWPORT', bot_id: 'B0VIEWPORT' }, [], 'bot', `${team}/U0VIEWPORT`],
  [
    'our app without a user',
    { user: null, bot_id: 'B0VIEWPORT', app_id: 'A0VIEWPORT' },
    [],
    'bot',
    `${team}/U0VIEWPORT`,
  ],
] as const)('%s', (_who, more, people, standing, id) =>
  expect(who(more, [...people] as object[])).toMatchObject({ standing, id }),
)

describe('in a channel that another company shares', () => {
  const shared = { is_ext_shared_channel: true, team_id: team }
  const foundShared = { ...found, channel: { ...found.channel, shared: true } }
  const actor = (one: object, people: readonly object[], more: object = shared) =>
    saidIn(slack.read(delivery(event({ ...said, ...one }, more), { ...found, people }), connection)).actor
  const stranger = { ...sam!, id: 'U0EVE0001', team: 'T0OTHER01', name: 'Eve' }
  test.each<[string, object, readonly object[], string, string]>([
    ['our member', {}, [sam!], 'collaborator', `${team}/U0SAM0001`],
    ['by user_team', { user: 'U0EVE0001', user_team: 'T0OTHER01' }, [], 'outsider', 'T0OTHER01/U0EVE0001'],
    ['by source_team', { user: 'U0EVE0001', source_team: 'T0OTHER01' }, [], 'outsider', 'T0OTHER01/U0EVE0001'],
    ['by team', { user: 'U0EVE0001', team: 'T0OTHER01' }, [], 'outsider', 'T0OTHER01/U0EVE0001'],
    ['by who Slack says they are', { user: 'U0EVE0001', team: null }, [stranger], 'outsider', 'T0OTHER01/U0EVE0001'],
    ['of whom no team is told', { team: null }, [], 'unknown', 'unknown/U0SAM0001'],
  ])('somebody is told apart: %s', (_, one, people, standing, id) => {
    expect(actor(one, people)).toMatchObject({ standing, id })
  })
  test('the team of the delivery says nothing of who wrote', () => {
    expect(actor({ team: null }, [], { ...shared, team_id: team }).id).toBe('unknown/U0SAM0001')
    expect(saidIn(read({ ...said, team: null }, { ...foundShared, people: [] })).actor.id).toBe('unknown/U0SAM0001')
  })
  test('whoever reacts, and whose message it was', () => {
    const one = {
      type: 'reaction_added',
      user: 'U0EVE0001',
      reaction: 'bug',
      item: { type: 'message', channel: 'C024BE91L', ts: said.ts },
      event_ts: said.ts,
    }
    const of = (people: readonly object[]) =>
      saidIn(
        slack.read(
          delivery(event(one, shared), { ...found, people, message: { ...found.message, user: 'U0EVE0001' } }),
          connection,
        ),
      )
    expect(of([stranger])).toMatchObject({
      actor: { id: 'T0OTHER01/U0EVE0001', standing: 'outsider' },
      authors: [{ standing: 'outsider' }],
    })
    expect(of([])).toMatchObject({
      actor: { id: 'unknown/U0EVE0001', standing: 'unknown' },
      authors: [{ id: 'unknown/U0EVE0001' }],
    })
  })
  test('the author of a message on which a shortcut was used', () => {
    const told = { ...shortcut, message: { ...shortcut.message, team: null } }
    const [author] = saidIn(slack.read(delivery(told, { ...foundShared, people: [sam!] }), connection)).authors
    expect(author).toMatchObject({ id: 'unknown/U0KIM0001', standing: 'unknown' })
  })
})

test('what nobody knows the channel of is asked first; a channel that the connection does not name is ignored', () => {
  expect(read(said, null)).toMatchObject({ partial: true })
  const named = { ...connection, settings: { channels: '#random' } }
  expect(slack.read(delivery(event(said), null), named)).toMatchObject({ partial: true })
  expect(slack.read(delivery(event(said)), named)).toEqual({
    ignored: 'It is in #support, which this connection does not name.',
  })
  expect('said' in slack.read(delivery(event(said)), { ...named, settings: { channels: 'C024BE91L' } })).toBe(true)
})

test('a message that is gone starts nothing', () =>
  expect(read(said, { ...found, message: null })).toEqual({ ignored: 'The message was deleted before it was read.' }))

test("the text of a reaction or a shortcut is its author's, not only of whoever reacted", () => {
  expect(saidIn(slack.read(samples['reaction_added']!, connection))).toMatchObject({
    actor: { id: `${team}/U0SAM0001` },
    authors: [{ id: `${team}/U0KIM0001` }],
    text: 'Charged twice',
  })
  expect(saidIn(slack.read(delivery(shortcut), connection)).authors).toMatchObject([{ id: `${team}/U0KIM0001` }])
})

test('of another workspace or another app it is refused, whoever signed it', () => {
  const taken = (more: object) => takeValue(event(said, more), connection)
  expect(taken({})).toMatchObject({ id: 'Ev0001' })
  const other = [{ team_id: 'T0OTHER01' }]
  expect(taken({ team_id: 'T0OTHER01', authorizations: other })).toMatchObject({ refusal: 'signature_invalid' })
  expect(taken({ api_app_id: 'A0OTHER01' })).toMatchObject({ words: expect.stringContaining('of the app A0OTHER01') })
  // In a channel that two workspaces share, the event may be of the other one and be told to ours.
  expect(taken({ team_id: 'T0OTHER01' })).toMatchObject({ id: 'Ev0001' })
  expect(takeValue({ ...command, team_id: 'T0OTHER01' }, connection)).toMatchObject({ refusal: 'signature_invalid' })
})

test('what opens something at Slack is not kept', () => {
  const taken = takeValue({ ...command, token: 'verification', response_url: 'https://hooks.slack.com/x' }, connection)
  expect('body' in taken && JSON.parse(taken.body!.toString())).toEqual(command)
})

test('asked again: channel, people and the message, each asked once for a while', async () => {
  const at = await emulatedSlack()
  const asker: Connection = {
    id: 'con_again',
    workspace: 'ws_1',
    name: 'slack',
    settings: { base: at.url },
    secrets: { token: tokens.us },
    account: { id: `${at.team}/U0VIEWPORT`, name: 'viewport' },
  }
  const support = at.channel('support')
  const ts = await at.say(support, 'Charged twice')
  const about = delivery(event({ ...said, user: at.user('gus'), channel: support, ts }), null)
  const outside = openOutside(['127.0.0.1'])
  const again = () => slack.again!(about, asker, outside)
  expect(await again()).toEqual({
    found: {
      channel: { id: support, name: 'support', shared: false },
      people: [expect.objectContaining({ id: at.user('gus'), guest: true, bot: false, gone: false })],
      message: { text: 'Charged twice', edited: false, user: at.user('sam') },
    },
  })
  await at.ask('chat.update', { channel: support, ts, text: 'Something else' })
  at.asked.length = 0
  expect(await again()).toMatchObject({
    note: expect.stringContaining('edited since'),
    found: { message: { edited: true } },
  })
  expect(at.asked).toEqual(['conversations.history'])
  await at.ask('chat.delete', { channel: support, ts })
  expect(await again()).toMatchObject({ found: { message: null } })
  at.refuse('conversations.history', { ok: false, error: 'not_in_channel' })
  const late = await again()
  expect(late.note).toMatch(/could not be asked about its message: .*not_in_channel.*What was delivered counts/)
  expect(saidIn(slack.read({ ...about, again: 'found' in late ? late.found : null }, asker)).text).toBe(said.text)
})
