/**
 * What stays of a delivery that was not taken?
 * A line on the deliveries page and a fact of the workspace, so that whoever sets a sender up sees why; never its bytes, which
 * nobody has vouched for. A flood leaves a few lines and a count.
 */
import type { Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { record } from '../ledger/pending.ts'
import { wrongTry } from '../sign-in/tries.ts'

/** Refusals of one source that leave a line, per ten minutes. */
const linesKept = 20

/** Records it, unless the source has had too many. */
export const keepRefused = async (
  db: Database,
  { workspace, source, tool }: { readonly workspace: string; readonly source: string; readonly tool: string },
  { refusal, words, next }: Refusal,
): Promise<void> => {
  if (await wrongTry(db, { subject: `refused ${source}`, tries: linesKept, windowMillis: 600_000 })) return
  await inWorkspace(db, workspace, async (tx) => {
    const delivery = freshId('dlv')
    // Its own id as the sender's: a stranger must not take the id of a real delivery that is still to come.
    await tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, state, outcome, verdict, problem, processed_at, tool) values ($1, $2, $3, $4, 'refused', 'refused', $5, $6, vp.now_ms(), $7)`,
      [workspace, delivery, source, `refused:${delivery}`, words, next, tool], // its page says why, and below it what to do
    )
    record(tx, {
      type: 'delivery.refused',
      by: { kind: 'outside', id: `webhook:${source}`, name: 'a sender' },
      data: { source, delivery, code: refusal, words },
    })
    tx.nudge('delivery', delivery)
  })
}
