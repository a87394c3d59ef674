/** Every action against a program of somebody else that behaves like Linear, while answers are lost, late or a no. */
import { describe, expect, test } from 'vitest'
import { NoWholeAnswer, type Asked, type Outside } from '@viewportai/core/tools/outside'
import { openOutside } from '../outside.ts'
import { actionContract, firstWrite, statusContract, type ActionCase } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import type { Action, Effect } from '@viewportai/core/tools/port'
import type { Connection } from '../port.ts'
import { emulatedLinear, keys } from './testing/emulated.ts'
import { linear } from './tool.ts'

const at = await emulatedLinear()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'linear',
  settings: { base: at.url, teams: 'Payments' },
  secrets: { key: keys.us },
  account: { id: at.user('Viewport'), name: 'Viewport' },
}
const elsewhere = await at.create({ teamId: at.team('OPS') })

const effect = async (params: Record<string, unknown>, target?: string): Promise<Effect> =>
  testEffect({ params, target: target ?? (await at.create()).identifier })
const action = (name: string): Action => linear.actions[name]!
const of = (
  name: string,
  one: () => Promise<Effect>,
  count: ActionCase['count'],
  otherwise: ActionCase['otherwise'],
  beyond = elsewhere.identifier,
  words?: string,
): void =>
  actionContract(name, {
    action: action(name),
    connection: () => connection,
    outside: () => outside,
    isWrite: ({ body }) => body?.startsWith('{"query":"mutation') ?? false,
    effect: one,
    count,
    otherwise,
    beyond: (held) => ({ ...held, target: beyond }),
    ...(words === undefined ? {} : { words }),
  })

of(
  'linear.comment',
  () => effect({ text: 'Viewport worked on this.' }),
  async ({ target, intent }) =>
    // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
    (await at.issue(target)).comments.nodes.filter((one: any) => one.body.endsWith(`/runs/7#${intent})`)).length,
  [{ shows: { body: 'Other words.' }, ends: 'not read back' }],
  undefined,
  'text',
)
of(
  'linear.transition',
  () => effect({ to: 'in review' }),
  async ({ target }) => Number((await at.issue(target)).state.name === 'In Review'),
  [{ shows: { state: { id: 'other', name: 'Todo', type: 'unstarted' } }, ends: 'not_so' }],
)
of(
  'linear.assign',
  () => effect({ to: 'kim@acme.dev' }),
  async ({ target }) => Number((await at.issue(target)).assignee?.name === 'Kim'),
  [{ shows: { assignee: null }, ends: 'not_so' }],
)
of(
  'linear.create',
  () => effect({ team: 'PAY', title: 'Look at the rounding', body: 'It is wrong.', labels: ['bug'] }, 'PAY'),
  async ({ intent }) =>
    (await at.ask('{ issues(first: 500) { nodes { description labels { nodes { name } } } } }')).issues.nodes.filter(
      // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
      (one: any) => one.description?.includes(`#${intent})`) && one.labels.nodes[0].name === 'bug',
    ).length,
  [
    { shows: { description: 'Other words.' }, ends: 'not read back' },
    { shows: { title: 'Another' }, ends: 'not read back' },
    { shows: { labels: { nodes: [] } }, ends: 'not read back' },
  ],
  'Operations',
  'body',
)

statusContract('Linear', {
  keeper: linear.status!,
  connection: () => connection,
  outside: () => outside,
  isWrite: ({ body }) => body?.startsWith('{"query":"mutation') ?? false,
  effect: () => effect({ text: 'Waits for a runner.' }),
  count: async ({ target, intent }) =>
    // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
    (await at.issue(target)).comments.nodes.filter((one: any) => one.body.endsWith(`/runs/7#${intent})`)).length,
  otherwise: [{ shows: { body: 'Other words.' }, ends: 'not read back' }],
  shown: async ({ target }) =>
    // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
    (await at.issue(target)).comments.nodes.map((one: any) => one.body),
  beyond: (held) => ({ ...held, target: elsewhere.identifier }),
})

test.each([
  ['linear.transition', 'in review', () => ({ stateId: at.state('In Progress') })],
  ['linear.assign', 'kim@acme.dev', () => ({ assigneeId: at.user('Sam') })],
] as const)('%s whose answer was lost is not done again over somebody who went on from there', async (name, to, on) => {
  const held = await effect({ to })
  const { id } = await at.issue(held.target)
  const isWrite = ({ body }: Asked): boolean => body?.startsWith('{"query":"mutation') ?? false
  expect((await action(name).carryOut(held, connection, firstWrite(outside, 'lose', isWrite))).is).toBe('unsure')
  await at.update(id, on())
  expect(await action(name).look(held, connection, outside)).toMatchObject({
    is: 'unsure',
    why: expect.stringMatching(/from our account before/),
  })
  // What somebody else did before is no change of ours.
  const other = await effect({ to })
  const { id: one } = await at.issue(other.target)
  await at.update(one, name === 'linear.assign' ? { assigneeId: at.user('Kim') } : { stateId: at.state('In Review') })
  await at.update(one, on())
  expect(await action(name).look(other, connection, outside)).toEqual({ is: 'absent' })
})

describe.each([
  ['linear.comment', () => effect({ text: 'Worked on it.' })],
  ['linear.create', () => effect({ team: 'PAY', title: 'Look', body: 'It is wrong.' }, 'PAY')],
] as const)('%s that is carried out long after it was given up is made once', (name, one) => {
  /** Keeps the first write back, and tells its sender that no answer came. */
  const late = async () => {
    let held: Asked | undefined
    const keeping: Outside = {
      now: Date.now,
      ask: async (asked) => {
        if (held !== undefined || !asked.body?.startsWith('{"query":"mutation')) return outside.ask(asked)
        held = asked
        throw new NoWholeAnswer('no answer within 20000 ms')
      },
    }
    const sent = await one()
    expect((await action(name).carryOut(sent, connection, keeping)).is).toBe('unsure')
    expect(await action(name).look(sent, connection, outside)).toEqual({ is: 'absent' })
    return { sent, arrive: () => outside.ask(held!) }
  }
  const count = async ({ intent }: Effect): Promise<number> => {
    const told = await at.ask(
      '{ comments(first: 500) { nodes { body } } issues(first: 500) { nodes { description } } }',
    )
    return [...told.comments.nodes, ...told.issues.nodes].filter((node) => JSON.stringify(node).includes(`#${intent})`))
      .length
  }

  test('after it was done again', async () => {
    const { sent, arrive } = await late()
    expect((await action(name).carryOut(sent, connection, outside)).is).toBe('done')
    expect((await arrive()).text).toMatch(/conflict on insert of (Comment|Issue)/)
    expect(await count(sent)).toBe(1)
  })

  test('between the look and the second time', async () => {
    const { sent, arrive } = await late()
    await arrive()
    expect(await action(name).carryOut(sent, connection, outside)).toMatchObject({
      is: 'done',
      receipt: { readBack: true, url: expect.stringMatching(/^https?:/), observed: { reconciled: true } },
    })
    expect(await count(sent)).toBe(1)
  })
})

describe('a no names what there is', () => {
  test.each([
    [
      'linear.transition',
      { to: 'Shipped' },
      'There is no status of Payments Shipped; there are Todo, In Progress, In Review.',
    ],
    ['linear.assign', { to: 'nobody@acme.dev' }, 'Nobody active in Linear is called nobody@acme.dev.'],
  ])('%s %j', async (name, params, summary) => {
    expect(await action(name).carryOut(await effect(params), connection, outside)).toMatchObject({
      is: 'failed',
      summary,
    })
  })
  test('an unknown label stops before anything is made', async () => {
    const one = await effect({ team: 'PAY', title: 'x', labels: ['bug', 'huge'] }, 'PAY')
    expect(await action('linear.create').carryOut(one, connection, outside)).toMatchObject({
      is: 'failed',
      summary: expect.stringContaining('There is no label huge; there are'),
    })
    expect(await action('linear.create').look(one, connection, outside)).toEqual({ is: 'absent' })
  })
  test('an issue that is not there', async () =>
    expect(
      await action('linear.comment').carryOut(await effect({ text: 'x' }, 'PAY-9999'), connection, outside),
    ).toMatchObject({
      is: 'failed',
      code: 'no_such_target',
    }))
})

test('the same words by somebody else are not ours', async () => {
  const one = await effect({ text: 'done' })
  await at.comment((await at.issue(one.target)).id, `done\n\n[Viewport run 7](${one.page}#${one.intent})`, keys.sam)
  expect(await action('linear.comment').look(one, connection, outside)).toEqual({ is: 'absent' })
})

test('moved already: nothing is changed, and the receipt says how it was', async () => {
  const one = await effect({ to: 'In Review' })
  await at.update(one.target, { stateId: at.state('In Review') })
  expect(await action('linear.transition').carryOut(one, connection, outside)).toMatchObject({
    is: 'done',
    receipt: { observed: { status: 'In Review', before: 'In Review', key: one.target } },
  })
})

test('a limit that Linear says with 400 is waited for', async () => {
  const limited = {
    ...outside,
    now: Date.now,
    ask: async () => ({
      status: 400,
      headers: { 'x-ratelimit-requests-reset': String(Date.now() + 9_000) },
      text: '{"errors":[{"message":"Rate limit exceeded","extensions":{"code":"RATELIMITED"}}]}',
    }),
  }
  const went = await action('linear.comment').carryOut(await effect({ text: 'x' }), connection, limited)
  expect(went).toMatchObject({ is: 'later', why: 'Linear limits the rate' })
  expect((went as { afterMillis: number }).afterMillis).toBeGreaterThan(8_000)
})

test.each([
  ['linear.comment', () => effect({ text: 'x' })],
  ['linear.create', () => effect({ title: 'x' }, 'PAY')],
] as const)(
  '%s: a look that gave up before the end, or was refused, does not say that it is absent',
  async (name, one) => {
    const endless: Outside = {
      now: Date.now,
      async ask(asked) {
        const came = await outside.ask(asked)
        return { ...came, text: came.text.replaceAll('"hasNextPage":false', '"hasNextPage":true') }
      },
    }
    const refusing: Outside = { now: Date.now, ask: async () => ({ status: 403, headers: {}, text: '{}' }) }
    const held = await one()
    expect((await action(name).look(held, connection, outside)).is).toBe('absent')
    expect((await action(name).look(held, connection, endless)).is).toBe('unsure')
    expect((await action(name).look(held, connection, refusing)).is).toBe('unsure')
  },
)

describe('Linear did not do it, and gave no reason', () => {
  /** Linear, but its answer to a change. */
  const answering = (answer: object): Outside => ({
    now: Date.now,
    ask: async (asked) =>
      asked.body?.startsWith('{"query":"mutation')
        ? { status: 200, headers: {}, text: JSON.stringify(answer) }
        : outside.ask(asked),
  })
  test.each([
    ['linear.transition', { to: 'in review' }, undefined, 'issueUpdate'],
    ['linear.assign', { to: 'kim@acme.dev' }, undefined, 'issueUpdate'],
    ['linear.comment', { text: 'x' }, undefined, 'commentCreate'],
    ['linear.create', { team: 'PAY', title: 'x' }, 'PAY', 'issueCreate'],
  ])('%s', async (name, params, target, mutation) =>
    expect(
      await action(name).carryOut(
        await effect(params, target),
        connection,
        answering({ data: { [mutation]: { success: false } } }),
      ),
    ).toMatchObject({ is: 'failed', code: 'refused_there', summary: expect.stringContaining('gave no reason') }),
  )
  test.each([
    [{ data: { commentUpdate: { success: false } } }, 'refused_there', /gave no reason/],
    [{ errors: [{ message: 'Entity not found: Comment' }] }, 'no_such_target', /is not there any more\.$/],
  ])('the status message: %j', async (answer, code, summary) => {
    const held = await effect({ text: 'Waits.' })
    const went = await linear.status!.write(held, connection, outside)
    if (went.is !== 'done') throw new Error(JSON.stringify(went))
    const message = String(went.receipt.observed['message'])
    expect(await linear.status!.rewrite(held, message, connection, answering(answer))).toMatchObject({
      is: 'failed',
      code,
      summary: expect.stringMatching(summary),
    })
  })
})
