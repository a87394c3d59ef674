/** Does a backtest over costly events let everybody else in between, tell how far it came, and stop when nobody waits for it? */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import type { BacktestView } from '@viewportai/core/api/backtest'
import { longBacktest } from '@viewportai/core/api/long-backtest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { z } from 'zod'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { backtestOf } from './backtest.ts'
import { kindsOf, readRecorded } from './recorded.ts'

type View = z.infer<typeof BacktestView>
const { plane, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const other = await workspace('other', ['payments'])
const events = 1_500
await inWorkspace(db, acme.id, (tx) =>
  tx.query(
    `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, event, title, actor, state, outcome, verdict, trigger_event, received_at)
      select $1, 'dlv_b' || n, 'src_bench', 'b' || n, 'webhook', 'received', 'Prices ' || n, 'Sam', 'processed', 'no_match', 'No workflow matched.',
        json_build_object('tool', 'webhook', 'event', 'received', 'id', 'b' || n, 'at', n, 'actor', json_build_object('id', 'src:1', 'name', 'Bugs', 'trust', 'source', 'person', null, 'teams', json_build_array()),
          'subject', json_build_object('label', 'b' || n, 'title', 'Prices ' || n, 'url', null), 'fields', json_build_object('source', 'bugs', 'type', 'bug', 'title', 'Prices ' || n, 'text', 'x', 'data.body', repeat('One cent too much. ', 500)),
          'text', 'x', 'outsideText', false), n
      from generate_series(1, $2::int) n`,
    [acme.id, events],
  ),
)
const cheap = 'name: cheap\nteam: payments\ntrigger: { webhook: { type: bug } }\nrepos: [acme/shop]\n'
/** As many triggers as a text may have, each of which reads the whole of every event. */
const costly = `name: costly\nteam: payments\ntrigger:\n${Array.from({ length: 100 }, (_, n) => `  - webhook: { data: { body: { contains: "too little ${n}" } } }`).join('\n')}\nrepos: [acme/shop]\n`
const here = new AbortController().signal
const compiledOf = (source: string): Compiled => {
  const result = compileWorkflow(source)
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.compiled
}
const asked = (
  source: string,
  more: { limit?: number; before?: string | null },
  pace: { left?: AbortSignal; budget?: number },
) =>
  inWorkspace(db, acme.id, (tx) =>
    backtestOf(tx, { source, limit: 10_000, before: null, ...more }, { left: here, ...pace }),
  ) as Promise<View>

test('everybody else is answered while it computes', { timeout: 60_000 }, async () => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const began = performance.now()
  delay.enable()
  const found = await asked(costly, { limit: 250 }, { budget: 60_000 }) // read from the database in one go
  delay.disable()
  const whole = performance.now() - began
  expect(found).toMatchObject({ events: 250, listened: 250 })
  const longest = delay.max / 1e6
  expect({ whole: Math.round(whole), longest: Math.round(longest), isLong: longest > whole / 4 }).toMatchObject({
    isLong: false,
  })
})

test(
  'when its time is used up it tells how far it came, and goes on there; the pieces are the whole',
  { timeout: 60_000 },
  async () => {
    const first = await asked(costly, {}, { budget: 20 })
    expect(first.events).toBeGreaterThan(0)
    expect(first.events).toBeLessThan(events)
    expect(first.older).not.toBeNull()
    const pieces: number[] = []
    const whole = await longBacktest(
      (piece) => asked(costly, piece, { budget: 200 }),
      { source: costly, limit: 10_000 },
      (sofar) => pieces.push(sofar.events) > 0,
    )
    expect(pieces.length).toBeGreaterThan(0)
    expect(whole).toEqual(await asked(costly, {}, { budget: 60_000 }))
    expect(await asked(cheap, { limit: 251 }, {})).toMatchObject({ events: 251, draft: { starts: 251 } })
    expect(await asked(cheap, { limit: events }, {})).toMatchObject({ events, older: null })
  },
)

test('it stops when whoever asked has left', { timeout: 60_000 }, async () => {
  const left = new AbortController()
  setTimeout(() => left.abort(), 5)
  const found = await asked(costly, {}, { left: left.signal, budget: 60_000 })
  expect(found.events).toBeLessThan(events)
})

test(
  'one of a workspace is at work at a time: too many are refused in words, and nobody elsewhere waits for them',
  { timeout: 60_000 },
  async () => {
    const many = Promise.all(
      Array.from({ length: 12 }, () => acme.admin.post('/api/backtests', { source: costly, limit: 300 })),
    )
    const elsewhere = await other.admin.post('/api/backtests', { source: cheap })
    expect(elsewhere.status).toBe(200)
    const answers = await many
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(8).fill(200), ...Array(4).fill(429)])
    expect(answers.find(({ status }) => status === 429)!.body).toMatchObject({
      code: 'backtests_wait',
      detail: expect.stringContaining('8 backtests of this workspace'),
    })
    expect((await acme.admin.post('/api/backtests', { source: cheap })).status).toBe(200)
  },
)

test('what no version listens to is counted and not read; what a webhook tells is read whatever its sender calls it', async () => {
  const opened = 'name: opened\nteam: payments\ntrigger: { github: { event: issue_opened } }\nrepos: [acme/shop]\n'
  const versions = [opened, cheap].map(compiledOf)
  expect(kindsOf([...versions, versions[0]!])).toEqual(['github issue_opened', 'webhook'])
  await inWorkspace(db, other.id, (tx) =>
    tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, event, state, outcome, verdict, trigger_event, received_at)
        select $1, 'dlv_' || n, 'src_bench', 'k' || n, tool, event, 'processed', 'no_match', '', json_build_object('tool', tool, 'event', 'issue_opened', 'actor', json_build_object('name', 'Sam', 'trust', 'source', 'teams', json_build_array()), 'subject', json_build_object('label', 'x', 'title', 'x'), 'fields', json_build_object()), n
        from (values (1, 'github', 'issue_opened'), (2, 'github', 'issue_closed'), (3, 'webhook', 'bug'), (4, 'linear', 'issue_opened'), (5, 'webhook', 'issue_closed')) v (n, tool, event)`,
      [other.id],
    ),
  )
  const read = async (kinds: string[]): Promise<string[]> => {
    const rows = await inWorkspace(db, other.id, (tx) =>
      readRecorded(tx, { kinds, held: null, beside: new Map(), from: { at: 10, delivery: '' }, limit: 10 }),
    )
    expect(rows).toHaveLength(5)
    return rows.flatMap(({ delivery, recorded }) => (recorded === null ? [] : [delivery])).toSorted()
  }
  expect(await read(kindsOf(versions))).toEqual(['dlv_1', 'dlv_3', 'dlv_5'])
  expect(await read(kindsOf([versions[0]!]))).toEqual(['dlv_1'])
  const found = await inWorkspace(db, other.id, (tx) =>
    backtestOf(tx, { source: opened, limit: 10, before: null }, { left: here }),
  )
  expect(found).toMatchObject({ events: 5, listened: 1, older: null })
})
