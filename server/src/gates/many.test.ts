// With a hundred thousand gates open: what an inbox page and the number beside it read, in pages of the database and not in time.
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor } from '../../test/story.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { cursorText, waitingCount, waitingFor } from './inbox.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments', 'support'])
const jess = await acme.person('jess', { teams: ['payments', 'support'] })
const rob = await acme.person('rob', { teams: ['support'] })
const many = 100_000

const story = await atPlanGate(db, acme.id, specFor(acme.admin))
const { id: like } = await story.gate()
await inWorkspace(db, acme.id, async (tx) => {
  // Copies of one real gate, one a millisecond; every hundredth is the support team's, half exclude jess.
  await tx.query(
    `insert into vp.gates select workspace, 'gate_x-' || n, run, kind, name, step, round, state, outcome, digest, required, votes, case when n % 2 = 0 then array[$3] else not_by end, decided_by, expires_at, remind_at, opened_at + n, closed_at, shown
       from vp.gates, generate_series(1, $4) n where workspace = $1 and gate = $2`,
    [acme.id, like, jess.id, many],
  )
  await tx.query(
    `insert into vp.gate_approvers (workspace, principal, opened_at, gate) select workspace, case when substring(gate from '\\d+$')::int % 100 = 0 then 'team:support' else 'team:payments' end, opened_at, gate from vp.gates where workspace = $1 and gate like 'gate_x-%'`,
    [acme.id],
  )
})
await db.asOwner((owner) => owner.query('analyze vp.gates, vp.gate_approvers'))

/** Pages of the database that the statements of `fn` touch in this transaction. */
const pagesRead = (fn: (tx: Tx) => Promise<unknown>): Promise<number> =>
  inWorkspace(db, acme.id, async (tx) => {
    const touched = async () =>
      (
        await tx.query<{ n: number }>(
          `select sum(pg_stat_get_xact_blocks_fetched(c.oid))::bigint as n from pg_class c join pg_namespace s on s.oid = c.relnamespace where s.nspname = 'vp'`,
        )
      ).rows[0]!.n
    // What a parallel worker reads is counted for the worker, and this reads the leader's count: one process reads everything.
    await tx.query('set local max_parallel_workers_per_gather = 0')
    await fn(tx) // plans are made, catalogs are read
    const before = await touched()
    await fn(tx)
    return (await touched()) - before
  })

test.each([
  ['of somebody who may decide half of all', jess, ['team:payments', 'team:support']],
  ['of somebody who may decide one in a hundred', rob, ['team:support']],
])('a page %s reads a few hundred pages of the database, the last one as the first', async (_, person, teams) => {
  const viewer = {
    person: person.id,
    principals: [`user:${person.id}`, `user:${person.handle}`, ...teams, 'role:member'],
  }
  const first = await inWorkspace(db, acme.id, (tx) => waitingFor(tx, viewer, 50))
  expect(first.open).toHaveLength(50)
  expect(await pagesRead((tx) => waitingFor(tx, viewer, 50))).toBeLessThan(1_500)
  const deep = { openedAt: first.older!.openedAt - many / 2, gate: 'x' }
  expect((await inWorkspace(db, acme.id, (tx) => waitingFor(tx, viewer, 50, deep))).open).toHaveLength(50)
  expect(await pagesRead((tx) => waitingFor(tx, viewer, 50, deep))).toBeLessThan(1_500)
  expect(await pagesRead((tx) => waitingCount(tx, viewer))).toBeLessThan(3_500)
  expect(await pagesRead((tx) => tx.query('select count(shown::text) from vp.gates'))).toBeGreaterThan(8_000) // what looking at all of them would cost
  expect(cursorText(first.older!)).toMatch(/^\d+\.gate_x-\d+$/)
})
