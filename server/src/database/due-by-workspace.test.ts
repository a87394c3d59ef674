/** Does every look-up of what is due give each workspace its rows, however many another one has, and however old? */
import { beforeAll, expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { testDatabase } from '../../test/database.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from './tenant.ts'

const made = await testDatabase()
const { db } = made
const many = 300
/** A run of each, and of the first one many rows of everything, all due for longer than the one of the second. */
let [full, other] = ['', '']
const rowsOf = [
  `insert into vp.connections (workspace, connection, tool, name, sealed, created_at) select $1, 'con_' || $1 || n, 'slack', 'c' || n, '', $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.polls (workspace, connection, stream, next_at) select $1, 'con_' || $1 || 1, 's' || n, $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.runs select (json_populate_record(r, json_build_object('run', 'run_' || $1 || n, 'number', 100 + n, 'seq', 9, 'cancelling_at', $3 + n))).* from vp.runs r, generate_series(1, $2::int) n`,
  `insert into vp.watches (workspace, run, tool, ref, home, state, next_at) select $1, 'run_' || $1 || n, 'github', 'a/b#' || n, 'a/b', 'open', $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.run_statuses (workspace, run, tool, target, next_at) select $1, 'run_' || $1 || n, 'slack', 'C1', $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.whispers (workspace, connection, account, delivery, place, reason, known, next_at) select $1, 'con_1', 'U' || n, 'dlv', 'C', 'nothing', true, $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.workflows (workspace, workflow, name) values ($1, 'wf_' || $1, 'w')`,
  `insert into vp.schedules (workspace, workflow, trigger, cron, timezone, next_at) select $1, 'wf_' || $1, n, '* * * * *', 'UTC', $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.gates (workspace, gate, run, kind, name, step, round, state, digest, required, expires_at, opened_at) select $1, 'gate_' || $1 || n, 'run', 'plan', 'g', 's', 1, 'open', 'd', 1, $3 + n, 1 from generate_series(1, $2::int) n`,
  `insert into vp.leases (workspace, lease, run, key, step, attempt, epoch, runner, request, state, expires_at) select $1, 'lse_' || $1 || n, 'r', 'k', 's', 1, n, 'run', 'q' || n, 'held', $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, paired_by, online, seen_at) select $1, 'rnr_' || $1 || n, 'r' || n, 'p', '{}', $1 || n, '{}', '{}', 'x', true, $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.due (workspace, kind, key, at, enqueued_at) select $1, 'task', 'told' || n, 1, $3 + n from generate_series(1, $2::int) n`,
  `insert into vp.due (workspace, kind, key, at) select $1, 'task', 'untold' || n, $3 + n from generate_series(1, $2::int) n`,
]
beforeAll(async () => {
  const make = async (count: number, from: number): Promise<string> => {
    const workspace = await made.workspace()
    await new Story(db, workspace).start(specOf())
    await inWorkspace(db, workspace, async (tx) => {
      await tx.query('delete from vp.due')
      for (const text of rowsOf) await tx.query(text, text.includes('$3') ? [workspace, count, from] : [workspace])
    })
    return workspace
  }
  full = await make(many, 1_000)
  other = await make(1, 1_000_000)
}, 60_000)

const lookUps: [name: string, text: string][] = [
  ['polls', 'vp.polls_due(20, $1)'],
  ['watches', 'vp.watches_due(20, $1)'],
  ['statuses', 'vp.run_statuses_due(20, $1)'],
  ['whispers', 'vp.whispers_due(20, $1)'],
  ['schedules', 'vp.schedules_due(20, $1)'],
  ['gates', 'vp.gates_over(20, $1)'],
  ['leases', 'vp.leases_over(20, $1)'],
  ['runners', 'vp.runners_silent(vp.now_ms(), 20, $1)'],
  ['cancels', 'vp.runs_cancelling(vp.now_ms(), 20, $1)'],
  ['pieces of work', 'vp.due_waiting(vp.now_ms(), 20, 8, $1)'],
]
test.each(lookUps)('%s', async (_, text) => {
  const of = async (but: string[]) => {
    const { rows } = await db.app.query<{ workspace: string }>(`select workspace from ${text}`, [but])
    return [full, other].map((id) => rows.filter(({ workspace }) => workspace === id).length)
  }
  const [ofFull, ofOther] = await of([])
  expect([ofFull, ofOther! > 0]).toEqual([20, true])
  const lanes = [full, `${full} con_${full}1`, `${full} con_1`, `${full} github`, `${full} slack`]
  expect(await of(lanes)).toEqual([0, ofOther])
})

test('lines: the first connection of each workspace comes before the second one of any', async () => {
  const { rows } = await db.app.query<{ workspace: string }>(
    `select workspace from vp.connections_of_tools('{slack}', 20)`,
  )
  expect(rows.map(({ workspace }) => workspace)).toEqual([full, other, ...Array.from({ length: 18 }, () => full)])
})

test('of a workspace the engine is told of as much as it has room for', async () => {
  const told = async () =>
    (
      await db.app.query<{ key: string }>('select key from vp.due_waiting(0, 20, 8, $1) where workspace = $2', [
        [],
        full,
      ])
    ).rows
  expect(await told()).toEqual([]) // more are with it than it may have
  await inWorkspace(db, full, (tx) => tx.query(`delete from vp.due where key like 'told%' and enqueued_at > 1005`))
  expect((await told()).map(({ key }) => key)).toEqual(['untold1', 'untold2', 'untold3'])
})
