/** Every action against our own emulator of Jira, while answers are lost, late or a no. */
import { expect, test } from 'vitest'
import type { Outside } from '@viewportai/core/tools/outside'
import { openOutside } from '../outside.ts'
import { actionContract, firstWrite, statusContract, type ActionCase } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import type { Action, Effect } from '@viewportai/core/tools/port'
import type { Connection } from '../port.ts'
import { textOf } from '@viewportai/core/tools/jira/document'
import { isMarked } from '@viewportai/core/tools/jira/marker'
import { emulatedJira, tokens } from './testing/emulated.ts'
import { jira } from './tool.ts'

const at = await emulatedJira()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'jira',
  settings: { site: at.url, email: 'us@acme.dev', projects: 'PAY' },
  secrets: { token: tokens.us },
  account: { id: at.people.us.accountId, name: 'Viewport' },
}
const otherWords = { type: 'doc', version: 1, content: [] }
const elsewhere = await at.create({ project: { key: 'OPS' } })

const effect = async (params: Record<string, unknown>, target?: string): Promise<Effect> =>
  testEffect({ params, target: target ?? ((await at.create({})).key as string) })
const action = (name: string): Action => jira.actions[name]!
const of = (
  name: string,
  one: () => Promise<Effect>,
  count: ActionCase['count'],
  otherwise: ActionCase['otherwise'],
  beyond = elsewhere.key as string,
  words?: string,
): void =>
  actionContract(name, {
    action: action(name),
    connection: () => connection,
    outside: () => outside,
    effect: one,
    count,
    otherwise,
    beyond: (held) => ({ ...held, target: beyond }),
    ...(words === undefined ? {} : { words }),
  })

of(
  'jira.comment',
  () => effect({ text: 'Viewport worked on this.' }),
  async ({ target, intent }) =>
    at.issue(target).comments.filter((one: { body: unknown }) => isMarked(one.body, intent)).length,
  [{ shows: { body: otherWords }, ends: 'not read back' }],
  undefined,
  'text',
)
of(
  'jira.transition',
  () => effect({ to: 'in review' }),
  async ({ target }) => Number(at.issue(target).fields.status.name === 'In Review'),
  [{ shows: { status: { name: 'To Do' } }, ends: 'not_so' }],
)
of(
  'jira.assign',
  () => effect({ to: 'kim@acme.dev' }),
  async ({ target }) => Number(at.issue(target).fields.assignee?.displayName === 'Kim'),
  [{ shows: { assignee: null }, ends: 'not_so' }],
)
of(
  'jira.create',
  () =>
    effect(
      { project: 'PAY', title: 'Look at the rounding', body: 'It is wrong.', labels: ['bug'], type: 'Bug' },
      'PAY',
    ),
  async ({ intent }) => at.all.filter((one) => isMarked(one.fields.description, intent)).length,
  [
    { shows: { description: otherWords }, ends: 'not read back' },
    { shows: { summary: 'Another' }, ends: 'not read back' },
    { shows: { labels: [] }, ends: 'not read back' },
  ],
  'OPS',
  'body',
)

statusContract('Jira', {
  keeper: jira.status!,
  connection: () => connection,
  outside: () => outside,
  effect: () => effect({ text: 'Waits for a runner.' }),
  count: async ({ target, intent }) =>
    at.issue(target).comments.filter((one: { body: unknown }) => isMarked(one.body, intent)).length,
  otherwise: [{ shows: { body: otherWords }, ends: 'not read back' }],
  shown: async ({ target }) => at.issue(target).comments.map((one: { body: unknown }) => textOf(one.body)),
  beyond: (held) => ({ ...held, target: elsewhere.key as string }),
})

test('whoever watches an issue is not written to again when its status changes', async () => {
  const one = await effect({ text: 'Waits for a runner.' })
  const went = await jira.status!.write(one, connection, outside)
  const message = String((went as { receipt: { observed: Record<string, unknown> } }).receipt.observed['message'])
  const asked: string[] = []
  const heard: Outside = {
    ...outside,
    ask: (one) => {
      if (one.method === 'PUT') asked.push(new URL(one.url).search)
      return outside.ask(one)
    },
  }
  const change = { ...one, params: { text: 'Planning.' } }
  expect((await jira.status!.rewrite(change, message, connection, heard)).is).toBe('done')
  expect(asked).toEqual(['?notifyUsers=false'])
})

test.each([
  [
    'jira.transition',
    { to: 'Shipped' },
    / cannot be moved to Shipped from To Do; it can to To Do, In Progress, In Review\.$/,
  ],
  ['jira.assign', { to: 'nobody@acme.dev' }, /^Nobody who may be assigned to \S+ is called nobody@acme\.dev\.$/],
])('%s %j: a no names what there is', async (name, params, summary) =>
  expect(await action(name).carryOut(await effect(params), connection, outside)).toMatchObject({
    is: 'failed',
    summary: expect.stringMatching(summary),
  }),
)

test.each([
  ['jira.transition', 'in review', 'In Progress', (target: string, to: string) => at.move(target, to)],
  ['jira.assign', 'kim@acme.dev', 'sam', (target: string, to: string) => at.assign(target, to as 'sam')],
] as const)(
  '%s whose answer was lost is not done again over somebody who went on from there',
  async (name, to, on, go) => {
    const held = await effect({ to })
    const lost = firstWrite(outside, 'lose', ({ method }) => method !== 'GET')
    expect((await action(name).carryOut(held, connection, lost)).is).toBe('unsure')
    await go(held.target, on)
    expect(await action(name).look(held, connection, outside)).toMatchObject({
      is: 'unsure',
      why: expect.stringMatching(/from our account before/),
    })
    // What somebody else did before is no change of ours.
    const other = await effect({ to })
    await go(other.target, name === 'jira.assign' ? 'kim' : 'In Review')
    await go(other.target, on)
    expect(await action(name).look(other, connection, outside)).toEqual({ is: 'absent' })
  },
)

test('the same words by somebody else are not ours', async () => {
  const one = await effect({ text: 'done' })
  const link = { type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: `${one.page}#${one.intent}` } }] }
  await at.comment(one.target, { type: 'doc', content: [{ type: 'paragraph', content: [link] }] })
  expect(await action('jira.comment').look(one, connection, outside)).toEqual({ is: 'absent' })
})

/** Jira, but a question whose path begins so is answered otherwise. */
const answering = (method: string, path: string, status: number, text: string): Outside => ({
  now: Date.now,
  ask: async (asked) =>
    asked.method === method && new URL(asked.url).pathname.startsWith(`/rest/api/3${path}`)
      ? { status, headers: {}, text }
      : outside.ask(asked),
})

test.each([
  [302, '', 'failed'],
  [304, '', 'failed'],
  [200, '<html>Log in</html>', 'unsure'],
  [201, '{}', 'unsure'],
  [201, '', 'unsure'],
])('a new issue or comment is answered with %i and %j: not done', async (status, text, is) => {
  const made = await effect({ title: 'x', body: 'y' }, 'PAY')
  expect((await action('jira.create').carryOut(made, connection, answering('POST', '/issue', status, text))).is).toBe(
    is,
  )
  const said = await effect({ text: 'x' })
  expect((await action('jira.comment').carryOut(said, connection, answering('POST', '/issue', status, text))).is).toBe(
    is,
  )
})

test.each([
  [302, '', /^Jira says: it answered 302/],
  [200, '<html>Log in</html>', /nothing that can be understood/],
  [200, '{}', /no list of issues/],
])('asking for news is answered with %i and %j: it throws, so that the place stays', async (status, text, words) => {
  const cursor = { since: new Date().toISOString() }
  const ask = (): Promise<unknown> =>
    jira.poll!.ask(connection, 'PAY', cursor, answering('GET', '/search', status, text))
  await expect(ask()).rejects.toThrow(words)
})

const strangers = JSON.stringify({
  comments: Array.from({ length: 100 }, (_none, id) => ({ id: String(id), body: 'x' })),
})
const noneOfOurs = JSON.stringify({ issues: [{ id: '1', fields: { description: 'x' } }], nextPageToken: 'on' })

test.each([
  ['jira.comment', 403, 'unsure', '/issue', '{}'],
  ['jira.comment', 400, 'unsure', '/issue', '{}'],
  ['jira.comment', 404, 'absent', '/issue', '{}'],
  ['jira.create', 401, 'unsure', '/search', '{}'],
  ['jira.create', 200, 'unsure', '/search', '{}'],
  ['jira.create', 200, 'unsure', '/search', noneOfOurs],
])('%s, a look is answered with %i: %s', async (name, status, is, path, text) => {
  const one = await effect({ text: 'x', title: 'x' }, name === 'jira.create' ? 'PAY' : undefined)
  expect((await action(name).look(one, connection, answering('GET', path, status, text))).is).toBe(is)
})

test.each([
  ['others without end', strangers, 'unsure'],
  ['no list', '{}', 'unsure'],
  ['none', '{"comments":[]}', 'absent'],
])('a look through comments, and there are %s', async (_how, text, is) => {
  const one = await effect({ text: 'x' })
  const { id } = at.issue(one.target)
  expect(
    (await action('jira.comment').look(one, connection, answering('GET', `/issue/${id}/comment`, 200, text))).is,
  ).toBe(is)
})

test('nobody is mentioned, whatever a text says', async () => {
  const one = await effect({ text: 'For @kim and [~accountid:712020:kim]: ` @sam `, see https://acme.dev/x and <b>' })
  await action('jira.comment').carryOut(one, connection, outside)
  const [comment] = at.issue(one.target).comments
  expect(JSON.stringify(comment.body)).not.toContain('"mention"')
  expect(comment.body.content[0].content).toContainEqual({ type: 'text', text: '@sam', marks: [{ type: 'code' }] })
})

test('a project is named by its key', async () =>
  expect(
    await action('jira.create').carryOut(await effect({ title: 'x' }, 'The payments'), connection, outside),
  ).toMatchObject({ is: 'failed', code: 'no_such_name', check: 'Name the project by its key.' }))
