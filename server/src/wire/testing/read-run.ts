/** A run's facts and state as they stand in the database, for tests. */
import { readFact, type Fact } from '@viewportai/core/run/facts'
import type { RunState } from '@viewportai/core/run/state'
import type { Database } from '../../database/open.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { loadRun } from '../../ledger/read.ts'

export const readRun = (db: Database, workspace: string, run: string): Promise<{ facts: Fact[]; state: RunState }> =>
  inWorkspace(db, workspace, async (tx) => {
    const { rows } = await tx.query<{ text: string }>(
      'select text from vp.facts where workspace = $1 and run = $2 order by seq',
      [workspace, run],
    )
    return { facts: rows.map((row) => readFact(row.text)), state: (await loadRun(tx, run))! }
  })
