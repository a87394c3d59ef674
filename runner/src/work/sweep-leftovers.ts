/** What did an earlier vpd leave behind, and how does it go away? */
import type { Setup } from './port.ts'

/** Ends processes and removes step folders and stale locks that a killed vpd left. Call once at start, before any lease, with the home locked. */
export const sweepLeftovers = async (_setup: Setup): Promise<void> => {
  throw new Error('sweepLeftovers is not written yet')
}
