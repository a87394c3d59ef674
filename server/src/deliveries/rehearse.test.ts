// A sample event starts a run that is marked as one, once per request, whether or not the workflow is enabled; and no real thing counts it.
import { expect, test } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
await pairedRunner(db, acme.id)
await acme.person('lead', { teams: ['payments'] })
await acme.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
const file =
  'name: fix-bug\nteam: payments\ntrigger:\n  - webhook: { type: bug, data: { severity: low } }\n  - manual: { inputs: { ticket: { type: string, required: true } } }\nrepos: [acme/shop]\nconcurrency: { limit: 1, when_full: replace }\n'
expect((await acme.admin.post('/api/workflows', { source: file })).body.missing).toEqual([])
const rehearse = (sample: string, request: string | null = null) =>
  acme.admin.post('/api/workflows/fix-bug/rehearsals', { sample, request })

test('not enabled, it is rehearsed all the same; what was set for its conditions is told; the same request starts once', async () => {
  const { status, body } = await rehearse('webhook.received', 'one')
  expect([status, body.set]).toEqual([201, ['type', 'data.severity']])
  expect((await rehearse('webhook.received', 'one')).body.run).toBe(body.run)
  const view = (await acme.admin.get(`/api/runs/${body.run}`)).body
  expect(view).toMatchObject({ rehearsal: true, tainted: false })
  const delivery = (await acme.admin.get(`/api/deliveries/${body.delivery}`)).body
  expect(delivery).toMatchObject({
    source: 'a sample event',
    outcome: 'started',
    verdict: expect.stringMatching(/^fix-bug rehearses in run 1/),
  })
})

test('it takes no real run place, and no backtest counts it', async () => {
  await acme.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
  const real = await acme.admin.post('/api/runs', { workflow: 'fix-bug', title: 'For real', inputs: { ticket: 'A' } })
  expect(real.status).toBe(201)
  const { body } = await rehearse('manual.requested')
  expect((await acme.admin.get(`/api/runs/${real.body.run}`)).body.state.words).not.toMatch(/stopping|cancelled/)
  expect((await acme.admin.get(`/api/runs/${body.run}`)).body.rehearsal).toBe(true)
  const tested = (await acme.admin.post('/api/backtests', { source: file })).body
  expect([tested.events, tested.draft.starts]).toEqual([1, 1])
})

test('what it does not listen to, and what is no sample, is refused with what there is', async () => {
  expect((await rehearse('linear.issue-assigned')).body).toMatchObject({
    code: 'run_spec_invalid',
    detail: expect.stringMatching(/webhook\.received, manual\.requested/),
  })
  expect((await rehearse('webhook.recieved')).body).toMatchObject({
    code: 'not_found',
    detail: expect.stringMatching(/did you mean webhook\.received/),
  })
  expect((await acme.admin.get('/api/samples?workflow=nobody')).body.code).toBe('not_found')
  const { samples } = (await acme.admin.get('/api/samples?workflow=fix-bug')).body
  expect(samples.filter((one: { heard: boolean }) => one.heard).map((one: { id: string }) => one.id)).toEqual([
    'webhook.received',
    'manual.requested',
  ])
})
