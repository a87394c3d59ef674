import { describe, expect, test } from 'vitest'
import { compileWorkflow } from '../workflow/compile.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { fieldsFor } from '../event/fields.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { backtesting, type Found, type Recorded } from './backtest.ts'
import { joined, toldBacktest, withRowsOf } from './told-backtest.ts'

const compiled = (trigger: string) => {
  const read = compileWorkflow(`name: fix\nteam: payments\ntrigger: ${trigger}\nrepos: [acme/api]\n`)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
const found = (events: readonly Recorded[], draft: Compiled, current: Compiled | null, more: object = {}): Found => {
  const one = backtesting({ draft, current, ...more })
  for (const event of events) one.add(event)
  return one.found()
}
const hour = 3_600_000
const told = (of: Found, rowsAtMost = 200) => toldBacktest(of, { lasts: hour, until: 1e15, rowsAtMost })
const backtest = (events: readonly Recorded[], draft: Compiled, current: Compiled | null, rowsAtMost = 200) =>
  told(found(events, draft, current), rowsAtMost)
let n = 0
const assigned = (fields: Record<string, unknown>, trust: TriggerEvent['actor']['trust'] = 'member'): Recorded => ({
  delivery: `dlv_${++n}`,
  at: n,
  decidedAt: n,
  event: {
    tool: 'linear',
    event: 'issue_assigned',
    id: `e${n}`,
    at: n,
    actor: { id: 'linear:1', name: 'Sam', trust, person: trust === 'member' ? 'usr_sam' : null, teams: [] },
    subject: { label: `PAY-${n}`, title: 'Charged twice', url: null },
    fields: fieldsFor('linear', 'issue_assigned', fields),
    text: '',
    outsideText: trust !== 'member',
  },
})
const draft = compiled('{ linear: { event: issue_assigned, team: Payments, priority: { lt: 3 } } }')

describe('a draft over recorded events', () => {
  const events = [
    assigned({ team: 'Payments', priority: 1 }),
    assigned({ team: 'Payments', priority: 4 }),
    assigned({ team: 'Support', priority: 1 }),
    assigned({ team: 'Support', priority: 4 }),
    assigned({ team: 'Payments', priority: 2 }, 'outsider'),
    { ...assigned({}), event: { ...assigned({}).event, event: 'issue_created' } },
  ]
  test('says what it would have started, what it nearly did, and by which condition', () => {
    const seen = backtest(events, draft, null)
    expect(seen).toMatchObject({
      events: 6,
      listened: 5,
      draft: { starts: 1, nearMisses: 2 },
      current: null,
      missedBy: [
        { condition: 'priority', times: 1 },
        { condition: 'team', times: 1 },
      ],
      rowsLeftOut: 0,
    })
    expect(seen.rows.map((row) => [row.label, row.draft, row.current])).toEqual([
      ['PAY-1', 'starts', null],
      ['PAY-2', 'near_miss', null],
      ['PAY-3', 'near_miss', null],
    ])
  })
  test('stands beside the version in force', () => {
    const seen = backtest(
      events,
      draft,
      compiled('{ linear: { event: [issue_assigned, issue_created], team: Support } }'),
    )
    expect(seen.current).toMatchObject({ starts: 2 })
    expect(seen.rows.find((row) => row.label === 'PAY-4')).toMatchObject({ draft: 'no', current: 'starts' })
  })
  test('keeps so many rows and says how many more there were', () =>
    expect(
      backtest(
        Array.from({ length: 30 }, (_, at) => ({ ...events[0]!, delivery: `dlv_same${at}` })),
        draft,
        null,
        10,
      ),
    ).toMatchObject({
      draft: { starts: 30 },
      rowsLeftOut: 20,
    }))
  test('is as if it were enabled, and changes nothing that it was given', () => {
    const before = JSON.stringify(events)
    backtest(events, draft, draft)
    expect(JSON.stringify(events)).toBe(before)
  })
})

test('counts where its route would have sent them, and how often somebody would have been asked', () => {
  const read = compileWorkflow(
    'name: fix\nteam: core\ntrigger: { linear: { event: issue_assigned } }\nroute: { by: team, map: { Payments: acme/pay, Web: { repo: acme/web, team: web } } }\n',
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const teams = ['Web', 'Payments', 'Web', 'Support']
  const { asked } = backtest(
    teams.map((team) => assigned({ team })),
    read.compiled,
    read.compiled,
  )
  expect(asked.map(({ gate, approvers, times, current }) => [gate, approvers, times, current])).toEqual([
    ['plan_review', ['team:web'], 2, 2],
    ['pr_approval', ['team:web'], 2, 2],
    ['plan_review', ['team:core'], 1, 1],
    ['pr_approval', ['team:core'], 1, 1],
    ['route', ['team:core'], 1, 1],
  ])
})

describe('beside the version in force, and in pieces', () => {
  const events = [
    assigned({ team: 'Payments', priority: 1 }),
    assigned({ team: 'Support', priority: 1 }),
    assigned({ team: 'Payments', priority: 4 }),
    ...Array.from({ length: 20 }, () => assigned({ team: 'Payments', priority: 2 })),
  ]
  const current = compiled('{ linear: { event: issue_assigned, team: [Payments, Support] } }')
  const whole = backtest(events, draft, current, 10)
  test('counts what starts both, and each alone; what only one starts is never pushed out of the list', () => {
    expect(whole.beside).toEqual({ both: 21, onlyDraft: 0, onlyCurrent: 2 })
    expect(whole.rows.slice(0, 2).map((row) => [row.draft, row.current])).toEqual([
      ['near_miss', 'starts'],
      ['near_miss', 'starts'],
    ])
    expect([whole.rows.length, whole.rowsLeftOut]).toEqual([10, 13])
  })
  test('pieces that follow each other are one', () => {
    const [newer, older] = [events.slice(0, 2), events.slice(2)].map((some) => {
      const piece = found(some, draft, current)
      return withRowsOf(piece, told(piece, 10))
    })
    expect(told(joined(newer!, older!), 10)).toEqual(whole)
  })
})
