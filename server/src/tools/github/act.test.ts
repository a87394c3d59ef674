/** Every action against a program of somebody else that behaves like GitHub, while answers are lost, late or a no. */
import { describe, expect, test } from 'vitest'
import type { Outside } from '@viewportai/core/tools/outside'
import { placeSettings } from '@viewportai/core/tools/place'
import { openOutside } from '../outside.ts'
import { actionContract, firstWrite, statusContract, type ActionCase } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import type { Effect } from '@viewportai/core/tools/port'
import type { Connection } from '../port.ts'
import { markerOf } from '@viewportai/core/tools/hidden-marker'
import { appKey, emulatedGitHub, tokens } from './testing/emulated.ts'
import { github } from './tool.ts'

const hub = await emulatedGitHub()
const outside = openOutside(['localhost', '127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: hub.url },
  secrets: { token: tokens.us, webhook_secret: 'x'.repeat(32) },
  account: { id: hub.ids.us, name: 'viewport-acme' },
}

const effect = testEffect
let branches = 0
const issue = async (): Promise<number> =>
  (await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'It is wrong.' }, tokens.sam)).number
const onIssue = async (params: Record<string, unknown>): Promise<Effect> =>
  effect({ target: `acme/shop#${await issue()}`, params })
const numberOf = ({ target }: Effect): string => target.split('#')[1]!
const of = (
  action: string,
  one: () => Promise<Effect>,
  count: ActionCase['count'],
  more: Omit<Partial<ActionCase>, 'otherwise'> & Pick<ActionCase, 'otherwise'>,
): void =>
  actionContract(action, {
    action: github.actions[action]!,
    connection: () => connection,
    outside: () => outside,
    effect: one,
    count,
    beyond: (held) => ({ ...held, repos: [{ name: 'acme/elsewhere', url: 'https://example.com/acme/shop.git' }] }),
    ...more,
  })
const marked = (all: { body: string | null }[], { intent }: Effect): number =>
  all.filter((one) => one.body?.includes(markerOf(intent))).length

const pullEffect = async (params: Record<string, unknown> = {}): Promise<Effect> => {
  const head = `vp/bug-${++branches}`
  const commit = await hub.branch(head)
  return effect({ commit, params: { repo: 'acme/shop', title: 'Mend the prices', head, base: 'main', ...params } })
}
const pulls = async (): Promise<{ number: number; body: string; state: string; head: { ref: string } }[]> =>
  hub.ask('GET', '/repos/acme/shop/pulls?state=all&per_page=100')

statusContract('GitHub', {
  keeper: github.status!,
  connection: () => connection,
  outside: () => outside,
  effect: () => onIssue({ text: 'Waits for a runner.' }),
  count: async (held) => marked(await hub.ask('GET', `/repos/acme/shop/issues/${numberOf(held)}/comments`), held),
  shown: async (held) =>
    (await hub.ask('GET', `/repos/acme/shop/issues/${numberOf(held)}/comments`)).map(
      (one: { body: string }) => one.body,
    ),
  beyond: (held) => ({ ...held, repos: [{ name: 'acme/elsewhere', url: 'https://example.com/acme/shop.git' }] }),
  otherwise: [{ shows: { body: 'Other words.' }, ends: 'not_whole' }],
})

of(
  'github.open_pr',
  () => pullEffect({ body: 'Please look.', labels: ['agent'], reviewers: ['sam'] }),
  async (held) => marked(await pulls(), held),
  {
    otherwise: [
      { shows: { labels: [] }, ends: 'not_whole' },
      { shows: { requested_reviewers: [] }, ends: 'not_whole' },
    ],
  },
)
of(
  'github.comment',
  () => onIssue({ text: 'Viewport worked on this.' }),
  async (held) => marked(await hub.ask('GET', `/repos/acme/shop/issues/${numberOf(held)}/comments?per_page=100`), held),
  { words: 'text', otherwise: [{ shows: { body: 'Other words.' }, ends: 'not_whole' }] },
)
of(
  'github.label',
  async () => {
    const held = await onIssue({ add: ['agent', 'seen'], remove: ['todo'] })
    await hub.ask('POST', `/repos/acme/shop/issues/${numberOf(held)}/labels`, { labels: ['todo'] }, tokens.sam)
    return held
  },
  async (held) =>
    (await hub.ask('GET', `/repos/acme/shop/issues/${numberOf(held)}`)).labels.filter(
      (one: { name: string }) => one.name === 'agent',
    ).length,
  { otherwise: [{ shows: { labels: [] }, ends: 'not_whole' }] },
)
of(
  'github.assign',
  () => onIssue({ to: ['sam'] }),
  async (held) => (await hub.ask('GET', `/repos/acme/shop/issues/${numberOf(held)}`)).assignees.length,
  { otherwise: [{ shows: { assignees: [] }, ends: 'not_whole' }] },
)
of(
  'github.review',
  async () => {
    const opened = await github.actions['github.open_pr']!.carryOut(await pullEffect(), connection, outside)
    if (opened.is !== 'done') throw new Error(JSON.stringify(opened))
    return effect({
      target: String(opened.receipt.observed['ref']),
      params: { text: 'Looks odd.', verdict: 'comment' },
    })
  },
  async (held) => marked(await hub.ask('GET', `/repos/acme/shop/pulls/${numberOf(held)}/reviews?per_page=100`), held),
  { words: 'text', otherwise: [{ shows: { body: 'Other words.' }, ends: 'not_whole' }] },
)
of(
  'github.report_check',
  async () =>
    effect({
      commit: await hub.branch(`vp/check-${++branches}`),
      params: { name: 'viewport', conclusion: 'success', summary: 'Fine.' },
    }),
  async (held) =>
    (await hub.ask('GET', `/repos/acme/shop/commits/${held.commit}/check-runs?per_page=100`)).check_runs.filter(
      (one: { external_id: string }) => one.external_id === held.intent,
    ).length,
  { named: false, otherwise: [{ shows: { conclusion: 'neutral' }, ends: 'not read back' }] },
)
of(
  'github.create_issue',
  async () => effect({ params: { repo: 'acme/shop', title: 'Follow up', body: 'Look again.', labels: ['later'] } }),
  async (held) =>
    marked(await hub.ask('GET', '/repos/acme/shop/issues?state=all&sort=created&direction=desc&per_page=100'), held),
  {
    words: 'body',
    otherwise: [
      { shows: { body: 'Other words.' }, ends: 'not read back' },
      { shows: { title: 'Another' }, ends: 'not read back' },
      { shows: { labels: [] }, ends: 'not read back' },
    ],
  },
)
of(
  'github.update_pr',
  async () => {
    const opener = await pullEffect()
    const opened = await github.actions['github.open_pr']!.carryOut(opener, connection, outside)
    if (opened.is !== 'done') throw new Error(JSON.stringify(opened))
    const target = String(opened.receipt.observed['ref'])
    return effect({ target, commit: opener.commit, params: { title: 'Mend all', body: 'More words.' } })
  },
  async (held) => marked([await hub.ask('GET', `/repos/acme/shop/pulls/${numberOf(held)}`)], held),
  {
    words: 'body',
    otherwise: [
      { shows: { title: 'Another' }, ends: 'not_whole' },
      { shows: { body: 'Other words.' }, ends: 'not_whole' },
    ],
  },
)

describe('a pull request', () => {
  const open = github.actions['github.open_pr']!
  test('says what it is, who approved it and where it came from, and pings and closes nothing', async () => {
    const held = await pullEffect({ body: 'Please look.' })
    await open.carryOut(held, connection, outside)
    const body = (await pulls()).find((one) => one.head.ref === held.params['head'])!.body
    expect(body).toBe(
      [
        'Please look.',
        '---',
        '- Run: https://viewport.acme.dev/runs/7\n- From: `` @team Fixes #1 ` x ``\n- Checks passed (2 commands).\n- Made by Viewport, approved by ` @dana `.',
        markerOf(held.intent),
      ].join('\n\n'),
    )
  })
  test('is not opened when its branch is not at the approved commit', async () => {
    const held = await pullEffect()
    const went = await open.carryOut({ ...held, commit: 'f'.repeat(40) }, connection, outside)
    expect(went).toMatchObject({ is: 'failed', code: 'head_moved' })
    expect((await pulls()).some((one) => one.head.ref === held.params['head'])).toBe(false)
  })
  test('is closed again when somebody pushed while it was opened', async () => {
    const held = await pullEffect()
    const raced = firstWrite(outside, 'lose', ({ method, url }) => method === 'POST' && url.endsWith('/pulls'))
    expect((await open.carryOut(held, connection, raced)).is).toBe('unsure')
    const [opened] = (await pulls()).filter((one) => one.head.ref === held.params['head'])
    const went = await open.carryOut(
      { ...held, commit: await hub.branch(`vp/other-${++branches}`) },
      connection,
      outside,
    )
    expect(went).toMatchObject({ is: 'failed', code: 'head_moved', summary: expect.stringContaining('closed again') })
    expect((await hub.ask('GET', `/repos/acme/shop/pulls/${opened!.number}`)).state).toBe('closed')
  })
  test('that shows another commit than the approved one is no receipt of it', async () => {
    const held = await pullEffect()
    expect((await open.carryOut(held, connection, outside)).is).toBe('done')
    expect((await open.look(held, connection, outside)).is).toBe('there')
    expect((await open.look({ ...held, commit: 'f'.repeat(40) }, connection, outside)).is).toBe('absent')
  })
  test('that was closed meanwhile is not opened a second time', async () => {
    const held = await pullEffect()
    const went = await open.carryOut(held, connection, outside)
    if (went.is !== 'done') throw new Error(JSON.stringify(went))
    await hub.ask('PATCH', `/repos/acme/shop/pulls/${went.receipt.id}`, { state: 'closed' }, tokens.sam)
    const again = { ...held, opened: `acme/shop#${went.receipt.id}` }
    expect(await open.carryOut(again, connection, outside)).toMatchObject({ is: 'failed', code: 'closed_there' })
    expect((await pulls()).filter((one) => one.head.ref === held.params['head'])).toHaveLength(1)
  })
  test.each(['github.open_pr', 'github.report_check'])('without a commit there is nothing to do: %s', async (name) =>
    expect(await github.actions[name]!.carryOut(effect({}), connection, outside)).toMatchObject({
      is: 'failed',
      code: 'not_pushed',
    }),
  )
  test.each(['acme/shop', 'acme/shop#0', 'acme/shop!7'])('is none, and no issue: %s', async (target) =>
    expect(
      await github.actions['github.comment']!.carryOut(effect({ target, params: { text: 'x' } }), connection, outside),
    ).toMatchObject({ is: 'failed', code: 'no_thread' }),
  )
  test('that GitHub does not take out of draft is told so, with what GitHub says', async () => {
    const opener = await pullEffect({ draft: true })
    const opened = await open.carryOut(opener, connection, outside)
    if (opened.is !== 'done') throw new Error(JSON.stringify(opened))
    const refusing: Outside = {
      now: Date.now,
      ask: async (asked) =>
        asked.url.endsWith('/graphql')
          ? { status: 200, headers: {}, text: '{"errors":[{"message":"Drafts are closed today"}]}' }
          : outside.ask(asked),
    }
    const held = effect({ target: String(opened.receipt.observed['ref']), params: { ready: true } })
    expect(await github.actions['github.update_pr']!.carryOut(held, connection, refusing)).toMatchObject({
      is: 'failed',
      code: 'refused_there',
      summary: expect.stringContaining('Drafts are closed today'),
    })
  })
  test('that somebody else opened from this branch is taken as it is, and said so', async () => {
    const held = await pullEffect()
    await hub.ask(
      'POST',
      '/repos/acme/shop/pulls',
      { title: 'Mine', head: held.params['head'], base: 'main' },
      tokens.sam,
    )
    expect(await open.carryOut(held, connection, outside)).toMatchObject({
      is: 'done',
      receipt: { observed: { openedBy: 'sam' } },
    })
    expect((await pulls()).filter((one) => one.head.ref === held.params['head'])).toHaveLength(1)
  })
  test.each([
    ['our own account wrote in another one of this branch', tokens.us, 'Said before:\n\nMARK\n\nNothing more.'],
    ['somebody else put below the words of another one of this branch', tokens.sam, 'Mine.\n\nMARK'],
  ])('is not the one whose mark %s', async (_who, token, words) => {
    const held = await pullEffect()
    const { head, base } = held.params
    const body = `${words.replace('MARK', markerOf(held.intent))}${token === tokens.us ? `\n\n${markerOf(effect().intent)}` : ''}`
    const other = await hub.ask('POST', '/repos/acme/shop/pulls', { title: 'Other', head, base, body }, token)
    await hub.ask('PATCH', `/repos/acme/shop/pulls/${other.number}`, { state: 'closed' }, token)
    expect(await open.look(held, connection, outside)).toEqual({ is: 'absent' })
    const went = await open.carryOut(held, connection, outside)
    expect(went).toMatchObject({
      is: 'done',
      receipt: { observed: { number: expect.not.toSatisfy((n) => n === other.number) } },
    })
  })
  test('whose labels were not set when the program died is completed, not opened again', async () => {
    const held = await pullEffect({ labels: ['agent'] })
    const cut = firstWrite(outside, 'drop', ({ url }) => url.endsWith('/labels'))
    expect((await open.carryOut(held, connection, cut)).is).toBe('unsure')
    expect((await open.look(held, connection, outside)).is).toBe('absent')
    expect((await open.carryOut(held, connection, outside)).is).toBe('done')
    expect(marked(await pulls(), held)).toBe(1)
  })
  test('is changed in its words, and keeps the marker by which it is found', async () => {
    const opener = await pullEffect()
    const opened = await open.carryOut(opener, connection, outside)
    if (opened.is !== 'done') throw new Error(JSON.stringify(opened))
    const held = effect({
      target: String(opened.receipt.observed['ref']),
      commit: opener.commit,
      params: { title: 'Better', body: 'New words.' },
    })
    const update = github.actions['github.update_pr']!
    expect(await update.look(held, connection, outside)).toEqual({ is: 'absent' })
    expect(await update.carryOut(held, connection, outside)).toMatchObject({ is: 'done' })
    expect(await update.look(held, connection, outside)).toMatchObject({ is: 'there' })
    const one = await hub.ask('GET', `/repos/acme/shop/pulls/${opened.receipt.id}`)
    expect([one.title, marked([one], opener), marked([one], held)]).toEqual(['Better', 1, 1])
    expect(await update.carryOut({ ...held, commit: 'f'.repeat(40) }, connection, outside)).toMatchObject({
      is: 'failed',
      code: 'head_moved',
    })
  })
})

test.each([
  ['a token', {}, {}, { is: 'failed', code: 'needs_app' }],
  ['an App', { app: '12345', installation: '100' }, {}, { is: 'failed', code: 'refused_there' }],
  ['a token, at a limit', {}, { 'retry-after': '7' }, { is: 'later', afterMillis: 7_000 }],
])('a check that GitHub does not take (403) of %s is told as what it is', async (_of, app, headers, went) => {
  const held = effect({ commit: await hub.branch(`vp/refused-${++branches}`), params: { conclusion: 'success' } })
  const by: Connection = {
    ...connection,
    settings: { ...connection.settings, ...app },
    secrets: 'app' in app ? { private_key: appKey } : connection.secrets,
  }
  const refused = firstWrite(outside, { status: 403, headers }, ({ url }) => url.endsWith('/check-runs'))
  expect(await github.actions['github.report_check']!.carryOut(held, by, refused)).toMatchObject(went)
})

test('a marker that a stranger copied does not stand for our comment', async () => {
  const held = await onIssue({ text: 'Ours.' })
  await hub.ask(
    'POST',
    `/repos/acme/shop/issues/${numberOf(held)}/comments`,
    { body: markerOf(held.intent) },
    tokens.stranger,
  )
  expect(await github.actions['github.comment']!.look(held, connection, outside)).toEqual({ is: 'absent' })
})

test('a review never approves, whatever the parameters say', async () => {
  const opened = await github.actions['github.open_pr']!.carryOut(await pullEffect(), connection, outside)
  if (opened.is !== 'done') throw new Error(JSON.stringify(opened))
  const held = effect({ target: String(opened.receipt.observed['ref']), params: { text: 'x', verdict: 'approve' } })
  expect(await github.actions['github.review']!.carryOut(held, connection, outside)).toMatchObject({
    receipt: { observed: { state: 'commented' } },
  })
})

test.each([
  ['https://github.com/acme/shop.git', true],
  ['git@github.com:acme/shop.git', true],
  ['ssh://git@github.com/acme/shop', true],
  ['https://github.com.evil.example/acme/shop.git', false],
  ['https://gitlab.com/acme/shop.git', false],
  ['git@gitlab.com:acme/shop.git', false],
  ['https://github.com/acme/other.git', false],
])('a workflow with the clone %s may touch acme/shop at github.com: %j', async (url, may) => {
  const asked: string[] = []
  const went = await github.actions['github.comment']!.carryOut(
    effect({ target: 'acme/shop#1', params: { text: 'x' }, repos: [{ name: 'acme/shop', url }] }),
    { ...connection, settings: { base: 'https://api.github.com' } },
    { now: Date.now, ask: async ({ url: to }) => (asked.push(to), { status: 404, headers: {}, text: '{}' }) },
  )
  expect(went).toMatchObject({ is: 'failed', code: may ? 'not_found_there' : 'outside_workflow' })
  expect(asked.length > 0).toBe(may)
})

test.each([
  [403, 'unsure'],
  [401, 'unsure'],
  [404, 'absent'],
])('a look is answered with %i: %s', async (status, is) => {
  const refusing: Outside = { now: Date.now, ask: async () => ({ status, headers: {}, text: '{}' }) }
  const held = effect({ target: 'acme/shop#1', params: { text: 'x' } })
  expect((await github.actions['github.comment']!.look(held, connection, refusing)).is).toBe(is)
})

describe('where a name means another repository than it did', () => {
  const another = { ...connection, settings: { ...connection.settings, ...placeSettings({ 'acme/shop': '4711' }) } }
  test.each<[string, () => Promise<Effect>]>([
    ['github.open_pr', pullEffect],
    ['github.comment', () => onIssue({ text: 'x' })],
    ['github.label', () => onIssue({ add: ['seen'] })],
    ['github.assign', () => onIssue({ add: ['sam'] })],
    ['github.create_issue', async () => effect({ params: { repo: 'acme/shop', title: 'x', body: 'y' } })],
  ])('%s writes nothing', async (name, one) => {
    const writes: string[] = []
    const counting: Outside = {
      now: Date.now,
      ask: (asked) => {
        if (asked.method !== 'GET') writes.push(asked.url)
        return outside.ask(asked)
      },
    }
    const held = await one()
    expect(await github.actions[name]!.carryOut(held, another, counting)).toMatchObject({
      is: 'failed',
      code: 'another_repository',
      summary: expect.stringContaining('it was 4711'),
    })
    expect(writes).toEqual([])
    const { id } = await hub.ask('GET', '/repos/acme/shop')
    const same = { ...connection, settings: { ...connection.settings, ...placeSettings({ 'acme/shop': String(id) }) } }
    const went = await github.actions[name]!.carryOut(held, same, counting)
    expect(went.is).toBe('done')
    expect(writes.length).toBeGreaterThan(0)
  })
})
