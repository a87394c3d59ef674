// Can an admin let a runner without a wall work, see an alarm about its key, and read for each runner why work waits, with `viewport` alone?
import { beforeAll, expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { viewportOf, type Ended } from '../../test/cli.ts'
import { testPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { explainWaiting } from '../wire/lost.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const at = await testPlane()
let acme: TestWorkspace
let viewport: (...words: string[]) => Promise<Ended>
beforeAll(async () => {
  acme = await at.workspace('acme', ['payments'])
  viewport = await viewportOf(acme.admin)
})

/** A machine that asks to be let in, and the words its terminal shows. */
const asks = async (over: Parameters<typeof capabilities>[0] = {}) => {
  const runner = new TestRunner(at.url)
  const { body } = await runner.post('/wire/pairings', {
    key: runner.jwk,
    name: null,
    pool: null,
    capabilities: capabilities(over),
  })
  return (...words: string[]) =>
    viewport('runners', 'approve', body.code, '--words', body.words.join(' '), '--pool', 'local', ...words)
}

test('a runner without a wall is let in with the word, or told what it will not get', async () => {
  const approve = await asks()
  const said = await approve('--name', 'bare')
  expect(said).toMatchObject({ code: 0 })
  expect(said.out).toContain('viewport runners change bare --accept-no-wall')
  expect((await viewport('runners')).out).toContain('Nothing walls agents off from the machine of bare')
  expect((await viewport('runners', 'change', 'bare', '--accept-no-wall', '--require-wall')).code).toBe(2)
  const accepted = await viewport('runners', 'change', 'bare', '--accept-no-wall')
  expect(accepted.out).toContain(`@${acme.admin.handle} accepted it without a wall`)
  expect((await viewport('runners', 'change', 'bare', '--require-wall')).out).toContain('Nothing walls agents off')
  const second = await asks()
  expect((await second('--name', 'known', '--accept-no-wall')).out).not.toContain('Nothing walls agents off')
  expect((await viewport('runners')).out).toContain(`known: @${acme.admin.handle} accepted it without a wall`)
}, 60_000)

test('where there is a wall there is nothing to accept, and the runner is not let in by mistake', async () => {
  const approve = await asks({ isolation: { ...capabilities().isolation, level: 'sandbox' } })
  expect(await approve('--name', 'walled', '--accept-no-wall')).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is nothing to accept'),
  })
  expect((await viewport('runners')).out).not.toContain('walled')
  expect(await approve('--name', 'walled')).toMatchObject({ code: 0 })
  expect((await viewport('runners')).out).toMatch(/^walled +never seen/m)
}, 60_000)

test('an alarm about a key says what to do until somebody has looked after it', async () => {
  await inWorkspace(at.plane.context.db, acme.id, (tx) =>
    tx.query(
      `update vp.runners set doubled = json_build_object('at', vp.now_ms(), 'why', 'Seen twice.') where workspace = $1 and name = 'bare'`,
      [acme.id],
    ),
  )
  const { out } = await viewport('runners')
  expect(out).toContain('bare: Seen twice.')
  expect(out).toContain('viewport runners remove bare')
  expect(await viewport('runners', 'change', 'bare', '--looked-after')).toMatchObject({ code: 0 })
  expect((await viewport('runners')).out).not.toContain('Seen twice')
}, 60_000)

test('a run that waits says for each runner what it lacks; a repository has a limit', async () => {
  const { db } = at.plane.context
  const spec = specOf()
  const { run } = await new Story(db, acme.id).start({ ...spec, pins: { ...spec.pins, agents: { plan: 'codex' } } })
  await inWorkspace(db, acme.id, (tx) => tx.query('update vp.work set ready_at = 0 where run = $1', [run]))
  await explainWaiting(db, acme.id)
  const { out } = await viewport('runs', run)
  expect(out).toContain('No runner fits: ')
  expect(out).toMatch(/^ {2}walled: agent codex, leave to use the repository acme\/shop, it has not come online yet$/m)
  expect(out).toMatch(/^ {2}bare: agent codex, a wall around agents/m)
  await viewport('repositories', 'add', 'acme/web', 'https://git.acme.dev/acme/web.git')
  const limited = (words: string) => viewport('repositories', 'change', 'acme/web', '--at-once', words)
  expect(await limited('0')).toMatchObject({ code: 2 })
  expect((await limited('2')).out).toContain('2 pieces of work at once')
  expect((await viewport('repositories')).out).toMatch(/^acme\/web .*2 at once$/m)
  expect((await limited('any')).out).not.toContain('at once')
}, 60_000)
