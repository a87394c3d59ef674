/** How is one leased job done on this machine, from its first report to its last? */
import type { Port, Setup } from './port.ts'

/**
 * Does the job of `port.lease` and reports everything about it. Resolves when the work is over, whatever its outcome: failures are reports.
 * When `port.signal` aborts with 'lease lost' or 'shutdown' it cleans up and reports nothing more; with 'cancelled' it reports the failure `cancelled`.
 */
export const doJob = async (_port: Port, _setup: Setup): Promise<void> => {
  throw new Error('doJob is not written yet')
}
