/** The scheduler of a running control plane over both changes of the clock, by the product's own clock (`vp.now_ms`), which these tests set. */
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
let serial = 0

/** From now on it is this moment, and time goes on. */
const itIs = (moment: string): Promise<unknown> =>
  db.asOwner((owner) =>
    owner.query(
      `create or replace function vp.now_ms() returns bigint language sql stable parallel safe as $f$ select (extract(epoch from statement_timestamp()) * 1000)::bigint + ${Date.parse(moment) - Date.now()} $f$`,
    ),
  )
/** A workflow of every day at half past two in Berlin. */
const ready = async () => {
  const of = await workspace(`berlin${++serial}`, ['payments'])
  await of.person(`lead-of-berlin${serial}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
  const source =
    'name: nightly\nteam: payments\ntrigger:\n  schedule: { cron: "30 2 * * *", timezone: Europe/Berlin }\nrepos: [acme/shop]\napprovals: []\n'
  expect((await of.admin.post('/api/workflows', { source })).body.missing).toEqual([])
  expect((await of.admin.put('/api/workflows/nightly/enabled', { enabled: true })).body.enabled).toBe(true)
  return of.id
}
const reading = async <T extends object>(workspace: string, text: string): Promise<T[]> =>
  (await inWorkspace(db, workspace, (tx) => tx.query<T>(text, [workspace]))).rows
const nextOf = async (workspace: string): Promise<string> => {
  const [row] = await reading<{ at: number }>(workspace, 'select next_at as at from vp.schedules where workspace = $1')
  return new Date(row!.at).toISOString()
}
const runsOf = async (workspace: string): Promise<string[]> =>
  (await reading<{ title: string }>(workspace, 'select title from vp.runs where workspace = $1 order by number')).map(
    (one) => one.title,
  )
const startsOnce = (workspace: string, count: number) =>
  vi.waitFor(async () => expect(await runsOf(workspace)).toHaveLength(count), { timeout: 20_000, interval: 100 })

test('a moment that the clock skips starts its workflow once, right after it', { timeout: 60_000 }, async () => {
  await itIs('2027-03-27T22:00:00Z')
  const of = await ready()
  expect(await nextOf(of)).toBe('2027-03-28T01:00:00.000Z') // there is no 02:30 in Berlin that night
  await itIs('2027-03-28T00:59:58Z')
  expect(await runsOf(of)).toEqual([])
  await startsOnce(of, 1)
  expect((await runsOf(of))[0]).toMatch(/28 Mar 2027.*03:00 Europe\/Berlin$/)
  expect(await nextOf(of)).toBe('2027-03-29T00:30:00.000Z')
})

test('a moment that the clock repeats starts it once', { timeout: 60_000 }, async () => {
  await itIs('2027-10-30T22:00:00Z')
  const of = await ready()
  const first = await nextOf(of)
  expect(['2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z']).toContain(first)
  await itIs('2027-10-31T00:29:59Z')
  await itIs('2027-10-31T01:30:30Z') // both half past two are over
  await startsOnce(of, 1)
  expect(await nextOf(of)).toBe('2027-11-01T01:30:00.000Z')
})

test('what was missed over a change of the clock is made up for once', { timeout: 60_000 }, async () => {
  await itIs('2028-03-20T12:00:00Z')
  const of = await ready()
  await itIs('2028-03-28T12:00:00Z')
  await startsOnce(of, 1)
  expect((await runsOf(of))[0]).toMatch(/28 Mar 2028.*02:30 Europe\/Berlin$/)
  expect(await nextOf(of)).toBe('2028-03-29T00:30:00.000Z')
})
