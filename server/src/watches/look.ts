/**
 * What became of the pull requests that runs opened?
 * Each is looked at regularly, and at once when a webhook names it. A look shows the whole; what of it is new is decided by the run. So both ways at
 * once, twice or out of order say nothing twice.
 */
import type { PullSeen } from '@viewportai/core/run/pull-seen'
import type { RunState } from '@viewportai/core/run/state'
import { connectionFor } from '../broker/connection-for.ts'
import type { Database } from '../database/open.ts'
import { plain } from '../database/plain.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { accountsIn, peopleBy } from '../deliveries/entries.ts'
import { deciderOf } from '../gates/decider.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import { tellRunners } from '../runs/stop.ts'
import type { Stuck } from '../stuck.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { withoutSecrets } from '../tools/without-secrets.ts'
import { readWorld } from '../workflows/world.ts'

type LookOptions = { readonly db: Database; readonly key: Uint8Array; readonly outside: Outside }
type Due = { workspace: string; run: string }

/** How long one look may take in all (ms). */
const patienceMillis = 30_000
const longestPause = 3_600_000
const minute = 60_000

/** Looks wherever the time has come. Answers how many were looked at. */
export const sweepWatches = (options: LookOptions, stuck: Stuck, limit = 20): Promise<number> =>
  stuck.each<Due>('watch', {
    limit,
    find: async (most) =>
      (await options.db.app.query<Due>('select workspace, run from vp.watches_due($1)', [most])).rows,
    name: ({ run }) => run,
    one: ({ workspace, run }) => look(options, workspace, run),
  })

const claim = {
  name: 'watch claim',
  text: `update vp.watches set held_until = vp.now_ms() + $3 where workspace = $1 and run = $2 and next_at <= vp.now_ms() and held_until <= vp.now_ms() returning state, failures, moved_at, vp.now_ms() as now`,
}
type Claimed = { state: string; failures: number; moved_at: number; now: number }

/** One look. Another replica that looks at the same moment is left to do it. */
const look = async ({ db, key, outside }: LookOptions, workspace: string, run: string): Promise<void> => {
  const held = await inWorkspace(db, workspace, async (tx) => {
    const claimed = (await tx.query<Claimed>(claim, [workspace, run, patienceMillis + 10_000])).rows[0]
    const state = claimed && (await loadRun(tx, run))
    if (!claimed || !state?.pull) return null
    return { claimed, state, by: await openedBy(tx, key, state) }
  })
  if (!held) return
  const { claimed, state, by } = held
  if ('problem' in by) return putOff(db, workspace, run, claimed, by.problem)
  const { ref, url } = state.pull!
  try {
    const { seen, problem, againMillis } = await by.tool.sight!(
      { ref, url },
      by.connection,
      bounded(outside, patienceMillis),
    )
    await repeatedly(() => inWorkspace(db, workspace, (tx) => hear(tx, run, by, seen)))
    if (isPast(state, claimed)) await inWorkspace(db, workspace, (tx) => tx.query(forget, [workspace, run]))
    else
      await inWorkspace(db, workspace, (tx) =>
        tx.query(seenIt, [workspace, run, againMillis ?? pauseOf(state, claimed), problem, claimed.now]),
      )
  } catch (error) {
    const words = withoutSecrets(plain((error as Error).message), by.connection.secrets).slice(0, 500)
    await putOff(db, workspace, run, claimed, words)
  }
}

type By = { readonly tool: Tool; readonly name: string; readonly connection: Connection }

/** The connection that opened it, and no other: its name means another thing elsewhere. */
const openedBy = async (tx: Tx, key: Uint8Array, state: RunState): Promise<By | { problem: string }> => {
  const pull = state.pull!
  const tool = toolNamed(pull.tool)
  if (!tool?.sight) return { problem: `This version of Viewport does not look at what stands open at ${pull.tool}.` }
  const intent = Object.values(state.intents).find((one) => one.receipt?.observed['ref'] === pull.ref)
  if (!intent) return { problem: `No receipt names ${pull.ref}.` }
  // A new token is no other server; that it is the same one the address of the pull request says.
  const chosen = await connectionFor(tx, key, pull.tool, state, { ...intent, retry: true })
  return 'summary' in chosen
    ? { problem: `${chosen.summary} ${chosen.check}` }
    : { tool, name: pull.tool, connection: chosen.connection }
}

// A webhook that came while it was looked may tell of something newer: then it is looked once more at once.
const seenIt = `update vp.watches set held_until = 0, failures = 0, problem = $4, seen_at = vp.now_ms(), next_at = case when next_at > $5 then next_at else vp.now_ms() + $3 end where workspace = $1 and run = $2`
const failed = `update vp.watches set held_until = 0, failures = failures + 1, problem = $4, next_at = vp.now_ms() + $3 where workspace = $1 and run = $2`

const putOff = async (
  db: Database,
  workspace: string,
  run: string,
  { failures }: Claimed,
  problem: string,
): Promise<void> => {
  const pause = Math.min(longestPause, 15_000 * 2 ** Math.min(failures, 8))
  await inWorkspace(db, workspace, (tx) => tx.query(failed, [workspace, run, pause, problem]))
}

/** What is waited for is looked at often, what lies for days rarely: a tool's limit is for all of them. */
const pauseOf = ({ pull, finished }: RunState, { moved_at: moved, now }: Claimed): number => {
  const still = now - moved
  if (pull!.state === 'merged') return 6 * 60 * minute
  if (finished === null || still < 60 * minute) return minute
  return still < 24 * 60 * minute ? 5 * minute : 30 * minute
}

/** What was merged or closed so long ago is not looked at any more. */
const pastAfter = 30 * 24 * 60 * minute
const isPast = ({ pull }: RunState, { moved_at: moved, now }: Claimed): boolean =>
  pull!.state !== 'open' && now - moved > pastAfter
const forget = 'delete from vp.watches where workspace = $1 and run = $2'

/** Whose accounts these are is decided now, by ids; persons who have left are nobody. */
const hear = async (tx: Tx, run: string, { tool, name, connection }: By, raw: PullSeen): Promise<void> => {
  const [world, accounts] = await Promise.all([readWorld(tx), accountsIn(tx)])
  const byAccount = peopleBy(accounts, world.people)
  const at = tool.accountsAt?.(connection) ?? null
  const known = (who: PullSeen['reviews'][number]['who']): typeof who => {
    const account = `${name}:${at === null ? '' : `${at}/`}${who.account}`.slice(0, 200)
    const person = byAccount(account)?.person ?? null
    const handle = world.people.find((one) => one.id === person)?.handle
    return { account, name: handle === undefined ? who.name : `@${handle}`, person }
  }
  const seen: PullSeen = {
    ...raw,
    by: raw.by && known(raw.by),
    reviews: raw.reviews.map((one) => ({ ...one, who: known(one.who) })),
  }
  const people = new Map(
    seen.reviews.flatMap(({ who }) => (who.person === null ? [] : [[who.person, who.name] as const])),
  )
  const deciders = []
  for (const [person, personName] of people) deciders.push(await deciderOf(tx, { person, name: personName }, run, true))
  const [acted] = await actIn(tx, [{ run, command: { do: 'hear', seen, deciders } }])
  // Whoever works on what was merged or closed meanwhile need not go on.
  if (acted!.state?.finished && acted!.facts.some(({ type }) => type === 'run.finished'))
    await tellRunners(tx, run, acted!.state.finished.why)
}

/** News of these things came: whoever watches one of them looks at once. */
export const lookNow = async (tx: Tx, tool: string, names: readonly string[]): Promise<void> => {
  if (names.length === 0) return
  await tx.query(nudge, [tx.workspace, tool, names])
}

/** Is anything of this workspace watched? */
export const watchesAny = async (tx: Tx): Promise<boolean> =>
  (await tx.query({ name: 'watches any', text: 'select from vp.watches where workspace = $1 limit 1' }, [tx.workspace]))
    .rowCount === 1
const nudge = {
  name: 'watches nudge',
  text: `update vp.watches set next_at = vp.now_ms() where workspace = $1 and tool = $2 and (ref = any($3) or home || '@' || head = any($3) or (state = 'merged' and home || '@' = any($3)))`,
}
