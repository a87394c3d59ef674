/**
 * How is a delivery worked on again that could not be read or was set aside?
 * It goes back among those that wait, with its stored bytes. One that was worked on stays as it is: what it started stands.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'

/** Of a row of vp.deliveries: may it be worked on again? Only what could not be read, or was set aside, and whose bytes are still there. */
export const mayAgain =
  "((own_body is not null or body_digest is not null) and (state = 'failed' or (state = 'refused' and verdict = 'could not be read')))"

const back = {
  name: 'delivery again',
  text: `update vp.deliveries set state = 'stored', outcome = 'arriving', verdict = default, problem = null, processed_at = null where workspace = $1 and delivery = $2
    and ${mayAgain} returning delivery`,
}

/** Puts it back among those that wait. Twice in a row it is once: the second one hears that it waits already. */
export const readAgain = async (
  tx: Tx,
  asker: Asker,
  delivery: string,
  reason: string,
): Promise<{ delivery: string; state: 'stored' } | Refusal> => {
  const { rowCount } = await tx.query(back, [tx.workspace, delivery])
  if (rowCount === 0) {
    const { rows } = await tx.query<{ state: string }>(
      'select state from vp.deliveries where workspace = $1 and delivery = $2',
      [tx.workspace, delivery],
    )
    return rows[0]
      ? refuse('delivery_read', { state: rows[0].state === 'stored' ? 'waits for its turn' : `is ${rows[0].state}` })
      : refuse('not_found', { what: 'delivery', id: delivery })
  }
  record(tx, { type: 'delivery.tried_again', by: asPerson(asker), data: { delivery, reason } })
  tx.nudge('delivery', delivery)
  return { delivery, state: 'stored' }
}
