/** How are facts and states read back from the ledger? Always inside a workspace. */
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { stateFrom, type StateColumns } from './reading.ts'

/** A stored fact: exact text and hash, place in its run and in the workspace. */
type StoredFact = {
  readonly run: string
  readonly seq: number
  readonly position: number
  readonly at: number
  readonly type: string
  readonly text: string
  readonly hash: string
}

/** What holds the state of a run, or null. It is there even when the state cannot be read. */
export const stateColumns = async (tx: Tx, run: string): Promise<StateColumns | null> =>
  (
    await tx.query<StateColumns>(
      { name: 'run load', text: 'select run, fold, state, spec from vp.runs where workspace = $1 and run = $2' },
      [tx.workspace, run],
    )
  ).rows[0] ?? null

/** The state of a run as it stands, or null. */
export const loadRun = async (tx: Tx, run: string): Promise<RunState | null> => {
  const columns = await stateColumns(tx, run)
  return columns && stateFrom(columns)
}

/** Facts of a run (or of the workspace's own stream: its id) after a sequence number, in order. `limit`: at most so many. */
export const factsOf = async (tx: Tx, run: string, after = 0, limit = 10_000): Promise<StoredFact[]> =>
  (
    await tx.query<StoredFact>(
      {
        name: 'facts of',
        text: 'select run, seq, position, at, type, text, hash from vp.facts where workspace = $1 and run = $2 and seq > $3 order by seq limit $4',
      },
      [tx.workspace, run, after, limit],
    )
  ).rows

/** All facts of the workspace after a position, in the order of their commits, without holes. */
export const feed = async (tx: Tx, after = 0, limit = 1_000): Promise<StoredFact[]> =>
  (
    await tx.query<StoredFact>(
      {
        name: 'facts feed',
        text: 'select run, seq, position, at, type, text, hash from vp.facts where workspace = $1 and position > $2 order by position limit $3',
      },
      [tx.workspace, after, limit],
    )
  ).rows
