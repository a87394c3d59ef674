/** Do migrations reach the rows that were there before them? Rows of a tenant are seen by whoever names its workspace, and by nobody else. */
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase } from '../../test/database.ts'
import { migrate, ownMigrations } from './migrate.ts'
import { ensureGroupRoles } from './roles.ts'

const own = ownMigrations()
const fresh = await emptyDatabase()
const admin = new pg.Client({ connectionString: fresh.url })
const upTo = (number: number) =>
  migrate(
    admin,
    own.filter((one) => one.number <= number),
  )

beforeAll(async () => {
  await admin.connect()
  await ensureGroupRoles(admin)
})
afterAll(async () => {
  await admin.end()
  await fresh.drop()
})

test(
  'what is upgraded from long ago says what it would have said from the beginning',
  { timeout: 60_000 },
  async () => {
    await upTo(21)
    const report = JSON.stringify({
      answers: [
        { id: 'wf_1', outcome: 'starts' },
        { id: 'wf_2', outcome: 'no' },
      ],
    })
    await admin.query(`insert into vp.workspaces (workspace, slug, name) values ('ws_a', 'a', 'A'), ('ws_b', 'b', 'B')`)
    for (const of of ['ws_a', 'ws_b'])
      for (const [n, [id, state, verdict, told, runs]] of [
        ['guid-1', 'processed', 'fix started.', report, ['run_1']],
        ['poll 2', 'processed', 'The same event came before (dlv_x1).', null, []],
        ['guid-3', 'failed', 'failed', null, []],
        ['guid-4', 'stored', '', null, []],
      ].entries() as IterableIterator<[number, [string, string, string, string | null, string[]]]>)
        await admin.query(
          `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, state, verdict, report, runs) values ($1, $2, 'src_x', $3, 'github', $4, $5, $6, $7)`,
          [of, `dlv_${of}${n}`, id, state, verdict, told, runs],
        )
    await upTo(35)
    for (const of of ['ws_a', 'ws_b'])
      await admin.query(
        `insert into vp.seen_events (workspace, tool, event, delivery, at) values ($1, 'github', 'e', 'dlv_1', 1), ($1, 'slack', 'e', 'dlv_1', 1)`,
        [of],
      )
    await upTo(Infinity)
    const deliveries = await admin.query(
      'select outcome, workflows, came, same_as as "sameAs" from vp.deliveries order by workspace, delivery',
    )
    const each = [
      { outcome: 'started', workflows: ['wf_1'], came: 'webhook', sameAs: null },
      { outcome: 'duplicate', workflows: [], came: 'asked', sameAs: 'dlv_x1' },
      { outcome: 'set_aside', workflows: [], came: 'webhook', sameAs: null },
      { outcome: 'arriving', workflows: [], came: 'webhook', sameAs: null },
    ]
    expect(deliveries.rows).toEqual([...each, ...each])
    const seen = await admin.query('select tool, keep from vp.seen_events order by workspace, tool')
    const kept = [
      { tool: 'github', keep: true },
      { tool: 'slack', keep: false },
    ]
    expect(seen.rows).toEqual([...kept, ...kept])
  },
)

test('a migration that changes rows of tenants names each workspace', async () => {
  const { rows } = await admin.query<{ name: string }>(
    `select table_name as name from information_schema.columns where table_schema = 'vp' and column_name = 'workspace'`,
  )
  const changes = new RegExp(
    `^\\s*(update|delete from|insert into) vp\\.(${rows.map(({ name }) => name).join('|')})\\b`,
    'm',
  )
  // Those before 047 that did not are what it mends; 020 said of each connection that it was changed at that moment, which asks once more at worst.
  const mended = [20, 22, 36, 37]
  expect(
    own.filter(({ text }) => changes.test(text) && !text.includes('vp.workspace_ids()')).map(({ number }) => number),
  ).toEqual(mended)
})
