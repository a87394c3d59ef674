/**
 * How does whoever asked for work see how it goes, where they asked for it?
 * One message per run, which is changed as the run goes on. It is no effect that people approve and no fact: it says what the run says. A row
 * remembers what is shown; what a row lacks is caught up with, so the last state is always reached, whatever was lost on the way.
 */
import { runStatus } from '@viewportai/core/view/run-status'
import type { FastifyBaseLogger } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { loadRun } from '../ledger/read.ts'
import { readNames } from '../people/read.ts'
import type { Stuck } from '../stuck.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { keptOnce } from '@viewportai/core/tools/kept-once'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Effect, StatusKeeper, Went } from '@viewportai/core/tools/port'
import type { Connection } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { connectionOrHeld } from '../broker/connection-for.ts'
import { overdue } from '../errands/give.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { toldOf } from '@viewportai/core/run/told'
import { askOf } from './ask.ts'
import { ended, giveUp, over, shown } from './ended.ts'
import { sendToKeep } from './kept-by-runner.ts'
import { statusText } from './text.ts'
import { waitingEnded, waitingReady, type Waiting } from './waiting.ts'
import { workOff } from '../work-off.ts'

export type StatusOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  /** What a runner is sent with, where it holds the credential. */
  readonly signing: SigningKeys
  readonly address: () => string
  readonly log: FastifyBaseLogger
}

type Due = { readonly workspace: string; readonly run: string; readonly tool: string }
type Row = {
  readonly tool: string
  readonly target: string
  readonly begun: boolean
  readonly message: string | null
  readonly shown: string | null
  readonly failures: number
  readonly waits: number
  /** Before there is a run: what is so, and of which event. */
  readonly waiting: Waiting | null
  readonly delivery: string | null
}

/** How long one row is held by whoever works on it (ms): longer than `patienceMillis`, so that nobody else works on it meanwhile. */
const holdMillis = 60_000
const patienceMillis = 30_000

/** Catches up wherever what is shown is not what is so. Workspaces do not wait for each other. */
export const sweepStatuses = (options: StatusOptions, stuck: Stuck, each = 60): Promise<number> =>
  workOff<Due>(stuck, 'run status', {
    each,
    find: async (most, but) =>
      (await options.db.app.query<Due>('select workspace, run, tool from vp.run_statuses_due($1, $2)', [most, but]))
        .rows,
    name: ({ run }) => run,
    lane: ({ tool }) => tool,
    one: (due) => catchUp(options, due),
  })

const hold = {
  name: 'run status hold',
  text: `update vp.run_statuses set held_until = vp.now_ms() + $3 where workspace = $1 and run = $2 and done_at is null and held_until <= vp.now_ms()
    returning tool, target, begun_at is not null as begun, message, shown, failures, waits, waiting, delivery`,
}

type Ready = {
  readonly row: Row
  readonly keeper: StatusKeeper
  readonly effect: Effect
  readonly connection: Connection
  /** Keeps how it went. */
  readonly keep: (tx: Tx, went: Went) => Promise<void>
}

const begun = 'update vp.run_statuses set begun_at = coalesce(begun_at, vp.now_ms()) where workspace = $1 and run = $2'

const catchUp = async (options: StatusOptions, due: Due): Promise<void> => {
  const ready = await inWorkspace(options.db, due.workspace, (tx) => prepared(tx, options, due.run))
  if (ready === null) return
  const { row, keeper, effect, connection, keep } = ready
  const outside = bounded(options.outside, patienceMillis)
  let went: Went
  try {
    went = await keptOnce(keeper, effect, row, connection, outside)
  } catch (error) {
    options.log.error({ err: error, run: due.run }, 'A status broke off; it is looked for.')
    went = { is: 'unsure', why: 'the program broke off; the log of the server says why' }
  }
  await inWorkspace(options.db, due.workspace, (tx) => keep(tx, went))
}

/** Holds the row and reads what is to be shown; null: somebody else has it, a runner was sent, or there is nothing to do. What is begun is on the disk before anything is sent. */
const prepared = async (tx: Tx, { key, address, signing }: StatusOptions, run: string): Promise<Ready | null> => {
  const row = (await tx.query<Row>(hold, [tx.workspace, run, holdMillis])).rows[0]
  if (!row) return null
  const state = await loadRun(tx, run)
  const keeper = toolNamed(row.tool)?.status
  if (!state && keeper && row.waiting !== null && row.delivery !== null) {
    const { waiting, delivery, target } = row
    const of = { run, intent: statusMark(run), target, delivery, waiting }
    const waits = await waitingReady(tx, key, of, keeper, address())
    if (waits === null) return null
    await tx.query(begun, [tx.workspace, run])
    const kept = { ...row, run, waiting, pause: keeper.pauseMillis }
    return { row, keeper, ...waits, keep: (tx, went) => waitingEnded(tx, kept, went) }
  }
  if (!state || !keeper) {
    await over(tx, run, 'This version of Viewport keeps no status there.')
    return null
  }
  const status = runStatus(state)
  const base = state.spec.address ?? address()
  const text = statusText(status, keeper.marks, await readNames(tx), base)
  const chosen = await connectionOrHeld(tx, key, row.tool, state, {
    action: 'The status',
    target: row.target,
    params: {},
    gate: null,
    retry: true,
  })
  const nonce = randomBytes(16).toString('hex')
  // What a runner writes decides nothing: it could show another thing above the buttons.
  const ask = keeper.asks && 'connection' in chosen ? askOf(state, nonce) : null
  const shows = ask === null ? text : `${text}\n${('show' in ask ? ask.show : ask.approve).replace(nonce, '')}`
  if (shows === row.shown) {
    await shown(tx, run, { seq: state.seq, text: shows, message: row.message, pause: 0, over: status.over })
    return null
  }
  if ('summary' in chosen) {
    await giveUp(tx, run, chosen.summary, true)
    return null
  }
  const showing = {
    seq: state.seq,
    shows,
    message: row.message,
    failures: row.failures,
    waits: row.waits,
    over: state.finished !== null,
    pause: keeper.pauseMillis,
  }
  const silent = await overdue(tx, run, 'status')
  if (silent !== null && 'row' in chosen) {
    await ended(tx, run, showing, { is: 'unsure', why: `The runner ${silent} did not say in time how it went.` })
    return null
  }
  await tx.query(
    'update vp.run_statuses set begun_at = coalesce(begun_at, vp.now_ms()), nonce = $3 where workspace = $1 and run = $2',
    [tx.workspace, run, ask === null ? null : nonce],
  )
  const effect = {
    intent: statusMark(run),
    run,
    target: row.target,
    params: { text, ...(ask === null ? {} : { ask }) },
    change: null,
    commit: null,
    repos: state.spec.pins.repos.map(({ name, url }) => ({ name, url })),
    told: toldOf(state),
    page: `${base}/runs/${state.number}`,
    home: chosen.home,
  }
  if ('connection' in chosen)
    return {
      row,
      keeper,
      effect,
      connection: chosen.connection,
      keep: (tx, went) => ended(tx, run, showing, went),
    }
  await sendToKeep(tx, signing, { row: chosen.row, state, effect, text, showing, begun: row.begun })
  return null
}

/** By which mark a run's status is found: as an intent, which begin at one. */
export const statusMark = (run: string): string => `int_${run.slice('run_'.length)}-0`
