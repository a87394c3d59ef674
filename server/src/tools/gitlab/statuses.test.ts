/** What the contract of actions does not ask of statuses and builds at GitLab: more than is listed, words that are too long, limits and a no while it is looked. */
import { describe, expect, test } from 'vitest'
import { ci } from '../ci/tool.ts'
import type { Asked, Outside } from '@viewportai/core/tools/outside'
import type { Effect } from '@viewportai/core/tools/port'
import { openOutside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { firstWrite } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import { emulatedGitLab, tokens } from './testing/emulated.ts'

const at = await emulatedGitLab()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'ci',
  settings: { forge: 'gitlab', base: at.url },
  secrets: { token: 't'.repeat(20), forge_token: tokens.us },
  account: null,
}
const report = ci.actions['ci.report_status']!
const rerun = ci.actions['ci.rerun']!
let commits = 0
const status = (params: Record<string, unknown> = {}): Effect =>
  testEffect({
    commit: String(++commits).padStart(40, '0'),
    params: { name: 'viewport', state: 'failure', text: 'Two tests failed.', ...params },
  })
const build = async (): Promise<Effect> => testEffect({ target: `acme/shop build ${(await at.pipeline()).id}` })
type Held = { name: string; target_url: string; description: string; state: string; sha: string }
const ours = ({ intent }: Effect): Held[] =>
  at.shop.statuses.filter((one: Held) => one.target_url.endsWith(`#${intent}`))
const isPost = ({ method }: Asked): boolean => method === 'POST'

describe('a status', () => {
  test('says what was asked for in GitLab’s words, and its receipt what stands there', async () => {
    const held = status()
    const went = await report.carryOut(held, connection, outside)
    const link = `https://viewport.acme.dev/runs/7#${held.intent}`
    expect(ours(held)).toMatchObject([
      { sha: held.commit, state: 'failed', name: 'viewport', target_url: link, description: 'Two tests failed.' },
    ])
    expect(went).toMatchObject({
      is: 'done',
      receipt: {
        url: link,
        observed: { on: `acme/shop@${held.commit}`, name: 'viewport', state: 'failed' },
        readBack: true,
      },
    })
  })
  test('whose text is long or has lines is one line that GitLab takes', async () => {
    const held = status({ text: `One\n\n${'two '.repeat(100)}` })
    await report.carryOut(held, connection, outside)
    expect(ours(held)[0]!.description).toMatch(/^One two [two ]{247}$/)
  })
  test('of the same name that is of another run is not ours', async () => {
    const held = status()
    await report.carryOut({ ...held, intent: 'int_x-1' }, connection, outside)
    expect(await report.look(held, connection, outside)).toEqual({ is: 'absent' })
  })
  test('behind a hundred of its name cannot be told: nobody says that it is not there', async () => {
    const held = status()
    const full: Outside = {
      now: Date.now,
      async ask(asked) {
        const came = await outside.ask(asked)
        return { ...came, text: JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, target_url: 'x' }))) }
      },
    }
    expect(await report.look(held, connection, full)).toEqual({
      is: 'unsure',
      why: expect.stringContaining('a hundred statuses'),
    })
  })
  test('that GitLab took and does not show is no success', async () => {
    const swallowed = firstWrite(outside, { status: 201, headers: {} }, isPost)
    expect(await report.carryOut(status(), connection, swallowed)).toMatchObject({ is: 'failed', code: 'not_whole' })
  })
  test('without a commit there is none', async () =>
    expect(await report.carryOut(testEffect(), connection, outside)).toMatchObject({
      is: 'failed',
      code: 'not_pushed',
    }))
})

test('a pipeline that was cancelled is run again as one that failed', async () => {
  const { id } = await at.pipeline({ status: 'canceled' })
  const held = testEffect({ target: `acme/shop build ${id}` })
  expect(await rerun.look(held, connection, outside)).toEqual({ is: 'absent' })
  expect((await rerun.carryOut(held, connection, outside)).is).toBe('done')
  expect(await rerun.look(held, connection, outside)).toMatchObject({ is: 'there' })
})

test.each([
  [403, {}, 'unsure'],
  [404, {}, 'absent'],
  [422, {}, 'unsure'],
  [429, { 'retry-after': '7' }, 'unsure'],
  [502, {}, 'unsure'],
] as const)('a look that is answered with %i %j is %s', async (code, headers, is) => {
  const refusing: Outside = { now: Date.now, ask: async () => ({ status: code, headers, text: '{}' }) }
  expect((await report.look(status(), connection, refusing)).is).toBe(is)
  expect((await rerun.look(await build(), connection, refusing)).is).toBe(is)
})

test.each([
  [429, { 'retry-after': '7' }],
  [429, { 'ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 60) }],
] as const)('a limit %i %j is waited for, and nothing was done', async (code, headers) => {
  for (const [action, held] of [
    [report, status()],
    [rerun, await build()],
  ] as const) {
    const limited = firstWrite(outside, { status: code, headers }, isPost)
    const went = await action.carryOut(held, connection, limited)
    expect(went).toMatchObject({ is: 'later' })
    expect((went as { afterMillis: number }).afterMillis).toBeGreaterThan(3_000)
    expect((await action.look(held, connection, outside)).is).toBe('absent')
  }
})
