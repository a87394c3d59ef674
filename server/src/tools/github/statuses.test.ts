/** A status on a commit, and a run of Actions once more, against our own emulator of these parts of GitHub, while answers are lost, late or a no. */
import { describe, expect, test } from 'vitest'
import { placeSettings } from '@viewportai/core/tools/place'
import { ci } from '../ci/tool.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Effect } from '@viewportai/core/tools/port'
import { openOutside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { actionContract, firstWrite, type ActionCase } from '../testing/contract.ts'
import { testEffect } from '../testing/effect.ts'
import { emulatedBuilds, type ActionsRun } from './testing/builds.ts'

const at = await emulatedBuilds()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'ci',
  settings: { forge: 'github', base: at.url },
  secrets: { token: 't'.repeat(20), forge_token: at.token },
  account: null,
}
const report = ci.actions['ci.report_status']!
const rerun = ci.actions['ci.rerun']!
const of = (
  name: string,
  one: () => Effect,
  count: (effect: Effect) => number,
  otherwise: ActionCase['otherwise'],
): void =>
  actionContract(name, {
    action: ci.actions[name]!,
    connection: () => connection,
    outside: () => outside,
    effect: async () => one(),
    count: async (effect) => count(effect),
    beyond: (held) => ({ ...held, repos: [{ name: 'acme/elsewhere', url: 'https://example.com/acme/shop.git' }] }),
    named: false,
    otherwise,
  })

const ours = ({ intent }: Effect): typeof at.statuses =>
  at.statuses.filter((one) => one.target_url.endsWith(`#${intent}`))
const status = (params: Record<string, unknown> = {}): Effect =>
  testEffect({
    commit: at.commit(),
    params: { name: 'viewport', state: 'failure', text: 'Two tests failed.', ...params },
  })
const build = (run: ActionsRun, attempt = 1): Effect =>
  testEffect({ target: `acme/shop@1f7a7a4 build ${run.id} attempt ${attempt}` })
const runs: Record<string, ActionsRun> = {}
const failedBuild = (): Effect => {
  const run = at.run()
  const effect = build(run)
  runs[effect.intent] = run
  return effect
}

of('ci.report_status', status, (effect) => ours(effect).length, [
  { shows: { target_url: 'https://elsewhere.dev' }, ends: 'not_whole' },
  { shows: { state: 'success' }, ends: 'not read back' },
])
of('ci.rerun', failedBuild, (effect) => runs[effect.intent]!.run_attempt - 1, [
  { shows: { run_attempt: 1 }, ends: 'not read back' },
])

describe('a status', () => {
  test('says what was asked for, and its receipt what stands there', async () => {
    const held = status()
    const went = await report.carryOut(held, connection, outside)
    const link = `https://viewport.acme.dev/runs/7#${held.intent}`
    expect(ours(held)).toEqual([
      {
        id: expect.any(Number),
        sha: held.commit,
        state: 'failure',
        context: 'viewport',
        target_url: link,
        description: 'Two tests failed.',
      },
    ])
    expect(went).toEqual({
      is: 'done',
      receipt: {
        id: String(ours(held)[0]!.id),
        url: link,
        observed: {
          on: `acme/shop@${held.commit}`,
          repository: '4711',
          url: link,
          id: String(ours(held)[0]!.id),
          name: 'viewport',
          state: 'failure',
        },
        readBack: true,
      },
    })
  })
  test('is put nowhere when the name is another repository than before; nor is a build run again there', async () => {
    const known = { ...connection, settings: { ...connection.settings, ...placeSettings({ 'acme/shop': '4711' }) } }
    const [held, run] = [status(), at.run()]
    at.number.of = 4712
    for (const [action, effect] of [
      [report, held],
      [rerun, build(run)],
    ] as const)
      expect(await action.carryOut(effect, known, outside)).toMatchObject({
        is: 'failed',
        code: 'another_repository',
        summary: expect.stringContaining('(number 4712, it was 4711)'),
      })
    at.number.of = 4711
    expect([ours(held), run.run_attempt]).toEqual([[], 1])
    expect((await report.carryOut(held, known, outside)).is).toBe('done')
  })
  test('whose text is long or has lines is one line that GitHub takes', async () => {
    const held = status({ text: `One\n\n${'two '.repeat(100)}` })
    expect((await report.carryOut(held, connection, outside)).is).toBe('done')
    expect(ours(held)[0]!.description).toMatch(/^One two [two ]{132}$/)
  })
  test('of the same name that is of another run, or of somebody else, is not ours', async () => {
    const held = status()
    at.report(held.commit!, {
      state: 'success',
      context: 'viewport',
      target_url: 'https://viewport.acme.dev/runs/7#int_x-1',
    })
    at.report(held.commit!, { state: 'success', context: 'other', target_url: `${held.page}#${held.intent}` })
    expect(await report.look(held, connection, outside)).toEqual({ is: 'absent' })
  })
  test('behind a hundred others cannot be told: nobody says that it is not there', async () => {
    const held = status()
    await report.carryOut(held, connection, outside)
    for (let n = 0; n < 100; n++) at.report(held.commit!, { state: 'success', context: `build ${n}` })
    expect(await report.look(held, connection, outside)).toEqual({
      is: 'unsure',
      why: expect.stringContaining('a hundred statuses'),
    })
  })
  test('that GitHub took and does not show is no success', async () => {
    const held = status()
    const swallowed = firstWrite(outside, { status: 201, headers: {} }, ({ method }) => method === 'POST')
    expect(await report.carryOut(held, connection, swallowed)).toMatchObject({ is: 'failed', code: 'not_whole' })
  })
  test('on a commit that GitHub does not have is refused in its words', async () =>
    expect(await report.carryOut({ ...status(), commit: 'f'.repeat(40) }, connection, outside)).toMatchObject({
      is: 'failed',
      code: 'refused_there',
      summary: `GitHub did not take the status on ffffffffffff: it answered 422 (No commit found for SHA: ${'f'.repeat(40)}).`,
    }))
  test('without a commit there is none', async () =>
    expect(await report.carryOut(testEffect(), connection, outside)).toMatchObject({
      is: 'failed',
      code: 'not_pushed',
    }))
})

describe('a run of Actions', () => {
  test('that somebody ran again already is not run once more', async () => {
    const run = at.run()
    run.run_attempt = 2
    expect(await rerun.look(build(run), connection, outside)).toMatchObject({
      is: 'there',
      receipt: { url: run.html_url },
    })
    expect((await rerun.carryOut(build(run), connection, outside)).is).toBe('done')
    expect(run.run_attempt).toBe(2)
  })
  test('whose second attempt failed too is run again when that is meant', async () => {
    const run = at.run()
    run.run_attempt = 2
    expect(await rerun.look(build(run, 2), connection, outside)).toEqual({ is: 'absent' })
    expect(await rerun.carryOut(build(run, 2), connection, outside)).toMatchObject({
      is: 'done',
      receipt: { id: String(run.id), observed: { on: 'acme/shop', build: String(run.id), after: 'attempt 2' } },
    })
    expect(run.run_attempt).toBe(3)
  })
  test('that still runs is refused in GitHub’s words', async () => {
    const run = at.run()
    run.status = 'queued'
    expect(await rerun.carryOut(build(run), connection, outside)).toMatchObject({
      is: 'failed',
      code: 'refused_there',
      summary: expect.stringContaining('This workflow is already running'),
    })
  })
  test('that GitHub took and does not show yet is done, and was not read back', async () => {
    const swallowed = firstWrite(outside, { status: 201, headers: {} }, ({ method }) => method === 'POST')
    expect(await rerun.carryOut(build(at.run()), connection, swallowed)).toMatchObject({
      is: 'done',
      receipt: { readBack: false },
    })
  })
  test.each([['acme/shop@1f7a7a4'], ['acme/shop build x'], ['build 7']])('%s names none', async (target) =>
    expect(await rerun.carryOut(testEffect({ target }), connection, outside)).toMatchObject({
      is: 'failed',
      code: 'no_thread',
    }),
  )
})

test.each([
  [403, {}, 'unsure'],
  [404, {}, 'absent'],
  [422, {}, 'unsure'],
  [429, { 'retry-after': '7' }, 'unsure'],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, 'unsure'],
  [502, {}, 'unsure'],
] as const)('a look that is answered with %i %j is %s', async (code, headers, is) => {
  const refusing: Outside = { now: Date.now, ask: async () => ({ status: code, headers, text: '{}' }) }
  expect((await report.look(status(), connection, refusing)).is).toBe(is)
  expect((await rerun.look(build(at.run()), connection, refusing)).is).toBe(is)
})

test('a limit that is told by the hour’s rest is waited for until it ends', async () => {
  const ends = Math.floor(Date.now() / 1_000) + 90
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(ends) }
  for (const [action, effect] of [
    [report, status()],
    [rerun, build(at.run())],
  ] as const) {
    const limited = firstWrite(outside, { status: 403, headers }, ({ method }) => method === 'POST')
    const went = await action.carryOut(effect, connection, limited)
    expect(went.is).toBe('later')
    const { afterMillis } = went as { afterMillis: number }
    expect(afterMillis).toBeGreaterThan(80_000)
    expect(afterMillis).toBeLessThan(100_000)
  }
})
