import { expect, test, vi } from 'vitest'
import { planned, specOf, usage } from '@viewportai/core/run/testing/play'
import type { Report } from '@viewportai/core/wire/messages'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const evil = await workspace('evil', ['payments'])
const { body: made } = await acme.admin.post('/api/sources', { name: 'bugs' })
const source = { url: made.source.url as string, secret: made.secret as string }
const file = (type: string) =>
  `name: fix-bug\nteam: payments\ntrigger:\n  webhook: { type: ${type}, data: { severity: high } }\nrepos: [acme/shop]\n`

const ids: string[] = []
for (const [type, severity] of [
  ['bug', 'high'],
  ['bug', 'low'],
  ['feature', 'high'],
])
  ids.push((await deliver(url, source, { type, data: { severity } })).body.delivery)
await vi.waitFor(
  async () => expect((await acme.admin.get(`/api/deliveries/${ids.at(-1)}`)).body.state).toBe('processed'),
  { timeout: 15_000 },
)
const of = async (text: string, more: object = {}, who = acme.admin) =>
  (await who.post('/api/backtests', { source: text, ...more })).body

test('a draft over what came in: what it would have started, nearly did, and whom it would have asked', async () => {
  const found = await of(file('bug'))
  expect(found).toMatchObject({
    workflow: 'fix-bug',
    version: null,
    events: 3,
    listened: 3,
    draft: { starts: 1, nearMisses: 2 },
    current: null,
    missedBy: [
      { condition: 'data.severity', times: 1 },
      { condition: 'type', times: 1 },
    ],
    spend: null,
  })
  expect(found.rows.map((row: { delivery: string; draft: string }) => [row.delivery, row.draft])).toContainEqual([
    ids[0],
    'starts',
  ])
  // Whoever signs a webhook is nobody: its text is outside text, of which a question of its own asks where no sandbox is wanted.
  const asked = { approvers: ['team:payments'], times: 1, current: null }
  expect(found.asked).toEqual([
    { ...asked, gate: 'tainted', text: 1 },
    { ...asked, gate: 'plan_review', text: 0 },
    { ...asked, gate: 'pr_approval', text: 0 },
  ])
  // With one, the plan's card is the word.
  expect((await of(`${file('bug')}runner: { isolation: sandbox }\n`)).asked).toEqual([
    { ...asked, gate: 'plan_review', text: 1 },
    { ...asked, gate: 'pr_approval', text: 0 },
  ])
})

test('beside the version in force', async () => {
  await acme.admin.post('/api/workflows', { source: file('bug') })
  const found = await of(file('feature'))
  expect(found).toMatchObject({
    version: 1,
    draft: { starts: 1 },
    current: { starts: 1 },
  })
  const row = found.rows.find((one: { delivery: string }) => one.delivery === ids[0])
  expect(row).toMatchObject({ draft: 'near_miss', current: 'starts' })
})

/** Runs of the workflow through the ledger: planned at this cost (null: the agent does not tell), then stopped. */
const finished = async (usd: (number | null)[], more: object = {}): Promise<void> => {
  for (const one of usd) {
    const spec = { ...specOf(), ...more }
    const story = new Story(db, acme.id)
    await story.start({ ...spec, workflow: { ...spec.workflow, name: 'fix-bug' } })
    const usdMicros = one === null ? null : Math.round(one * 1e6)
    await story.finishes('plan', { ...planned, usage: { ...usage, usdMicros } } as Report)
    const { refusal } = await story.doing({ do: 'cancel', by: { kind: 'system' }, reason: 'its cost is known' })
    expect(refusal).toBeNull()
  }
}
test('what it would have cost: the median of runs whose cost is known, from the least to the most, and how many are not known', async () => {
  await finished([null, null])
  expect((await of(file('bug'))).spend).toBeNull()
  await finished([0.1, 0.4, 2.5], { rehearsal: 'linear.issue-assigned' }) // rehearsals: of them nothing is said
  expect((await of(file('bug'))).spend).toBeNull()
  await finished([0.2, 0.4, 3])
  expect((await of(file('bug'))).spend).toEqual({
    runs: 3,
    unknown: 2,
    medianUsd: 0.4,
    leastUsd: 0.2,
    mostUsd: 3,
    projectedUsd: 0.4,
  })
  expect((await of(file('nothing'))).spend.projectedUsd).toBe(0)
})

test('who would have been asked: at each place its team, and where no row says where to, that', async () => {
  const { body: none } = await acme.admin.post('/api/teams', { slug: 'web', name: 'Web' })
  expect(none).toBeDefined()
  const routed = `name: routed
team: payments
trigger: { webhook: { type: [bug, feature] } }
route:
  - { when: { type: bug, data.severity: high }, repo: acme/pay }
  - { when: { type: feature }, repo: acme/web, team: web }
`
  const { asked } = await of(routed)
  const by = (team: string) => [
    ['tainted', [`team:${team}`], 1],
    ['plan_review', [`team:${team}`], 1],
    ['pr_approval', [`team:${team}`], 1],
  ]
  expect(asked.map((one: Record<string, unknown>) => [one['gate'], one['approvers'], one['times']])).toEqual([
    ...by('web'),
    ['route', ['team:payments'], 1],
    ...by('payments'),
  ])
})

test('a text with a mistake is refused with its place; nothing is started by any of it', async () => {
  const before = (await acme.admin.get('/api/runs')).body.rows.length
  const wrong = await acme.admin.post('/api/backtests', { source: 'name: x\ntriger: manual\n' })
  expect([wrong.status, wrong.body.code]).toEqual([422, 'invalid'])
  expect((await acme.admin.get('/api/runs')).body.rows).toHaveLength(before)
  expect((await acme.admin.get('/api/deliveries')).body.deliveries).toHaveLength(3)
})

test('the deliveries of another workspace are not looked at', async () =>
  expect(await of(file('bug'), {}, evil.admin)).toMatchObject({ events: 0, since: null, rows: [] }))

test('ten thousand events are looked at', { timeout: 60_000 }, async () => {
  await inWorkspace(db, acme.id, (tx) =>
    tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, state, trigger_event, received_at)
        select $1, 'dlv_many' || n, 'src_x', 'many' || n, 'webhook', 'processed', d.trigger_event, n from generate_series(1, 10000) n, (select trigger_event from vp.deliveries where delivery = $2) d`,
      [acme.id, ids[0]],
    ),
  )
  const since = performance.now()
  const found = await of(file('bug'), { limit: 10_000 })
  console.log(`10,000 events in ${Math.round(performance.now() - since)} ms`)
  expect(found).toMatchObject({ events: 10_000, draft: { starts: 9_998 }, rowsLeftOut: expect.any(Number) })
})

test('a start by hand is one of its own workflow, and of no other', async () => {
  const manual = (name: string) =>
    `name: ${name}\nteam: payments\ntrigger: manual\nsteps: [{ id: look, agent: sample, mode: read, prompt: Look }]\n`
  await pairedRunner(db, acme.id)
  await acme.person('lead', { teams: ['payments'] })
  for (const name of ['tidy', 'sweep']) {
    await acme.admin.post('/api/workflows', { source: manual(name) })
    expect((await acme.admin.put(`/api/workflows/${name}/enabled`, { enabled: true })).body).toMatchObject({
      enabled: true,
    })
  }
  for (const [name, times] of [
    ['tidy', 1],
    ['sweep', 2],
  ] as const)
    for (let n = 0; n < times; n++)
      expect((await acme.admin.post('/api/runs', { workflow: name, title: `${name} ${n}` })).body).toMatchObject({
        number: expect.any(Number),
      })
  for (const [name, starts] of [
    ['tidy', 1],
    ['sweep', 2],
    ['new', 0],
  ] as const)
    expect(await of(manual(name))).toMatchObject({ draft: { starts }, listened: starts })
})
