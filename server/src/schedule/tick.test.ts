/** Starts by the clock: once per moment, with what was missed as the workflow says. */
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane, type TestWorkspace } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeStuck } from '../stuck.ts'
import { sweepSchedules } from './tick.ts'

const { plane, workspace, replica } = await testPlane()
const { db } = plane.context
let count = 0

const file = (more = '', name = 'weekly') =>
  `name: ${name}\nteam: payments\ndescription: Look through the dependencies.\ntrigger:\n  schedule: { cron: "0 9 * * mon", timezone: Europe/Berlin${more} }\nrepos: [acme/shop]\napprovals: []\n`
const ready = async (source = file()): Promise<TestWorkspace> => {
  const of = await workspace(`clock${++count}`, ['payments'])
  await of.person(`lead-of-clock${count}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
  const saved = await of.admin.post('/api/workflows', { source })
  expect(saved.body.missing).toEqual([])
  expect((await of.admin.put(`/api/workflows/${saved.body.name}/enabled`, { enabled: true })).body.enabled).toBe(true)
  return of
}
const rowsOf = (of: TestWorkspace) =>
  inWorkspace(
    db,
    of.id,
    async (tx) =>
      (
        await tx.query<{ cron: string; timezone: string; next_at: number }>(
          'select cron, timezone, next_at from vp.schedules',
        )
      ).rows,
  )
/** As if its moment had come so many milliseconds ago. */
const comeDue = (of: TestWorkspace, agoMillis: number) =>
  inWorkspace(db, of.id, (tx) => tx.query('update vp.schedules set next_at = vp.now_ms() - $1', [agoMillis]))
const runsOf = async (of: TestWorkspace) =>
  (await of.admin.get('/api/runs')).body.rows as { title: string; run: string }[]
const deliveriesOf = async (of: TestWorkspace) => (await of.admin.get('/api/deliveries')).body.deliveries

test('an enabled schedule has its next moment, and loses it when it is disabled', async () => {
  const of = await ready()
  const [row] = await rowsOf(of)
  expect(row).toMatchObject({ cron: '0 9 * * mon', timezone: 'Europe/Berlin' })
  expect(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    }).format(row!.next_at),
  ).toBe('Mon 09:00')
  await of.admin.post('/api/workflows', { source: file().replace('0 9 * * mon', '0 10 * * tue') })
  expect(await rowsOf(of)).toMatchObject([{ cron: '0 10 * * tue' }])
  await of.admin.put('/api/workflows/weekly/enabled', { enabled: false })
  expect(await rowsOf(of)).toEqual([])
})

test('a moment that comes starts its workflow once, says so, and the next one is set', async () => {
  const of = await ready()
  await comeDue(of, 500)
  await vi.waitFor(async () => expect(await runsOf(of)).toHaveLength(1), { timeout: 20_000 })
  const [delivery] = await deliveriesOf(of)
  expect(delivery).toMatchObject({
    source: 'the schedule',
    tool: 'schedule',
    event: 'tick',
    state: 'processed',
    verdict: 'weekly started run 1.',
  })
  const why = (await of.admin.get(`/api/deliveries/${delivery.id}`)).body
  expect(why.eventRead).toMatchObject({
    actor: { trust: 'source', person: null },
    fields: { cron: '0 9 * * mon', timezone: 'Europe/Berlin', missed: 'once' },
    text: 'Look through the dependencies.',
    outsideText: false,
  })
  expect((await rowsOf(of))[0]!.next_at).toBeGreaterThan(Date.now())
})

test('many replicas that look at once start it once', async () => {
  const of = await ready()
  const others = await Promise.all([replica(), replica()])
  await comeDue(of, 10)
  const sweep = (one: typeof db) =>
    sweepSchedules(
      one,
      makeStuck(() => {}),
    ) // each as another process would
  await Promise.all([db, ...others.map((one) => one.context.db)].flatMap((one) => [sweep(one), sweep(one)]))
  await vi.waitFor(async () => expect(await runsOf(of)).toHaveLength(1), { timeout: 20_000 })
  expect(await deliveriesOf(of)).toHaveLength(1)
})

test('what was missed for three weeks starts once', async () => {
  const of = await ready()
  await comeDue(of, 21 * 86_400_000)
  await vi.waitFor(async () => expect(await runsOf(of)).toHaveLength(1), { timeout: 20_000 })
  const [run] = await runsOf(of)
  expect(run!.title).toMatch(/^weekly, Mon, \d+ \w+ \d{4}(,| at) 09:00 Europe\/Berlin$/)
})

test('missed: skip starts nothing then, and says so', async () => {
  // Of a day three days from now: whenever this runs, its last moment lies days back.
  const day = new Date(Date.now() + 3 * 86_400_000).getUTCDay()
  const of = await ready(file(', missed: skip').replace('* * mon', `* * ${day}`))
  await comeDue(of, 21 * 86_400_000)
  await vi.waitFor(async () => expect(await deliveriesOf(of)).toHaveLength(1), { timeout: 20_000 })
  expect((await deliveriesOf(of))[0]).toMatchObject({
    state: 'processed',
    verdict: 'weekly was not started: its moment passed while nobody looked after the clock (missed: skip).',
  })
  expect(await runsOf(of)).toEqual([])
})

test('missed: skip starts the moment that comes on time, whatever passed before it, and says what passed', async () => {
  const of = await ready(file(', missed: skip').replace('0 9 * * mon', '* * * * *'))
  await comeDue(of, 3_600_000)
  await vi.waitFor(async () => expect(await runsOf(of)).toHaveLength(1), { timeout: 20_000 })
  const [delivery] = (await deliveriesOf(of)).toReversed()
  const { body } = await of.admin.get(`/api/deliveries/${delivery.id}`)
  expect(body).toMatchObject({
    verdict: 'weekly started run 1.',
    problem: 'Moments before it passed while nobody looked after the clock, and started nothing (missed: skip).',
  })
})

test.each([
  ['a zone nobody knows', file().replace('Europe/Berlin', 'Mars/Olympus'), 'the system knows no such time zone'],
  ['a day that never comes', file().replace('0 9 * * mon', '0 9 30 2 *'), 'this never comes due'],
])('%s is not ready', async (_, source, why) => {
  const of = await workspace(`never${++count}`, ['payments'])
  const saved = await of.admin.post('/api/workflows', { source })
  expect(saved.body.missing).toContainEqual(expect.objectContaining({ why }))
})
