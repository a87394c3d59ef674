/**
 * What follows when the message of a run was written or changed, or was not?
 * Its row says what stands there now, or when it is tried again. What does not change by trying again ends it, in words.
 */
import type { Went } from '@viewportai/core/tools/port'
import type { Tx } from '../database/tenant.ts'
import { actIn } from '../ledger/act.ts'

const triesAtMost = 8
const longestPause = 600_000
/** So often what is no clear no is waited out: a limit, a tool that breaks or is not there. With the pauses between that is about a day. */
const waitsAtMost = 150
/** What changes neither by trying again nor by another token: somebody deleted the message, or the place is not one to write to. */
const lasting = new Set(['no_such_target', 'not_found_there', 'outside_workflow', 'no_thread'])

/** What was to be shown. `seq`: up to which fact it tells; `over`: the run had ended by then; `pause`: so long (ms) it is left as it is. */
export type Showing = {
  readonly seq: number
  readonly shows: string
  readonly message: string | null
  readonly failures: number
  /** How often it was tried since it was shown last. */
  readonly waits: number
  readonly over: boolean
  readonly pause: number
}

/** Keeps how it went, in the transaction of whoever knows it. `asked` false: nobody could be asked yet, which is no try. */
export const ended = async (tx: Tx, run: string, showing: Showing, went: Went, asked = true): Promise<void> => {
  const { seq, shows, failures, waits, pause } = showing
  if (went.is === 'done') {
    const message = String(went.receipt.observed['message'] ?? showing.message).slice(0, 500)
    return shown(tx, run, { seq, text: shows, message, pause, over: showing.over })
  }
  const isLasting = went.is === 'failed' && lasting.has(went.code)
  const gone = isOver(went, failures, asked ? waits : 0)
  const why = went.is === 'failed' ? went.summary : went.why
  if (!gone) {
    await tx.query(
      'update vp.run_statuses set held_until = 0, failures = failures + $4, waits = waits + $6, problem = $5, next_at = vp.now_ms() + $3 where workspace = $1 and run = $2',
      [
        tx.workspace,
        run,
        pauseAfter(went, failures, waits),
        went.is === 'later' ? 0 : 1,
        why.slice(0, 500),
        asked ? 1 : 0,
      ],
    )
    return
  }
  await giveUp(tx, run, why, !isLasting)
}

/** Is it tried no more, after so many `failures` and `waits`? */
export const isOver = (went: Exclude<Went, { is: 'done' }>, failures: number, waits: number): boolean =>
  (went.is === 'failed' && (lasting.has(went.code) || failures + 1 >= triesAtMost)) || waits + 1 >= waitsAtMost

/** So long (ms) until it is tried again. */
export const pauseAfter = (went: Exclude<Went, { is: 'done' }>, failures: number, waits: number): number =>
  Math.max(
    1_000,
    went.is === 'later'
      ? Math.max(went.afterMillis, Math.min(longestPause, 1_000 * 2 ** Math.min(waits, 10)))
      : Math.min(longestPause, 5_000 * 2 ** Math.min(failures, 7)),
  )

/** It is given up, and the run says so once, also after its end: whoever waits for word of it where it came from gets none. `mendable` as for `over`. */
export const giveUp = async (tx: Tx, run: string, why: string, mendable: boolean): Promise<void> => {
  await over(tx, run, why, mendable)
  await actIn(tx, [
    {
      run,
      command: {
        do: 'recordRefusal',
        by: { kind: 'system' },
        code: 'status_not_kept',
        words: `How it goes is not told any more where the work came from: ${why}`.slice(0, 500).toWellFormed(),
        step: null,
        about: {},
      },
    },
  ])
}

/** It stands there as it should. */
export const shown = async (
  tx: Tx,
  run: string,
  now: { seq: number; text: string; message: string | null; pause: number; over: boolean },
): Promise<void> => {
  // Whoever brings the run back holds its row: either that is seen here, or what is ended here is opened again by it.
  const isLast = now.over && (await tx.query<{ seq: number }>(locked, [tx.workspace, run])).rows[0]?.seq === now.seq
  await tx.query(
    `update vp.run_statuses set held_until = 0, failures = 0, waits = 0, problem = null, shown_seq = $3, shown = $4, message = $5, next_at = vp.now_ms() + $6, done_at = case when $7 then vp.now_ms() end where workspace = $1 and run = $2`,
    [tx.workspace, run, now.seq, now.text, now.message, now.pause, isLast],
  )
}
const locked = 'select seq from vp.runs where workspace = $1 and run = $2 for share'

/** It is given up. `mendable`: a change of the connection may mend it, so hope-again.ts finds it by its failures. */
export const over = async (tx: Tx, run: string, why: string, mendable = false): Promise<void> =>
  void (await tx.query(
    'update vp.run_statuses set held_until = 0, done_at = vp.now_ms(), problem = $3, failures = $4 where workspace = $1 and run = $2',
    [tx.workspace, run, why.slice(0, 500), mendable ? triesAtMost : 0],
  ))
