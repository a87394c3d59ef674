/**
 * Which open gates wait for this person?
 * Read by the btree key of approver rows, principal by principal: under row-level security an array filter would scan.
 */
import { countedUpTo } from '@viewportai/core/api/inbox'
import type { GateItem } from '@viewportai/core/view/shapes'
import type { Tx } from '../database/tenant.ts'
import type { ShownGate } from '../ledger/reading.ts'
import { workedOn } from './decider.ts'

export type Viewer = { readonly person: string; readonly principals: readonly string[] }
/** A place in the inbox: everything after it opened earlier. */
export type Cursor = { readonly openedAt: number; readonly gate: string }

const newest: Cursor = { openedAt: Number.MAX_SAFE_INTEGER, gate: '~' }
export const cursorText = ({ openedAt, gate }: Cursor): string => `${openedAt}.${gate}`
/** Null: not a place. */
export const readCursor = (text: string): Cursor | null => {
  const [, openedAt, gate] = /^(\d{1,16})\.(\w[\w-]{0,60})$/.exec(text) ?? []
  return openedAt && gate ? { openedAt: Number(openedAt), gate } : null
}

/**
 * In SQL: does this viewer own a runner that did the work of the gate `g`, which leaves owners out? Asked of who owns any runner only:
 * the others cost nothing.
 */
const mine = (person: string): string =>
  `case when exists (select from vp.runners o where o.workspace = $1 and o.owner = ${person}) then g.shown ->> 'notByOwner' = 'true' and exists (
        select from vp.runners r where r.workspace = $1 and r.owner = ${person}
          and (r.runner = (select n.runner from vp.runs n where n.workspace = $1 and n.run = g.run) or ${workedOn('g.run')})) else false end`

// Per principal the newest after the place; then the gates themselves. The number of rows stands in the text, and principals come as json: what PostgreSQL could estimate better with the values at hand (a limit, the
// length of an array) makes it plan the statement anew every time, which costs four times what running it does.
const windowOf = (rows: number) => ({
  name: `inbox window ${rows}`,
  text: `select c.gate, c.opened_at, g.shown, g.not_by, g.decided_by,
      ${mine('$5')} as mine from (
      select distinct a.opened_at, a.gate from json_array_elements_text($2::json) p (principal) cross join lateral (
        select opened_at, gate from vp.gate_approvers a where a.workspace = $1 and a.principal = p.principal and (a.opened_at, a.gate) < ($3, $4)
        order by opened_at desc, gate desc limit ${rows}) a
      order by 1 desc, 2 desc limit ${rows}) c
    join vp.gates g on g.workspace = $1 and g.gate = c.gate
    order by c.opened_at desc, c.gate desc`,
})
const windows = [3, 11, 51, 201].map((rows) => ({ rows, statement: windowOf(rows) }))
type Row = { gate: string; opened_at: number; shown: ShownGate; not_by: string[]; decided_by: string[]; mine: boolean }

/** A gate as this viewer sees it. */
const seenBy = ({ shown, not_by, decided_by, mine }: Row, { person }: Viewer): GateItem => ({
  ...shown.item,
  yours: shown.item.state === 'open' && !not_by.includes(person) && !decided_by.includes(person) && !mine,
  myVerdict: shown.verdicts[person] ?? null,
})

/** Open gates this viewer may decide now, newest first, and those among them that already have the viewer's vote. */
export const waitingFor = async (
  tx: Tx,
  viewer: Viewer,
  limit: number,
  after: Cursor = newest,
): Promise<{ open: GateItem[]; voted: GateItem[]; older: Cursor | null }> => {
  const open: GateItem[] = []
  const voted: GateItem[] = []
  let at = after
  // Who is excluded from many gates gets a full page all the same: windows are read until it is full.
  for (let looks = 0; looks < 20; looks++) {
    const size = limit + 1 - open.length
    const window = windows.find((one) => one.rows >= size) ?? windows.at(-1)!
    const { rows } = await tx.query<Row>(window.statement, [
      tx.workspace,
      JSON.stringify(viewer.principals),
      at.openedAt,
      at.gate,
      viewer.person,
    ])
    for (const row of rows) {
      if (open.length === limit) return { open, voted, older: at }
      const item = seenBy(row, viewer)
      if (item.yours) open.push(item)
      else if (item.myVerdict !== null) voted.push(item)
      at = { openedAt: row.opened_at, gate: row.gate }
    }
    if (rows.length < window.rows) return { open, voted, older: null }
  }
  return { open, voted, older: at }
}

const count = {
  name: 'inbox count',
  text: `select count(*) from (select from (
      select distinct a.gate from json_array_elements_text($2::json) p (principal) cross join lateral (
        select gate from vp.gate_approvers a where a.workspace = $1 and a.principal = p.principal order by opened_at desc, gate desc limit ${countedUpTo}) a limit ${countedUpTo}) c
    join vp.gates g on g.workspace = $1 and g.gate = c.gate where not $3 = any(g.not_by) and not $3 = any(g.decided_by)
      and not ${mine('$3')}) t`,
}

/** How many gates wait for this viewer, counted up to `countedUpTo` of those that ask them. */
export const waitingCount = async (tx: Tx, viewer: Viewer): Promise<number> =>
  (await tx.query<{ count: number }>(count, [tx.workspace, JSON.stringify(viewer.principals), viewer.person])).rows[0]!
    .count

const decided = {
  name: 'inbox decided',
  text: `select gate, opened_at, shown, not_by, decided_by, false as mine from vp.gates where workspace = $1 and state = 'closed' and closed_at > vp.now_ms() - 86400000 and $2 = any(decided_by) order by closed_at desc limit 20`,
}

/** What this viewer decided in the last day, newest first. */
export const decidedBy = async (tx: Tx, viewer: Viewer): Promise<GateItem[]> =>
  (await tx.query<Row>(decided, [tx.workspace, viewer.person])).rows.map((row) => seenBy(row, viewer))

/** The gate to look at after this one: the next older one that waits for the viewer, else the newest. */
export const nextFor = async (tx: Tx, viewer: Viewer, here: Cursor): Promise<string | null> => {
  const after = await waitingFor(tx, viewer, 1, here)
  if (after.open[0]) return after.open[0].gate
  const first = await waitingFor(tx, viewer, 2)
  return first.open.find((item) => item.gate !== here.gate)?.gate ?? null
}
