/** A tool whose credential a runner holds, from its connection to the receipt: the whole control plane, and a runner that speaks the wire. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Capabilities, Lease, Report } from '@viewportai/core/wire/messages'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { readRun } from '../wire/testing/read-run.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, url, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme')
const { admin } = acme
const base = 'https://ghe.acme.dev/api/v3'
const holding = (over: Partial<NonNullable<Capabilities['holds']>[number]> = {}) => ({
  tool: 'github',
  connection: null,
  at: base,
  actions: ['github.comment'],
  account: { id: '42', name: 'viewport-acme' },
  ...over,
})
const hello = async (runner: TestRunner, holds: Capabilities['holds']) =>
  expect((await runner.post('/wire/hello', { capabilities: capabilities({ holds }), holding: [] })).status).toBe(200)

await admin.post('/api/repositories', { name: 'acme/shop', url: 'https://ghe.acme.dev/acme/shop.git' })
const bare = await new TestRunner(url).pair(db, acme.id, 'bare')
await hello(bare, [])
const edge = await new TestRunner(url).pair(db, acme.id, 'edge')
await hello(edge, [])

const connect = (values: Record<string, string>, tool = 'github', name = tool) =>
  admin.post('/api/connections', { tool, name, values, held: true })
const saved = async (name: string, step: string) => {
  const source = `name: ${name}\ntrigger: manual\nrepos: [acme/shop]\nsteps: [${step}]\n`
  const { body } = await admin.post('/api/workflows', { source })
  if (body.code !== undefined) throw new Error(JSON.stringify(body))
  return admin.put(`/api/workflows/${name}/enabled`, { enabled: true })
}
const comment = '{ action: github.comment, on: "acme/shop#1", text: "Worked on it." }'
const started = async (workflow: string): Promise<{ run: string; number: number }> =>
  (await admin.post('/api/runs', { workflow, title: 'go' })).body
const about = ({ job }: Lease) =>
  job.kind === 'effect' ? { intent: job.intent, attempt: job.attempt } : expect.unreachable()
const succeeded = (lease: Lease): Report => ({
  type: 'effect_succeeded',
  ...about(lease),
  reconciled: false,
  receipt: { provider: 'github', id: '9', url: null, observed: { ref: 'acme/shop#1' }, readBack: true },
})
const intentsOf = async (run: string) => Object.values((await readRun(db, acme.id, run)).state.intents)
const takes = async (runner: TestRunner): Promise<Lease> => {
  const lease = await runner.lease()
  expect(lease).not.toBeNull()
  expect((await runner.ack(lease!)).status).toBe(204)
  return lease!
}

const patience = { timeout: 15_000, interval: 100 }
let github = ''
afterEach(async () => {
  await admin.put('/api/workspace', { caps: {} })
  await inWorkspace(db, acme.id, (tx) => tx.query('delete from vp.counted_effects'))
})

test('it is connected without what acts, and nothing that acts is taken', async () => {
  for (const name of ['token', 'private_key'])
    expect(await connect({ base, [name]: 'token-0123456789' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('a runner holds the credential') },
    })
  expect(await connect({}, 'ci')).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('no runner can hold the credential of ci') },
  })
  expect(await connect({ base: 'ftp://x' })).toMatchObject({ status: 422 })
  const { status, body } = await connect({ base })
  expect(status).toBe(201)
  expect(body.made).toHaveProperty('webhook_secret')
  expect(body.connection.held.command).toBe(`vpd credentials set provider github --url ${base}`)
  expect(body.connection).toMatchObject({
    account: null,
    held: { runners: [], without: expect.stringContaining('github is not asked for events') },
    problem: expect.stringContaining('No runner holds'),
  })
  github = body.connection.id
})

test('a workflow that acts there is not ready, and says what to keep where', async () => {
  const { body } = await saved('tell', comment)
  expect(JSON.stringify(body)).toContain('a credential for github at https://ghe.acme.dev/api/v3')
  expect(JSON.stringify(body)).toContain('vpd credentials set provider github')
})

test('who holds it is shown once a runner says so, and what it does there is known as our own', async () => {
  await hello(edge, [holding()])
  const { body } = await admin.get('/api/connections')
  expect(body.connections).toMatchObject([
    {
      id: github,
      problem: null,
      account: 'viewport-acme',
      held: { runners: [{ name: 'edge', online: true, account: 'viewport-acme', actions: ['github.comment'] }] },
    },
  ])
  expect(
    (await admin.get('/api/tools')).body.tools.find(({ tool }: { tool: string }) => tool === 'github').held,
  ).toContain('token')
})

test('an effect there goes to the runner that holds it, with the settings of the connection, and no other gets it', async () => {
  expect((await saved('tell', comment)).body).toMatchObject({ missing: [] })
  const { run, number } = await started('tell')
  expect(await intentsOf(run)).toMatchObject([{ at: 'runner', state: 'approved' }])
  expect(await bare.lease()).toBeNull()
  const lease = await takes(edge)
  expect(lease.job).toMatchObject({
    kind: 'effect',
    action: 'github.comment',
    outside: {
      tool: 'github',
      target: 'acme/shop#1',
      connection: { id: github, name: 'github', at: base, settings: { base } },
    },
  })
  expect((await edge.report(lease, 1, { type: 'effect_started', ...about(lease) }, succeeded(lease))).status).toBe(200)
  expect((await intentsOf(run))[0]).toMatchObject({ state: 'succeeded', receipt: { id: '9' } })
  const { body } = await admin.get(`/api/runs/${number}`)
  expect(body).toMatchObject({ outcome: 'succeeded' })
})

test('nobody holds it any more: the run says which credential is missing', { timeout: 20_000 }, async () => {
  const { number, run } = await started('tell')
  await hello(edge, [holding({ actions: ['github.label'] })])
  expect(await edge.lease()).toBeNull()
  const why = async () => String((await admin.get(`/api/runs/${number}`)).body.why)
  await vi.waitFor(async () => expect(await why()).toContain('that may be used for github.comment'), patience)
  // Nor is another one begun.
  expect(JSON.stringify(await started('tell'))).toContain('action github.comment')
  await admin.post(`/api/runs/${number}/cancellation`, { reason: 'over' })
  expect((await intentsOf(run))[0]!.attempt).toBe(0)
  await hello(edge, [holding()])
})

test('what the broker would refuse is refused right before it begins: the hour is full, or the connection leads elsewhere', async () => {
  await admin.put('/api/workspace', { caps: { 'github.comment': 0 } })
  const full = await started('tell')
  const first = await takes(edge)
  const told = await edge.report(first, 1, { type: 'effect_started', ...about(first) })
  expect(told.status).toBe(403)
  expect((await intentsOf(full.run))[0]).toMatchObject({
    state: 'failed',
    failure: { code: 'cap_reached', started: false },
  })
  await admin.put('/api/workspace', { caps: {} })
  const moved = await started('tell')
  const second = await takes(edge)
  await admin.put(`/api/connections/${github}`, { values: { base: 'https://elsewhere.acme.dev/api/v3' } })
  expect((await edge.report(second, 1, { type: 'effect_started', ...about(second) })).status).toBe(403)
  expect((await intentsOf(moved.run))[0]).toMatchObject({ state: 'failed', failure: { code: 'connection_changed' } })
  await admin.put(`/api/connections/${github}`, { values: { base } })
})

test('an effect of a runner that is gone is unknown and offered again; what it says later is not believed', async () => {
  const { run } = await started('tell')
  const lease = await takes(edge)
  expect((await edge.report(lease, 1, { type: 'effect_started', ...about(lease) })).status).toBe(200)
  await hello(edge, [holding()]) // it started again and holds nothing
  expect((await intentsOf(run))[0]).toMatchObject({ state: 'unknown', attempt: 1 })
  const again = await takes(edge)
  expect(about(again)).toMatchObject({ attempt: 2 })
  expect((await edge.report(lease, 2, succeeded(lease))).status).toBe(409)
  expect((await edge.report(again, 1, { type: 'effect_started', ...about(again) }, succeeded(again))).status).toBe(200)
  const { facts } = await readRun(db, acme.id, run)
  expect(facts.filter(({ type }) => type === 'effect.succeeded')).toHaveLength(1)
})

test('a credential that changed hands after the run began is a clear no, both ways', { timeout: 30_000 }, async () => {
  const secret = `whsec_${'a'.repeat(32)}`
  const target = 'https://ops.acme.dev/hook'
  const ops = (await connect({ url: target }, 'webhook', 'ops')).body.connection.id
  await hello(edge, [
    holding(),
    holding({ tool: 'webhook', connection: 'ops', at: target, actions: ['webhook.send'], account: null }),
  ])
  expect((await saved('send', '{ action: webhook.send, to: ops, type: done }')).body).toMatchObject({ missing: [] })
  const mine = await started('send')
  const lease = await takes(edge)
  const put = (held: boolean, values: Record<string, string>) => admin.put(`/api/connections/${ops}`, { held, values })
  expect((await put(false, { secret })).body.connection).toMatchObject({ held: null })
  expect((await edge.report(lease, 1, { type: 'effect_started', ...about(lease) })).status).toBe(403)
  expect((await intentsOf(mine.run))[0]!.failure).toMatchObject({ code: 'not_held' })
  // The other way round what the control plane kept is gone, and it does not act.
  const theirs = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ sealed: string }>('select sealed from vp.connections where connection = $1', [ops]),
  )
  expect((await put(true, {})).body.connection.held).toMatchObject({ runners: [{ name: 'edge' }] })
  const now = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ sealed: string }>('select sealed from vp.connections where connection = $1', [ops]),
  )
  expect(now.rows[0]!.sealed.length).toBeLessThan(theirs.rows[0]!.sealed.length)
})
