// What does `viewport` say of a run that was stopped, and of work that used no model; and does it stop one?
import { expect, test, vi } from 'vitest'
import { noUsage } from '@viewportai/core/run/state'
import { viewportOf } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const at = await testPlane()

test('why it ended, and that no model was used', async () => {
  const acme = await at.workspace('acme', ['payments'])
  const story = await new Story(at.plane.context.db, acme.id).start(specFor(acme.admin))
  await story.finishes('plan', {
    type: 'failed',
    failure: { code: 'x', class: 'agent', summary: 'It fell over.', check: 'Look.', retrySafe: false, started: true },
    usage: noUsage,
    log: null,
    millis: 1,
  })
  const viewport = await viewportOf(acme.admin)
  expect(await viewport('decide', (await story.gate()).id)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^ *Cost +no model used$/m),
  })
  await acme.admin.post('/api/runs/1/cancellation', { reason: 'started by mistake' })
  await vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('cancelled'), { timeout: 30_000 })
  expect(await viewport('runs', '1')).toMatchObject({ code: 0, out: expect.stringContaining('started by mistake') })
}, 60_000)

test('--cancel with an empty reason stops the run as well', async () => {
  const beta = await at.workspace('beta', ['payments'])
  const story = await new Story(at.plane.context.db, beta.id).start(specFor(beta.admin))
  const viewport = await viewportOf(beta.admin)
  expect(await viewport('runs', '1', '--cancel', '')).toMatchObject({ code: 0, out: 'Run 1 is being stopped.\n' })
  await vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('cancelled'), { timeout: 30_000 })
}, 60_000)
