/**
 * How do the rows follow the facts, in the same transaction?
 * Only what changed between the state before and the state after is written.
 */
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { approverRows, changeRow, effectRows, gateRow, runRow, workRows } from './reading.ts'
import * as sql from './statements.ts'

export type Moved = { readonly before: RunState | null; readonly after: RunState; readonly hash: string }

/** Writes the rows of all these runs. New runs are those without a state before. */
export const project = async (tx: Tx, moved: Moved[]): Promise<void> => {
  await writeRuns(tx, moved)
  await writeGates(tx, moved)
  await writeWork(tx, moved)
  await writeChanges(tx, moved)
  await writeEffects(tx, moved)
}

const writeRuns = async (tx: Tx, moved: Moved[]): Promise<void> => {
  for (const fresh of [true, false]) {
    const some = moved.filter((one) => (one.before === null) === fresh)
    if (some.length === 0) continue
    const rows = some.map((one) => ({ ...runRow(one.after), hash: one.hash }))
    const { rowCount } = await tx.query(fresh ? sql.insertRuns : sql.updateRuns, [
      tx.workspace,
      ...sql.columns(rows, fresh ? sql.runColumns : sql.changingRunColumns),
    ])
    if (rowCount !== rows.length) throw new Error(`Of ${rows.length} runs only ${rowCount} were written.`)
    for (const row of rows) tx.nudge('run', row.run)
  }
}

const writeGates = async (tx: Tx, moved: Moved[]): Promise<void> => {
  const changed = moved.flatMap(({ before, after }) =>
    Object.values(after.gates)
      .filter((gate) => before?.gates[gate.id] !== gate)
      .map((gate) => ({ after, gate, had: before?.gates[gate.id] })),
  )
  if (changed.length === 0) return
  await tx.query(sql.upsertGates, [
    tx.workspace,
    ...sql.gateColumnsOf(changed.map(({ after, gate }) => gateRow(after, gate))),
  ])
  // A gate that closed opens again when its deciding vote is withdrawn.
  const approvers = changed.flatMap(({ gate, had }) =>
    had?.state === 'open' && had.approvers === gate.approvers ? [] : approverRows(gate),
  )
  if (approvers.length > 0)
    await tx.query(sql.insertApprovers, [
      tx.workspace,
      approvers.map((row) => row.principal),
      approvers.map((row) => row.opened_at),
      approvers.map((row) => row.gate),
    ])
  for (const { gate } of changed) tx.nudge('gate', gate.id)
}

const writeWork = async (tx: Tx, moved: Moved[]): Promise<void> => {
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
  if (gone.length > 0)
    await tx.query(sql.deleteWork, [tx.workspace, gone.map((row) => row.run), gone.map((row) => row.key)])
  if (put.length === 0) return
  await tx.query(sql.upsertWork, [tx.workspace, JSON.stringify(put)])
  for (const pool of new Set(put.map((row) => row.pool))) tx.nudge('work', pool)
}

const writeChanges = async (tx: Tx, moved: Moved[]): Promise<void> => {
  for (const { before, after } of moved) {
    if (after.change === (before?.change ?? null)) continue
    const row = changeRow(after)
    if (row)
      await tx.query(sql.upsertChange, [
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

const writeEffects = async (tx: Tx, moved: Moved[]): Promise<void> => {
  const rows = moved.flatMap(({ before, after }) => {
    const had = before ? effectRows(before) : []
    return effectRows(after).filter((row) => !had.some((same) => same.key === row.key))
  })
  if (rows.length > 0)
    await tx.query(sql.enqueueEffects, [tx.workspace, rows.map((row) => row.key), rows.map((row) => row.run)])
}
