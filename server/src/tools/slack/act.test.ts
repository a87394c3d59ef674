/** Every action against a program of somebody else that keeps messages as Slack does, while answers are lost, late or a no. */
import { describe, expect, test } from 'vitest'
import type { Outside } from '@viewportai/core/tools/outside'
import { openOutside } from '../outside.ts'
import type { Action, Effect, Went } from '@viewportai/core/tools/port'
import type { Connection } from '../port.ts'
import { actionContract, statusContract, type ActionCase } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import { emulatedSlack, ourApp, tokens } from './testing/emulated.ts'
import { slack } from './tool.ts'

const at = await emulatedSlack()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'slack',
  settings: { base: at.url, channels: 'support, #secret' },
  secrets: { token: tokens.us },
  account: { id: `${at.team}/U0VIEWPORT`, name: 'viewport', app: ourApp, site: 'https://acme.slack.com/' },
}
const support = at.channel('support')

const effect = async (text: string, target?: string, more: Partial<Effect> = {}): Promise<Effect> =>
  testEffect({
    target: target ?? `${support}/${await at.say(support, 'Charged twice')}`,
    params: { text },
    ...more,
  })
const action = (name: string): Action => slack.actions[name]!
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
const marked = (messages: any[], { intent }: Effect) =>
  messages.filter((one) => one.metadata?.event_payload.intent === intent)
const refIn = (went: Went): string => {
  if (went.is !== 'done') throw new Error(JSON.stringify(went))
  return String(went.receipt.observed['ref'])
}
const otherwise: ActionCase['otherwise'] = [{ shows: { metadata: null, blocks: [] }, ends: 'not read back' }]
const of = (name: string, one: () => Promise<Effect>, count: ActionCase['count']): void =>
  actionContract(name, {
    action: action(name),
    connection: () => connection,
    outside: () => outside,
    isWrite: ({ url }) => /\/api\/chat\.(postMessage|update)$/.test(url),
    effect: one,
    count,
    beyond: (held) => ({ ...held, target: '#random' }),
    words: 'text',
    otherwise,
  })

of(
  'slack.comment',
  () => effect('Viewport worked on this.'),
  async (held) => marked(await at.thread(support, held.target.split('/')[1]!), held).length,
)
of(
  'slack.message',
  () => effect('Viewport worked on this.', '#support'),
  async (held) => marked(await at.history(support), held).length,
)
of(
  'slack.update',
  async () => {
    const first = await effect('It begins.')
    const went = await action('slack.comment').carryOut(first, connection, outside)
    return effect('It is done.', refIn(went))
  },
  async (held) => marked(await at.thread(support, held.target.split('/')[1]!), held).length,
)

statusContract('Slack', {
  keeper: slack.status!,
  connection: () => connection,
  outside: () => outside,
  isWrite: ({ url }) => /\/api\/chat\.(postMessage|update)$/.test(url),
  effect: () => effect('Waits for a runner.'),
  count: async (held) => marked(await at.thread(support, held.target.split('/')[1]!), held).length,
  otherwise,
  shown: async (held) => marked(await at.thread(support, held.target.split('/')[1]!), held).map((one) => one.text),
  beyond: (held) => ({ ...held, target: `${at.channel('random')}/1764411900.000200` }),
})

test('a reply goes to the thread, and its receipt leads there', async () => {
  const held = await effect('Here it is.')
  const root = held.target.split('/')[1]!
  const went = await action('slack.comment').carryOut(held, connection, outside)
  const [, reply] = await at.thread(support, root)
  expect(reply).toMatchObject({
    thread_ts: root,
    user: 'U0VIEWPORT',
    unfurl_links: false,
    link_names: false,
    parse: 'none',
  })
  expect(went).toMatchObject({
    receipt: {
      id: reply.ts,
      url: `https://acme.slack.com/archives/${support}/p${reply.ts.replace('.', '')}?thread_ts=${root}&cid=${support}`,
      observed: { ref: `${support}/${root}/${reply.ts}`, channel: '#support' },
    },
  })
  // What is written as an answer to that goes to the same thread.
  const next = await effect('And more.', `${support}/${root}/${reply.ts}`)
  await action('slack.comment').carryOut(next, connection, outside)
  expect(await at.thread(support, root)).toHaveLength(3)
})

describe('a no says what to do', () => {
  test.each([
    ['not_in_channel', /the app is not in that channel.*not_in_channel/, /\/invite/],
    ['channel_not_found', /there is no such channel/, /\/invite/],
    ['token_revoked', /was revoked/, /Install the app/],
    ['msg_too_long', /too long/, /Shorten/],
    ['some_new_error', /some_new_error/, /See what Slack says/],
  ])('%s', async (error, says, check) => {
    const held = await effect('x')
    at.refuse('chat.postMessage', { ok: false, error })
    expect(await action('slack.comment').carryOut(held, connection, outside)).toMatchObject({
      is: 'failed',
      summary: expect.stringMatching(says),
      check: expect.stringMatching(check),
    })
  })

  test('missing_scope names the scope', async () => {
    const held = await effect('x')
    at.refuse('chat.postMessage', { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'commands' })
    expect(await action('slack.comment').carryOut(held, connection, outside)).toMatchObject({
      code: 'refused_there',
      summary: 'Slack says no: the app lacks the scope chat:write (missing_scope).',
      check: expect.stringContaining('add chat:write'),
    })
  })

  test('a team without a channel of its own, and a channel that is not there', async () => {
    expect(
      await action('slack.comment').carryOut(await effect('x', 'team:payments'), connection, outside),
    ).toMatchObject({
      code: 'no_such_target',
      check: expect.stringContaining('--set home.payments=#channel'),
    })
    const anywhere = { ...connection, settings: { base: at.url } }
    expect(await action('slack.message').carryOut(await effect('x', '#nowhere'), anywhere, outside)).toMatchObject({
      code: 'no_such_target',
      summary: expect.stringContaining('no channel #nowhere'),
    })
    const home = await effect('x', 'team:payments', { home: '#support' })
    expect((await action('slack.comment').carryOut(home, connection, outside)).is).toBe('done')
  })
})

test('a limit that Slack says with 200 is waited for', async () => {
  const held = await effect('x')
  at.refuse('chat.postMessage', { ok: false, error: 'ratelimited' }, 200, { 'retry-after': '9' })
  expect(await action('slack.comment').carryOut(held, connection, outside)).toEqual({
    is: 'later',
    why: 'Slack limits the rate',
    afterMillis: 9_000,
  })
})

test('the same mark in a message of somebody else is not ours', async () => {
  const held = await effect('x')
  await at.say(support, 'x', {
    thread_ts: held.target.split('/')[1]!,
    metadata: JSON.stringify({ event_type: 'viewport_effect', event_payload: { intent: held.intent } }),
  })
  expect(await action('slack.comment').look(held, connection, outside)).toEqual({ is: 'absent' })
})

test('without metadata the block says whose it is', async () => {
  const held = await effect('x')
  await action('slack.comment').carryOut(held, connection, outside)
  const blind: Outside = {
    now: Date.now,
    async ask(asked) {
      const came = await outside.ask(asked)
      return { ...came, text: came.text.replaceAll('"metadata"', '"hidden"') }
    },
  }
  expect((await action('slack.comment').look(held, connection, blind)).is).toBe('there')
})

test('a look that gave up before the end, or was refused, does not say that it is absent', async () => {
  const held = await effect('x')
  const endless: Outside = {
    now: Date.now,
    async ask(asked) {
      const came = await outside.ask(asked)
      const body = JSON.parse(came.text) as object
      return { ...came, text: JSON.stringify({ ...body, has_more: true, response_metadata: { next_cursor: 'more' } }) }
    },
  }
  expect((await action('slack.comment').look(held, connection, endless)).is).toBe('unsure')
  const refusing: Outside = { now: Date.now, ask: async () => ({ status: 403, headers: {}, text: '{}' }) }
  expect((await action('slack.comment').look(held, connection, refusing)).is).toBe('unsure')
})

test('a channel that was given another name is not written to by its old one', async () => {
  const anywhere = { ...connection, id: 'con_renamed', settings: { base: at.url } }
  const id = (await at.ask('conversations.create', { name: 'builds' }, tokens.us)).channel.id
  expect((await action('slack.message').carryOut(await effect('x', '#builds'), anywhere, outside)).is).toBe('done')
  await at.ask('conversations.rename', { channel: id, name: 'old-builds' }, tokens.us)
  expect(await action('slack.message').carryOut(await effect('x', '#builds'), anywhere, outside)).toMatchObject({
    is: 'failed',
    code: 'no_such_target',
  })
})

describe('a channel that people of another company read', () => {
  const shared = [{ is_ext_shared: true }, { is_pending_ext_shared: true }, { is_shared: true, is_org_shared: false }]
  const open = async (says: object, settings: Record<string, string> = {}) => {
    const name = `with-globex-${++serial}`
    const id = (await at.ask('conversations.create', { name }, tokens.us)).channel.id as string
    at.channels.set(id, says)
    return {
      id,
      name,
      thread: `${id}/${await at.say(id, 'Charged twice')}`,
      connection: { ...connection, settings: { base: at.url, ...settings } },
    }
  }
  let serial = 0
  const ask = { whole: ['slack.message on #x', 'text: secret'], approve: 'a', reject: 'r' }
  const told = async (thread: string) => {
    const messages = await at.thread(thread.split('/')[0]!, thread.split('/')[1]!)
    return JSON.stringify(messages.slice(1))
  }

  test.each(shared)('%j: its status is a link alone, also when it is changed, and has no button', async (says) => {
    const { thread, connection: of } = await open(says)
    const held = await effect('x', thread, { params: { text: 'Waits for @kim. Charge: ACME', ask } })
    const went = await slack.status!.write(held, of, outside)
    expect(went.is).toBe('done')
    expect(await told(thread)).toContain(held.page)
    expect(await told(thread)).not.toMatch(/kim|ACME|secret|button/)
    const message = went.is === 'done' ? String(went.receipt.observed['message']) : ''
    const now = { ...held, params: { text: 'Failed: token ACME', ask } }
    expect((await slack.status!.rewrite(now, message, of, outside)).is).toBe('done')
    expect(await told(thread)).not.toMatch(/Failed|ACME|secret|button/)
  })
  test('a status that was written whole before it was shared says no more once it is', async () => {
    const { id, thread, connection: of } = await open({})
    const held = await effect('x', thread, { params: { text: 'Waits for @kim.' } })
    const went = await slack.status!.write(held, of, outside)
    expect(await told(thread)).toContain('kim')
    at.channels.set(id, { is_ext_shared: true })
    await slack.status!.rewrite(held, went.is === 'done' ? String(went.receipt.observed['message']) : '', of, outside)
    expect(await told(thread)).not.toContain('kim')
  })
  test.each(shared)('%j: a message of a workflow is not written there, and says how it may be', async (says) => {
    const { id, name, thread, connection: of } = await open(says)
    for (const [kind, target] of [
      ['slack.comment', thread],
      ['slack.message', `#${name}`],
      ['slack.message', id],
    ] as const)
      expect(await action(kind).carryOut(await effect('All of it', target), of, outside)).toMatchObject({
        is: 'failed',
        code: 'shared_channel',
        check: expect.stringContaining(`--set shared=${name}`),
      })
    expect(await told(thread)).toBe('[]')
  })
  test('an update of a message there is refused too', async () => {
    const { id, thread, connection: of } = await open({})
    const went = await action('slack.comment').carryOut(await effect('First', thread), of, outside)
    at.channels.set(id, { is_ext_shared: true })
    expect(await action('slack.update').carryOut(await effect('All of it', refIn(went)), of, outside)).toMatchObject({
      code: 'shared_channel',
    })
    expect(await told(thread)).not.toContain('All of it')
  })
  test('that the connection names is written to as any other', async () => {
    const { name, thread, connection: of } = await open({ is_ext_shared: true })
    const named = { ...of, settings: { ...of.settings, shared: `#other, ${name}` } }
    expect((await action('slack.comment').carryOut(await effect('All of it', thread), named, outside)).is).toBe('done')
    await slack.status!.write(await effect('x', thread, { params: { text: 'Waits for @kim.' } }), named, outside)
    expect(await told(thread)).toMatch(/All of it.*kim/s)
  })
  test('a channel that workspaces of one company share is none', async () => {
    const { thread, connection: of } = await open({ is_shared: true, is_org_shared: true })
    expect((await action('slack.comment').carryOut(await effect('x', thread), of, outside)).is).toBe('done')
  })
})

test('a message that Slack took without saying which it is, is not done', async () => {
  const held = await effect('x')
  at.refuse('chat.postMessage', { ok: true })
  expect(await action('slack.comment').carryOut(held, connection, outside)).toMatchObject({
    is: 'failed',
    code: 'refused_there',
    retrySafe: false,
  })
})

test('what names no message is not changed', async () => {
  const none = { is: 'failed', code: 'no_such_target', summary: expect.stringContaining('is no message of Slack') }
  expect(await action('slack.update').carryOut(await effect('x', '#support'), connection, outside)).toMatchObject(none)
  for (const message of ['nonsense', support])
    expect(await slack.status!.rewrite(await effect('x'), message, connection, outside)).toMatchObject(none)
})
