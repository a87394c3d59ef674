/** How is everything that lies here about a run erased? Bodies, logs and the sessions of its agents; the ledger of what left stays. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { EvidenceStore } from './store.ts'
import { logFolder } from './step-log.ts'

/** Erases a run. An id that could name something else is passed over. */
export const forgetRun = async (folder: string, evidence: EvidenceStore, run: string): Promise<void> => {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(run)) return
  await evidence.forget(run)
  for (const place of [logFolder(folder, run), path.join(folder, 'sessions', run)])
    await rm(place, { recursive: true, force: true })
}
