/**
 * From which text does the work of this run come?
 * The version that the run was started with, for the runner to compile and compare with what it is asked to do.
 */
import type { RunState } from '@viewportai/core/run/state'
import type { WorkflowSource } from '@viewportai/core/wire/messages'
import type { Tx } from '../database/tenant.ts'

/** The text and the digest it must compile to; null when the version is not kept here, and then runners refuse the work. */
export const sourceOf = async (tx: Tx, { spec, budgetsGranted }: RunState): Promise<WorkflowSource | null> => {
  const { id, version, digest } = spec.workflow
  const { rows } = await tx.query<{ source: string }>(
    {
      name: 'workflow source',
      text: 'select source from vp.workflow_versions where workspace = $1 and workflow = $2 and version = $3',
    },
    [tx.workspace, id, version],
  )
  return rows[0] ? { text: rows[0].source, digest, budgets: 1 + (budgetsGranted ?? 0) } : null
}
