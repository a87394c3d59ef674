/**
 * How do the rows follow the facts, in the same transaction?
 * Only what changed between the state before and the state after is written.
 */
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import {
  approverRows,
  changeRow,
  effectRows,
  gateRow,
  pauseBefore,
  runRow,
  stuckRows,
  watchRow,
  workRows,
} from './reading.ts'
import * as sql from './statements.ts'

export type Moved = { readonly before: RunState | null; readonly after: RunState; readonly hash: string }

/** Sends the rows of all these runs; they are there before the commit. New runs are those without a state before. */
export const project = (tx: Tx, moved: Moved[]): void => {
  writeRuns(tx, moved)
  writeGates(tx, moved)
  writeWork(tx, moved)
  writeChanges(tx, moved)
  writeEffects(tx, moved)
  writeWatches(tx, moved)
  writeStatuses(tx, moved)
  writeTouched(tx, moved)
  writeStuck(tx, moved)
}

const writeRuns = (tx: Tx, moved: Moved[]): void => {
  for (const fresh of [true, false]) {
    const some = moved.filter((one) => (one.before === null) === fresh)
    if (some.length === 0) continue
    const rows = some.map((one) => ({ ...runRow(one.after), hash: one.hash }))
    const [only] = rows
    if (!fresh && rows.length === 1 && only)
      tx.send(sql.updateRun, [tx.workspace, ...sql.changingRunColumns.map((name) => only[name])], 1)
    else
      tx.send(
        fresh ? sql.insertRuns : sql.updateRuns,
        [tx.workspace, ...sql.columns(rows, fresh ? sql.runColumns : sql.changingRunColumns)],
        rows.length,
      )
    for (const row of rows) tx.nudge('run', row.run)
  }
}

const writeGates = (tx: Tx, moved: Moved[]): void => {
  const changed = moved.flatMap(({ before, after }) =>
    Object.values(after.gates)
      .filter((gate) => before?.gates[gate.id] !== gate)
      .map((gate) => ({ after, gate, had: before?.gates[gate.id] })),
  )
  if (changed.length === 0) return
  tx.send(sql.upsertGates, [tx.workspace, ...sql.gateColumnsOf(changed.map(({ after, gate }) => gateRow(after, gate)))])
  // A gate that closed opens again when its deciding vote is withdrawn.
  const approvers = changed.flatMap(({ gate, had }) =>
    had?.state === 'open' && had.approvers === gate.approvers ? [] : approverRows(gate),
  )
  if (approvers.length > 0)
    tx.send(sql.insertApprovers, [
      tx.workspace,
      approvers.map((row) => row.principal),
      approvers.map((row) => row.opened_at),
      approvers.map((row) => row.gate),
    ])
  for (const { gate } of changed) tx.nudge('gate', gate.id)
}

const writeWork = (tx: Tx, moved: Moved[]): void => {
  const now = moved.map((one) => ({
    run: one.after.run,
    before: one.before ? workRows(one.before) : [],
    after: workRows(one.after),
  }))
  const gone = now.flatMap(({ run, before, after }) =>
    before.filter((row) => !after.some((same) => same.key === row.key)).map((row) => ({ run, key: row.key })),
  )
  // An affinity that a fact just set must reach work that was ready before.
  const put = now.flatMap(({ before, after }) =>
    after.filter((row) => !before.some((same) => same.key === row.key && same.runner === row.runner)),
  )
  if (gone.length > 0) tx.send(sql.deleteWork, [tx.workspace, gone.map((row) => row.run), gone.map((row) => row.key)])
  if (put.length === 0) return
  tx.send(sql.upsertWork, [tx.workspace, JSON.stringify(put)])
  for (const pool of new Set(put.map((row) => row.pool))) tx.nudge('work', pool)
}

const writeChanges = (tx: Tx, moved: Moved[]): void => {
  for (const { before, after } of moved) {
    if (after.change === (before?.change ?? null)) continue
    const row = changeRow(after)
    if (row)
      tx.send(sql.upsertChange, [
        tx.workspace,
        row.change,
        row.run,
        row.repo,
        row.ref,
        row.into_ref,
        row.title,
        row.state,
        row.digest,
        after.lastAt,
      ])
  }
}

/** News of what is watched makes the next look due at once: most comes in threes. */
const writeWatches = (tx: Tx, moved: Moved[]): void => {
  for (const { before, after } of moved) {
    if (after.pull === (before?.pull ?? null) && after.intents === before?.intents) continue
    const [had, row] = [before ? watchRow(before) : null, watchRow(after)]
    if (JSON.stringify(had) === JSON.stringify(row)) continue
    if (row) tx.send(sql.upsertWatch, [tx.workspace, row.run, row.tool, row.ref, row.home, row.head, row.state], 1)
    else tx.send(sql.deleteWatch, [tx.workspace, after.run])
  }
}

/** What stands open brought a run back after its end, or was merged or closed: the message that says how it goes is due again. */
const writeStatuses = (tx: Tx, moved: Moved[]): void => {
  const again = moved.flatMap(({ before, after }) =>
    before?.finished && (after.finished === null || after.pull !== before.pull || after.change !== before.change)
      ? [after.run]
      : [],
  )
  if (again.length > 0) tx.send(sql.againStatuses, [tx.workspace, again])
}

/** What effects of runs touched outside, so that an event about it is known to follow from a run. */
const writeTouched = (tx: Tx, moved: Moved[]): void => {
  for (const { before, after } of moved) {
    if (after.intents === before?.intents) continue
    for (const intent of Object.values(after.intents)) {
      if (intent.state !== 'succeeded' || before?.intents[intent.id] === intent) continue
      const { ref, commit } = intent.receipt?.observed ?? {}
      // A commit that was pushed or merged has one name at every forge, and a build says it.
      const isGit = intent.at === 'runner' && intent.action.startsWith('git.')
      const touched = isGit ? commit : ref
      if (typeof touched === 'string')
        tx.send(sql.touch, [tx.workspace, intent.action.split('.')[0], touched, after.run], 1)
    }
  }
}

const writeEffects = (tx: Tx, moved: Moved[]): void => {
  const rows = moved.flatMap(({ before, after }) => {
    const had = before ? effectRows(before) : []
    return effectRows(after)
      .filter((row) => !had.some((same) => same.key === row.key))
      .map((row) => ({ ...row, pauseMillis: pauseBefore(after, row) }))
  })
  const now = rows.filter((row) => row.pauseMillis === 0)
  const later = rows.filter((row) => row.pauseMillis > 0)
  if (now.length > 0) tx.send(sql.enqueueEffects, [tx.workspace, now.map((row) => row.key), now.map((row) => row.run)])
  if (later.length > 0)
    tx.send(sql.laterEffects, [
      tx.workspace,
      later.map((row) => row.key),
      later.map((row) => row.run),
      later.map((row) => row.pauseMillis),
    ])
}

const writeStuck = (tx: Tx, moved: Moved[]): void => {
  for (const { before, after } of moved) {
    if (
      before &&
      before.intents === after.intents &&
      before.gates === after.gates &&
      before.finished === after.finished
    )
      continue
    const had = before ? stuckRows(before) : []
    const now = stuckRows(after)
    const gone = had.filter((row) => !now.some((same) => same.intent === row.intent))
    const put = now.filter((row) => !had.some((same) => same.intent === row.intent && same.shown === row.shown))
    if (gone.length > 0) tx.send(sql.deleteStuck, [tx.workspace, gone.map((row) => row.intent)])
    if (put.length > 0)
      tx.send(sql.upsertStuck, [
        tx.workspace,
        put.map((row) => row.intent),
        put.map((row) => row.run),
        put.map((row) => row.since),
        put.map((row) => row.shown),
      ])
  }
}
