/** Every action against our own emulator of GitLab, while answers are lost, late or a no. */
import { describe, expect, test } from 'vitest'
import { ci } from '../ci/tool.ts'
import { markerOf } from '@viewportai/core/tools/hidden-marker'
import type { Outside } from '@viewportai/core/tools/outside'
import { placeSettings } from '@viewportai/core/tools/place'
import { openOutside } from '../outside.ts'
import type { Action, Effect } from '@viewportai/core/tools/port'
import type { Connection } from '../port.ts'
import { actionContract, firstWrite, statusContract, type ActionCase } from '../testing/contract.ts'
import { testEffect as effect } from '../testing/effect.ts'
import { emulatedGitLab, tokens } from './testing/emulated.ts'
import { gitlab } from './tool.ts'
import { withoutOrders } from '@viewportai/core/tools/gitlab/words'

const at = await emulatedGitLab()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'gitlab',
  settings: { base: at.url },
  secrets: { token: tokens.us, webhook_secret: 'x'.repeat(32) },
  account: { id: '1', name: 'viewport' },
}
const forge: Connection = {
  ...connection,
  name: 'ci',
  settings: { forge: 'gitlab', base: at.url },
  secrets: { token: 't'.repeat(20), forge_token: tokens.us },
}

let branches = 0
const sha = (): string => String(++branches).padStart(40, '0')
const pushed = (): { head: string; commit: string } => {
  const commit = sha()
  const head = `vp/bug-${branches}`
  at.branch(head, commit)
  return { head, commit }
}
const mrEffect = async (params: Record<string, unknown> = {}): Promise<Effect> => {
  const { head, commit } = pushed()
  return effect({ commit, params: { repo: 'acme/shop', title: 'Mend the prices', head, base: 'main', ...params } })
}
const onIssue = async (params: Record<string, unknown>): Promise<Effect> =>
  effect({ target: `acme/shop#${(await at.issue()).iid}`, params })
const thingOf = ({ target }: Effect) => {
  const [, sign, iid] = /([#!])(\d+)$/.exec(target)!
  return at.shop[sign === '#' ? 'issues' : 'merge_requests'][Number(iid) - 1]
}
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
const marked = (all: any[], field: string, { intent }: Effect): number =>
  all.filter((one) => one[field]?.includes(markerOf(intent))).length
const action = (name: string): Action => gitlab.actions[name]!
const of = (
  name: string,
  one: () => Promise<Effect>,
  count: ActionCase['count'],
  more: Omit<Partial<ActionCase>, 'otherwise'> & Pick<ActionCase, 'otherwise'>,
): void =>
  actionContract(name, {
    action: gitlab.actions[name] ?? ci.actions[name]!,
    connection: () => connection,
    outside: () => outside,
    effect: one,
    count,
    beyond: (held) => ({ ...held, repos: [{ name: 'acme/elsewhere', url: 'https://example.com/acme/shop.git' }] }),
    ...more,
  })

of(
  'gitlab.open_mr',
  () => mrEffect({ body: 'Please look.', labels: ['agent'], draft: true }),
  async (held) => marked(at.shop.merge_requests, 'description', held),
  {
    otherwise: [
      { shows: { labels: [] }, ends: 'not_whole' },
      { shows: { draft: false }, ends: 'not_whole' },
    ],
  },
)
of(
  'gitlab.comment',
  () => onIssue({ text: 'Viewport worked on this.' }),
  async (held) => marked(thingOf(held).notes, 'body', held),
  { words: 'text', otherwise: [{ shows: { body: 'Other words.' }, ends: 'not_whole' }] },
)
of(
  'gitlab.label',
  async () => {
    const held = await onIssue({ add: ['agent', 'seen'], remove: ['todo'] })
    await at.label(thingOf(held), 'todo')
    return held
  },
  async (held) => thingOf(held).labels.filter((name: string) => name === 'agent').length,
  {
    otherwise: [
      { shows: { labels: [] }, ends: 'not_whole' },
      { shows: { labels: ['agent', 'seen', 'todo'] }, ends: 'not_whole' },
    ],
  },
)
of(
  'gitlab.update_mr',
  async () => {
    const commit = sha()
    const { iid } = await at.mr({ title: 'Draft: Mend', sha: commit })
    return effect({
      target: `acme/shop!${iid}`,
      commit,
      params: { title: 'Mend all', body: 'More words.', ready: true },
    })
  },
  async (held) => marked([thingOf(held)], 'description', held),
  {
    words: 'body',
    otherwise: [
      { shows: { title: 'Another' }, ends: 'not_whole' },
      { shows: { description: 'Other words.' }, ends: 'not_whole' },
      { shows: { draft: true }, ends: 'not_whole' },
    ],
  },
)
of(
  'gitlab.create_issue',
  async () => effect({ params: { repo: 'acme/shop', title: 'Follow up', body: 'Look again.', labels: ['later'] } }),
  async (held) => marked(at.shop.issues, 'description', held),
  {
    words: 'body',
    otherwise: [
      { shows: { description: 'Other words.' }, ends: 'not read back' },
      { shows: { title: 'Another' }, ends: 'not read back' },
      { shows: { labels: [] }, ends: 'not read back' },
    ],
  },
)
const statuses = async ({ intent }: Effect): Promise<number> =>
  at.shop.statuses.filter((one: { target_url: string }) => one.target_url.endsWith(`#${intent}`)).length
const status = async (): Promise<Effect> =>
  effect({ commit: sha(), params: { name: 'viewport', state: 'failure', text: 'No.' } })
statusContract('GitLab', {
  keeper: gitlab.status!,
  connection: () => connection,
  outside: () => outside,
  effect: () => onIssue({ text: 'Waits for a runner.' }),
  count: async (held) => marked(thingOf(held).notes, 'body', held),
  otherwise: [{ shows: { body: 'Other words.' }, ends: 'not_whole' }],
  shown: async (held) => thingOf(held).notes.map((one: { body: string }) => one.body),
  beyond: (held) => ({ ...held, repos: [{ name: 'acme/elsewhere', url: 'https://example.com/acme/shop.git' }] }),
})
const notSo: ActionCase['otherwise'] = [
  { shows: { target_url: 'https://elsewhere.dev' }, ends: 'not_whole' },
  { shows: { status: 'success' }, ends: 'not read back' },
]
of('gitlab.report_status', status, statuses, { named: false, otherwise: notSo })
of('ci.report_status', status, statuses, { named: false, otherwise: notSo, connection: () => forge })
of(
  'ci.rerun',
  async () => effect({ target: `acme/shop@1f7a7a4 build ${(await at.pipeline()).id} attempt 1` }),
  async ({ target }) => at.shop.pipelines.find((one: { id: number }) => target.includes(`build ${one.id} `)).retried,
  // That it runs again is all that is asked for, and no field of the build says by itself that it does.
  { named: false, otherwise: [], connection: () => forge },
)

describe('a merge request', () => {
  const open = action('gitlab.open_mr')
  test('is not opened when its branch is elsewhere', async () => {
    const held = await mrEffect()
    expect(await open.carryOut({ ...held, commit: sha() }, connection, outside)).toMatchObject({
      is: 'failed',
      code: 'head_moved',
    })
    expect(marked(at.shop.merge_requests, 'description', held)).toBe(0)
  })
  test('is closed again when somebody pushed while it was opened', async () => {
    const held = await mrEffect()
    const raced = firstWrite(outside, 'lose', ({ method, url }) => method === 'POST' && url.endsWith('/merge_requests'))
    expect((await open.carryOut(held, connection, raced)).is).toBe('unsure')
    const went = await open.carryOut({ ...held, commit: sha() }, connection, outside)
    expect(went).toMatchObject({ is: 'failed', code: 'head_moved', summary: expect.stringContaining('closed again') })
    expect(at.shop.merge_requests.at(-1).state).toBe('closed')
  })
  test('says what it is from, and nothing in it is an order to GitLab', async () => {
    const held = await mrEffect({ body: '/merge\n  /close now\nsee a/b' })
    await open.carryOut(held, connection, outside)
    const { description } = at.shop.merge_requests.at(-1)
    expect(description).toContain('\\/merge\n  \\/close now\nsee a/b')
    expect(description).toContain('From: `` @team Fixes #1 ` x ``')
    expect(description).toMatch(/approved by ` @dana `/)
    expect(description).not.toMatch(/^[ \t]*\/[a-z]/m)
  })
  test('without a commit there is none', async () =>
    expect(await open.carryOut(effect({}), connection, outside)).toMatchObject({ is: 'failed', code: 'not_pushed' }))
  test('that was closed meanwhile is not opened a second time', async () => {
    const held = await mrEffect()
    expect((await open.carryOut(held, connection, outside)).is).toBe('done')
    const mr = at.shop.merge_requests.at(-1)
    mr.state = 'closed'
    const again = { ...held, opened: `acme/shop!${mr.iid}` }
    const before = at.shop.merge_requests.length
    expect(await open.carryOut(again, connection, outside)).toMatchObject({ is: 'failed', code: 'closed_there' })
    expect(at.shop.merge_requests).toHaveLength(before)
  })
  test('that shows another commit than the approved one is not changed', async () => {
    const { iid } = await at.mr({ title: 'Mend', sha: sha() })
    const held = effect({ target: `acme/shop!${iid}`, commit: sha(), params: { title: 'Mend all' } })
    expect(await action('gitlab.update_mr').carryOut(held, connection, outside)).toMatchObject({
      is: 'failed',
      code: 'head_moved',
    })
    expect(thingOf(held).title).toBe('Mend')
  })
  test.each(['acme/shop#1', 'acme/shop', 'acme/shop!0'])('is none: %s', async (target) =>
    expect(
      await action('gitlab.update_mr').carryOut(effect({ target, params: { title: 'x' } }), connection, outside),
    ).toMatchObject({ is: 'failed', code: 'no_thread' }),
  )
  test('what GitLab does not show yet is looked for later', async () => {
    const slow: Outside = {
      now: Date.now,
      async ask(asked) {
        const came = await outside.ask(asked)
        return asked.method === 'GET' && /merge_requests\/\d+$/.test(asked.url)
          ? { ...came, text: came.text.replace(/"sha":"\w+"/, '"sha":null') }
          : came
      },
    }
    expect((await open.carryOut(await mrEffect(), connection, slow)).is).toBe('unsure')
  })
})

test('the same words by somebody else are not ours', async () => {
  const one = await onIssue({ text: 'done' })
  await at.comment(thingOf(one), `done\n\n${markerOf(one.intent)}`, 'sam')
  expect(await action('gitlab.comment').look(one, connection, outside)).toEqual({ is: 'absent' })
})

test.each([
  ['/close', '\\/close'],
  ['a\n/merge', 'a\n\\/merge'],
  ['  /label ~bug', '  \\/label ~bug'],
  ['see /etc', 'see /etc'],
  ['https://x/y', 'https://x/y'],
])('%j is said as %j', (text, said) => expect(withoutOrders(text)).toBe(said))

describe('a build', () => {
  const rerun = ci.actions['ci.rerun']!
  test('that somebody ran again already is not run once more', async () => {
    const { id } = await at.pipeline({ status: 'running' })
    const held = effect({ target: `acme/shop build ${id}` })
    expect((await rerun.carryOut(held, forge, outside)).is).toBe('done')
    expect(at.shop.pipelines.at(-1).retried).toBe(0)
  })
  test('that was retried and failed again cannot be told apart after a lost answer: a person is asked', async () => {
    const one = await at.pipeline()
    one.retried = 1
    expect((await rerun.look(effect({ target: `acme/shop build ${one.id}` }), forge, outside)).is).toBe('unsure')
  })
  test('without a forge is refused in words, before anything is asked', async () => {
    const only = { ...forge, settings: {} }
    for (const name of ['ci.rerun', 'ci.report_status'])
      expect(await ci.actions[name]!.carryOut(effect({ commit: sha() }), only, outside)).toMatchObject({
        is: 'failed',
        code: 'only_tells',
        check: expect.stringContaining('--set forge=github'),
      })
  })
  test('without a number is refused in words', async () =>
    expect(await rerun.carryOut(effect({ target: 'acme/shop@1f7a7a4' }), forge, outside)).toMatchObject({
      is: 'failed',
      code: 'no_thread',
    }))
})

describe('where a name means another project than it did', () => {
  const another = { ...connection, settings: { ...connection.settings, ...placeSettings({ 'acme/shop': '4711' }) } }
  test.each<[string, () => Promise<Effect>]>([
    ['gitlab.open_mr', mrEffect],
    ['gitlab.comment', () => onIssue({ text: 'x' })],
    ['gitlab.label', () => onIssue({ add: ['seen'] })],
    ['gitlab.create_issue', async () => effect({ params: { repo: 'acme/shop', title: 'x', body: 'y' } })],
  ])('%s writes nothing', async (name, one) => {
    const before = at.asked.length
    const writes = (): string[] => at.asked.slice(before).filter((asked) => !asked.startsWith('GET '))
    const held = await one()
    expect(await action(name).carryOut(held, another, outside)).toMatchObject({
      is: 'failed',
      code: 'another_repository',
      summary: expect.stringContaining('(number 15, it was 4711)'),
    })
    expect(writes()).toEqual([])
    const same = { ...connection, settings: { ...connection.settings, ...placeSettings({ 'acme/shop': '15' }) } }
    expect((await action(name).carryOut(held, same, outside)).is).toBe('done')
    expect(writes().length).toBeGreaterThan(0)
  })
})
