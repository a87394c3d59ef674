/**
 * Was this very event told before, by whichever way, and for how long is that known?
 * GitHub and Jira sign no time: a delivery that somebody recorded stays genuine. So an event is remembered, and what says it happened before the moment up
 * to which events are forgotten starts nothing: forgetting opens no door. It never judges signatures.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'

/** How long an event is remembered (ms): longer than any tool sends one again (GitHub: three days), and than asking was ever seen to lag. */
export const rememberedMillis = 90 * 86_400_000
/** A sender's clock may be ahead of ours by this (ms), and its event is remembered all the same until what it says is old. */
const skewMillis = 86_400_000
/** Rows that one transaction forgets: others wait for none of it. */
const forgottenAtOnce = 5_000

const until = {
  name: 'events forgotten',
  text: 'select until from vp.forgotten_events where workspace = $1 and tool = $2',
}

/**
 * Why an event is too old to be told from one that came before (a sentence), or null. Asked after `seenBefore` has looked, so that what was forgotten
 * meanwhile is known. `moment`: when it happened at the latest, by its own word (ms); null: it says none.
 */
export const tooOld = async (tx: Tx, tool: string, moment: number | null): Promise<string | null> => {
  // What is younger was never forgotten, and costs no question.
  if (moment === null || moment > Date.now() - rememberedMillis + skewMillis) return null
  const { rows } = await tx.query<{ until: number }>(until, [tx.workspace, tool])
  const from = rows[0]?.until ?? 0
  return moment < from
    ? `It says that it happened on ${dayOf(moment)}. Events are remembered for ${rememberedMillis / 86_400_000} days, so nobody can tell whether one from before ${dayOf(from)} came already: it started nothing.`
    : null
}
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const see = {
  name: 'event seen',
  text: `with fresh as (insert into vp.seen_events (workspace, tool, event, delivery, keep) select $1, $2, name, $4, $5 from unnest($3::text[]) name order by name on conflict do nothing returning event)
    select event, delivery from vp.seen_events where workspace = $1 and tool = $2 and event = any($3 || $6::text[]) union all select event, $4 from fresh`,
}
type Told = {
  readonly tool: string
  /** By any of these it is known. */
  readonly names: readonly string[]
  /** Names in the form of versions before: looked for, and given to nothing any more. */
  readonly formerly: readonly string[]
  readonly delivery: string
  /** Nothing of it tells when it may be forgotten. */
  readonly keep: boolean
}

/** The delivery that told of this very event before, under any of its names, or null when this is the first. Held from now on. */
export const seenBefore = async (tx: Tx, { tool, names, formerly, delivery, keep }: Told): Promise<string | null> => {
  for (;;) {
    const { rows } = await tx.query<{ event: string; delivery: string }>(see, [
      tx.workspace,
      tool,
      names,
      delivery,
      keep,
      formerly,
    ])
    const other = rows.find((row) => row.delivery !== delivery)
    if (other) return other.delivery
    if (new Set(rows.map((row) => row.event)).size === new Set(names).size) return null
    // Another batch stored one of them a moment ago: visible to the next statement.
  }
}

/** Must it be kept for good? `moment`: as for `tooOld`; `isUndated`: whoever recorded a delivery of this tool could send it again for ever. */
export const isKept = (moment: number | null, isUndated: boolean, now: number): boolean =>
  isUndated && (moment === null || moment > now + skewMillis)

const old = {
  name: 'events old',
  text: 'select tool from vp.seen_events where workspace = $1 and not keep group by tool having min(at) < vp.now_ms() - $2',
}
// First it is said, in the same transaction: whoever tells of one of them now reads either the row or the moment.
const say = {
  name: 'events forget until',
  text: `insert into vp.forgotten_events (workspace, tool, until) values ($1, $2, vp.now_ms() - $3)
    on conflict (workspace, tool) do update set until = greatest(vp.forgotten_events.until, excluded.until)`,
}
const forget = {
  name: 'events forget',
  text: `delete from vp.seen_events where (workspace, tool, event) in
    (select workspace, tool, event from vp.seen_events where workspace = $1 and tool = $2 and not keep and at < vp.now_ms() - $3 order by at limit $4)`,
}

/** Forgets what is old, some at a time. Answers how many. */
export const forgetSeen = async (db: Database, workspace: string): Promise<number> => {
  const { rows: tools } = await inWorkspace(db, workspace, (tx) =>
    tx.query<{ tool: string }>(old, [workspace, rememberedMillis + skewMillis]),
  )
  let forgotten = 0
  for (const { tool } of tools)
    for (let gone = forgottenAtOnce; gone === forgottenAtOnce; forgotten += gone)
      gone = await inWorkspace(db, workspace, async (tx) => {
        await tx.query(say, [workspace, tool, rememberedMillis])
        const { rowCount } = await tx.query(forget, [workspace, tool, rememberedMillis + skewMillis, forgottenAtOnce])
        return rowCount ?? 0
      })
  return forgotten
}

const move = {
  name: 'events move',
  text: `with gone as (delete from vp.seen_events where workspace = $1 and tool = $2 and starts_with(event, $3::text || ' ') and not starts_with(event, $3::text || ' http') returning event, delivery, at, keep)
    insert into vp.seen_events (workspace, tool, event, delivery, at, keep)
      select $1, $2, $3::text || ' ' || $4::text || substr(event, length($3::text) + 1), delivery, at, keep from gone on conflict do nothing`,
}

/** Events of a connection that versions before kept without its server (an address) are that server's from now on: it leads to another one, whose numbers are the same. */
export const keepAt = async (tx: Tx, tool: string, connection: string, server: string): Promise<void> =>
  void (await tx.query(move, [tx.workspace, tool, connection, server]))
