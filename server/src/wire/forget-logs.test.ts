import { expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { testDatabase } from '../../test/database.ts'
import { atPlanGate, type Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'
import { forgetLiveLogs } from './forget-logs.ts'

const made = await testDatabase()
const { db } = made
const day = 86_400_000
const by = { kind: 'person', id: 'usr_sam', name: 'sam' } as const

/** A run of two attempts whose logs were stored, in so many rows each. */
const logged = async (workspace: string, leases: number, rows: number): Promise<Story> => {
  const story = await atPlanGate(db, workspace, specOf())
  await inWorkspace(db, workspace, async (tx) => {
    await tx.query(
      `insert into vp.leases (workspace, lease, run, key, step, attempt, epoch, runner, request, state, expires_at)
        select $1, 'lease_' || $2 || '-' || n, $2, 'plan', 'plan', n, n, 'rnr_1', $2 || n, 'ended', 0 from generate_series(1, $3) n`,
      [workspace, story.run, leases],
    )
    await tx.query(
      `insert into vp.live_logs (workspace, lease, start, bytes) select $1, 'lease_' || $2 || '-' || n, r, 'x' from generate_series(1, $3) n, generate_series(0, $4::int - 1) r`,
      [workspace, story.run, leases, rows],
    )
  })
  return story
}
const ended = async ({ workspace, run }: Story, days: number): Promise<void> => {
  await act(db, { workspace, run, command: { do: 'cancel', by, reason: 'enough' } })
  await inWorkspace(db, workspace, (tx) =>
    tx.query('update vp.runs set finished_at = finished_at - $2 where run = $1 and finished_at is not null', [
      run,
      days * day,
    ]),
  )
}
const left = async ({ workspace, run }: Story): Promise<number> =>
  (
    await inWorkspace(db, workspace, (tx) =>
      tx.query(`select from vp.live_logs where lease like 'lease_' || $1 || '-%'`, [run]),
    )
  ).rowCount!

test('live logs of runs that ended long ago are forgotten, and no others', async () => {
  const workspace = await made.workspace()
  const [old, young, goesOn] = [
    await logged(workspace, 450, 2),
    await logged(workspace, 2, 3),
    await logged(workspace, 2, 3),
  ]
  const elsewhere = await logged(await made.workspace(), 1, 1)
  await ended(old, 31)
  await ended(young, 29)
  await ended(elsewhere, 31)
  expect(await forgetLiveLogs(db, workspace, 30 * day)).toBe(450)
  expect(await Promise.all([old, young, goesOn, elsewhere].map(left))).toEqual([0, 6, 6, 1])
  expect(await forgetLiveLogs(db, workspace, 30 * day)).toBe(0)
})
