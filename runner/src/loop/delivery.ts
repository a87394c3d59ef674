/** Which way do the reports of a lease, and the bodies that are stored, take to the control plane? Also for leases that an earlier vpd left. */
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Refusal } from '@viewportai/core/refusal'
import type { Journal } from '../journal/journal.ts'
import type { LogSender } from './log-sender.ts'
import { startSender, type Sender } from './report-sender.ts'
import type { Leaves } from '@viewportai/core/wire/level'
import { mayLeave } from '../egress/keep-texts.ts'
import { uploadBody } from './upload.ts'
import type { WorkerGround } from './worker-ground.ts'

/** Begins sending the reports of a journal. `logSender`: where the log is stored as it grows, else null. `leaves`: what the workspace allows of reports that are added. */
export const senderFor = (
  ground: WorkerGround,
  journal: Journal,
  logSender: LogSender | null,
  onRefused: (refusal: Refusal) => void,
  leaves: Leaves = 'metadata',
): Sender => {
  const delivered = new Set<string>()
  const { wire, evidence, ledger, key, redactor, policy, closing } = ground
  const deliver = async (refs: BodyRef[], log: string | null): Promise<Refusal | null> => {
    for (const ref of refs.filter(({ digest }) => !delivered.has(digest))) {
      // Of the attempt's own log every byte that was promised goes before the whole.
      const behind = logSender && ref.digest === log ? await logSender.flush() : null
      const refusal = behind ?? (await uploadBody({ wire, evidence, ledger, signal: closing }, journal.head, ref))
      if (refusal) return refusal
      delivered.add(ref.digest)
    }
    return null
  }
  return startSender({
    wire,
    key,
    journal,
    redactor,
    ledger,
    leaves: mayLeave(policy, leaves),
    folder: ground.folder,
    deliver,
    again: (refs) => refs.forEach(({ digest }) => delivered.delete(digest)),
    onRefused,
    closing,
  })
}
