/** How would a workflow's text have to change so that what came in starts it, or never does again? Nothing is saved. */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { textChanges, type TextChanges, type Wanted } from '@viewportai/core/match/change-text'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { readPeople } from '../people/read.ts'
import { versionOf } from '../workflows/read.ts'
import { handlesOf } from './entries.ts'

/** Changes of the newest version, with its number. Refused when the delivery or the workflow is not there. */
export const proposeChange = async (
  tx: Tx,
  delivery: string,
  { workflow, wanted }: { workflow: string; wanted: Wanted },
): Promise<
  { workflow: string; version: number; changes: { words: string; source: string }[]; cannot: string | null } | Refusal
> => {
  const row = (
    await tx.query<{ event: TriggerEvent | null }>(
      {
        name: 'delivery event',
        text: 'select trigger_event as event from vp.deliveries where workspace = $1 and delivery = $2',
      },
      [tx.workspace, delivery],
    )
  ).rows[0]
  if (!row) return refuse('not_found', { what: 'delivery', id: delivery })
  const stored = await versionOf(tx, workflow)
  if (!stored) return refuse('not_found', { what: 'workflow', id: workflow })
  const found: TextChanges =
    row.event === null
      ? { changes: [], cannot: 'It was not read into an event, so no condition can be held against it.' }
      : textChanges(stored.source, row.event, wanted, handlesOf(await readPeople(tx)))
  return { workflow, version: stored.version, changes: [...found.changes], cannot: found.cannot }
}
