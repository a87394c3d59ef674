/**
 * How does whoever asked for work see how it goes, where they asked for it?
 * One message per run, which is changed as the run goes on. It is no effect that people approve and no fact: it says what the run says. A row
 * remembers what is shown; what a row lacks is caught up with, so the last state is always reached, whatever was lost on the way.
 */
import { runStatus } from '@viewportai/core/view/run-status'
import type { RunState } from '@viewportai/core/run/state'
import type { FastifyBaseLogger } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { isAway } from '../database/away.ts'
import { loadRun } from '../ledger/read.ts'
import { act } from '../ledger/act.ts'
import { readNames } from '../people/read.ts'
import type { Stuck } from '../stuck.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Effect, StatusKeeper, Went } from '@viewportai/core/tools/port'
import type { Connection } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { connectionFor } from '../broker/connection-for.ts'
import { toldOf } from '@viewportai/core/run/told'
import { askOf } from './ask.ts'
import { statusText } from './text.ts'

export type StatusOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  readonly address: () => string
  readonly log: FastifyBaseLogger
}

type Due = { readonly workspace: string; readonly run: string }
type Row = {
  readonly tool: string
  readonly target: string
  readonly begun: boolean
  readonly message: string | null
  readonly shown: string | null
  readonly failures: number
}

/** How long one row is held by whoever works on it (ms): longer than `patienceMillis`, so that nobody else works on it meanwhile. */
const holdMillis = 60_000
const patienceMillis = 30_000
const atOnce = 6
const triesAtMost = 8
const longestPause = 600_000
/** What changes neither by trying again nor by another token: somebody deleted the message, or the place is not one to write to. */
const lasting = new Set(['no_such_target', 'not_found_there', 'outside_workflow', 'no_thread'])

/** Catches up wherever what is shown is not what is so. Workspaces do not wait for each other. */
export const sweepStatuses = async (options: StatusOptions, stuck: Stuck, limit = 60): Promise<void> => {
  const { rows } = await options.db.app.query<Due>('select workspace, run from vp.run_statuses_due($1)', [limit])
  const workspaces = new Map<string, Due[]>()
  for (const row of rows)
    if (stuck.may('run status', `${row.workspace} ${row.run}`))
      workspaces.set(row.workspace, [...(workspaces.get(row.workspace) ?? []), row])
  const left = [...workspaces.values()]
  const one = async (due: Due): Promise<void> => {
    const name = `${due.workspace} ${due.run}`
    try {
      await catchUp(options, due)
      stuck.fine('run status', name)
    } catch (error) {
      stuck.failed('run status', name, error)
      if (isAway(error)) throw error
    }
  }
  await Promise.all(
    Array.from({ length: Math.min(atOnce, left.length) }, async () => {
      for (let some = left.shift(); some; some = left.shift()) for (const due of some) await one(due)
    }),
  )
}

const hold = {
  name: 'run status hold',
  text: `update vp.run_statuses set held_until = vp.now_ms() + $3 where workspace = $1 and run = $2 and done_at is null and held_until <= vp.now_ms()
    returning tool, target, begun_at is not null as begun, message, shown, failures`,
}

type Ready = {
  readonly row: Row
  readonly state: RunState
  readonly keeper: StatusKeeper
  /** What will stand there, to be compared with what does. */
  readonly shows: string
  readonly effect: Effect
  readonly connection: Connection
}

const catchUp = async (options: StatusOptions, due: Due): Promise<void> => {
  const ready = await inWorkspace(options.db, due.workspace, (tx) => prepared(tx, options, due.run))
  if (ready === null) return
  const { row, state, keeper, effect, connection, shows } = ready
  const outside = bounded(options.outside, patienceMillis)
  let went: Went
  try {
    if (row.message !== null) went = await keeper.rewrite(effect, row.message, connection, outside)
    else {
      // Begun before, and nobody knows how it ended: it is looked for, or there would be two.
      const found = row.begun ? await keeper.look(effect, connection, outside) : null
      went =
        found?.is === 'unsure'
          ? { is: 'unsure', why: found.why }
          : found?.is === 'there'
            ? await keeper.rewrite(effect, String(found.receipt.observed['message']), connection, outside)
            : await keeper.write(effect, connection, outside)
    }
  } catch (error) {
    options.log.error({ err: error, run: due.run }, 'A status broke off; it is looked for.')
    went = { is: 'unsure', why: 'the program broke off; the log of the server says why' }
  }
  await ended(options, due, { row, state, keeper, shows }, went)
}

/** Holds the row and reads what is to be shown; null: somebody else has it, or there is nothing to do. What is begun is on the disk before anything is sent. */
const prepared = async (tx: Tx, { key, address }: StatusOptions, run: string): Promise<Ready | null> => {
  const row = (await tx.query<Row>(hold, [tx.workspace, run, holdMillis])).rows[0]
  if (!row) return null
  const state = await loadRun(tx, run)
  const keeper = toolNamed(row.tool)?.status
  if (!state || !keeper) {
    await over(tx, run, 'This version of Viewport keeps no status there.')
    return null
  }
  const status = runStatus(state)
  const base = state.spec.address ?? address()
  const text = statusText(status, keeper.marks, await readNames(tx), base)
  const nonce = randomBytes(16).toString('hex')
  const ask = keeper.asks ? askOf(state, nonce) : null
  const shows = ask === null ? text : `${text}\n${ask.approve.replace(nonce, '')}`
  if (shows === row.shown) {
    await shown(tx, run, { seq: state.seq, text: shows, message: row.message, pause: 0, over: status.over })
    return null
  }
  const chosen = await connectionFor(tx, key, row.tool, state, {
    action: 'The status',
    target: row.target,
    gate: null,
    retry: true,
  })
  if ('summary' in chosen) {
    await over(tx, run, chosen.summary, true)
    return null
  }
  await tx.query(
    'update vp.run_statuses set begun_at = coalesce(begun_at, vp.now_ms()), nonce = $3 where workspace = $1 and run = $2',
    [tx.workspace, run, ask === null ? null : nonce],
  )
  return {
    row,
    state,
    keeper,
    shows,
    connection: chosen.connection,
    effect: {
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
    },
  }
}

/** By which mark a run's status is found: as an intent, which begin at one. */
export const statusMark = (run: string): string => `int_${run.slice('run_'.length)}-0`

const ended = async (
  { db }: StatusOptions,
  { workspace, run }: Due,
  { row, state, keeper, shows }: Pick<Ready, 'row' | 'state' | 'keeper' | 'shows'>,
  went: Went,
): Promise<void> => {
  if (went.is === 'done') {
    const message = String(went.receipt.observed['message'] ?? row.message)
    await inWorkspace(db, workspace, (tx) =>
      shown(tx, run, {
        seq: state.seq,
        text: shows,
        message,
        pause: keeper.pauseMillis,
        over: state.finished !== null,
      }),
    )
    return
  }
  const isLasting = went.is === 'failed' && lasting.has(went.code)
  const gone = went.is === 'failed' && (isLasting || row.failures + 1 >= triesAtMost)
  const why = went.is === 'failed' ? went.summary : went.why
  const pause = went.is === 'later' ? went.afterMillis : Math.min(longestPause, 5_000 * 2 ** Math.min(row.failures, 7))
  await inWorkspace(db, workspace, (tx) =>
    gone
      ? over(tx, run, why, !isLasting)
      : tx.query(
          'update vp.run_statuses set held_until = 0, failures = failures + $4, problem = $5, next_at = vp.now_ms() + $3 where workspace = $1 and run = $2',
          [tx.workspace, run, Math.max(1_000, pause), went.is === 'later' ? 0 : 1, why.slice(0, 500)],
        ),
  )
  if (gone && !state.finished)
    await act(db, {
      workspace,
      run,
      command: {
        do: 'recordRefusal',
        by: { kind: 'system' },
        code: 'status_not_kept',
        words: `How it goes is not told any more where the work came from: ${why}`.slice(0, 500),
        step: null,
        about: {},
      },
    })
}

const shown = async (
  tx: Tx,
  run: string,
  now: { seq: number; text: string; message: string | null; pause: number; over: boolean },
): Promise<void> => {
  // Whoever brings the run back holds its row: either that is seen here, or what is ended here is opened again by it.
  const isLast = now.over && (await tx.query<{ seq: number }>(locked, [tx.workspace, run])).rows[0]?.seq === now.seq
  await tx.query(
    `update vp.run_statuses set held_until = 0, failures = 0, problem = null, shown_seq = $3, shown = $4, message = $5, next_at = vp.now_ms() + $6, done_at = case when $7 then vp.now_ms() end where workspace = $1 and run = $2`,
    [tx.workspace, run, now.seq, now.text, now.message, now.pause, isLast],
  )
}
const locked = 'select seq from vp.runs where workspace = $1 and run = $2 for share'

/** It is given up. `mendable`: a change of the connection may mend it, so hope-again.ts finds it by its failures. */
const over = (tx: Tx, run: string, why: string, mendable = false) =>
  tx.query(
    'update vp.run_statuses set held_until = 0, done_at = vp.now_ms(), problem = $3, failures = $4 where workspace = $1 and run = $2',
    [tx.workspace, run, why.slice(0, 500), mendable ? triesAtMost : 0],
  )
