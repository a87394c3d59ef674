/**
 * What became of the pull requests that runs opened?
 * Each is looked at regularly, and at once when a webhook names it. A look shows the whole; what of it is new is decided by the run. So both ways at
 * once, twice or out of order say nothing twice.
 */
import type { RunState } from '@viewportai/core/run/state'
import { bounded } from '@viewportai/core/tools/bounded'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Database } from '../database/open.ts'
import { plain } from '../database/plain.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { errandMillis, giveErrand, overdue } from '../errands/give.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import type { Stuck } from '../stuck.ts'
import { workOff } from '../work-off.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import { placeAt } from '../tools/held-by.ts'
import { settingsThere } from '../tools/places.ts'
import { withoutSecrets } from '../tools/without-secrets.ts'
import { readLeaves } from '../workspace/choices.ts'
import { hear, looked, putOff, type Watch } from './hear.ts'
import { openedBy } from './opened-by.ts'

type LookOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  /** What a runner is sent with, where it holds the credential. */
  readonly signing: SigningKeys
}
type Due = { workspace: string; run: string; tool: string }

/** How long one look may take in all (ms). */
const patienceMillis = 30_000

/** Looks wherever the time has come. Answers how many were looked at. */
export const sweepWatches = (options: LookOptions, stuck: Stuck, each = 20): Promise<number> =>
  workOff<Due>(stuck, 'watch', {
    each,
    find: async (most, but) =>
      (await options.db.app.query<Due>('select workspace, run, tool from vp.watches_due($1, $2)', [most, but])).rows,
    name: ({ run }) => run,
    lane: ({ tool }) => tool,
    one: ({ workspace, run }) => look(options, workspace, run),
  })

const claim = {
  name: 'watch claim',
  text: `update vp.watches set held_until = vp.now_ms() + $3 where workspace = $1 and run = $2 and next_at <= vp.now_ms() and held_until <= vp.now_ms() returning state, failures, moved_at, vp.now_ms() as now`,
}

/** One look, or a runner is sent to look. Another replica that looks at the same moment is left to do it. */
const look = async ({ db, key, outside, signing }: LookOptions, workspace: string, run: string): Promise<void> => {
  const held = await inWorkspace(db, workspace, async (tx) => {
    const claimed = (await tx.query<Watch>(claim, [workspace, run, Math.max(patienceMillis + 10_000, errandMillis)]))
      .rows[0]
    const state = claimed && (await loadRun(tx, run))
    if (!claimed || !state?.pull) return null
    const by = await openedBy(tx, key, state)
    const problem = 'problem' in by ? by.problem : 'row' in by ? await sendToLook(tx, signing, state, by.row) : null
    if (problem !== null) return void (await putOff(tx, run, claimed, problem))
    return 'connection' in by ? { claimed, state, by } : null
  })
  if (!held) return
  const { claimed, state, by } = held
  const { ref, url } = state.pull!
  try {
    const {
      seen,
      problem,
      againMillis = null,
    } = await by.tool.sight!({ ref, url }, by.connection, bounded(outside, patienceMillis))
    await repeatedly(() => inWorkspace(db, workspace, (tx) => hear(tx, run, by, seen, null)))
    await inWorkspace(db, workspace, (tx) => looked(tx, run, { state, watch: claimed, problem, againMillis }))
  } catch (error) {
    const words = withoutSecrets(plain((error as Error).message), by.connection.secrets)
    await inWorkspace(db, workspace, (tx) => putOff(tx, run, claimed, words))
  }
}

/** A runner that holds the credential is sent; or why nobody is, a sentence. One that did not answer the last time is told of. */
const sendToLook = async (
  tx: Tx,
  signing: SigningKeys,
  state: RunState,
  row: ConnectionRow,
): Promise<string | null> => {
  const silent = await overdue(tx, state.run, 'sight')
  if (silent !== null)
    return `The runner ${silent} was sent to look and did not say in time what it saw; one is sent again.`
  if ((await readLeaves(tx)) !== 'excerpt')
    return 'Short texts stay on runners in this workspace, and what people said of a pull request are such: so no runner is sent to look.'
  const { ref, url } = state.pull!
  const given = await giveErrand(tx, signing, {
    row,
    state,
    asks: {
      what: 'sight',
      run: state.run,
      tool: row.tool,
      connection: { id: row.connection, name: row.name, at: placeAt(row), settings: settingsThere(row) },
      repos: state.spec.pins.repos.map(({ name, url: from }) => ({ name, url: from })),
      ref,
      url,
    },
  })
  return 'problem' in given ? given.problem : null
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
