/** How is everything that lies here about a run erased? Bodies, logs and the sessions of its agents; the ledger of what left stays. */
import { readdir, rm, stat } from 'node:fs/promises'
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

/** Runs of which nothing was written for so long: bodies, or logs and sessions of attempts that were cut off before they had any. */
export const oldRuns = async (folder: string, evidence: EvidenceStore, olderThanMs: number): Promise<string[]> => {
  const old = new Set(await evidence.old(olderThanMs))
  const indexed = new Set(await evidence.old(Number.NEGATIVE_INFINITY))
  // An agent's session holds what its tools answered, as it was: it must not outlive the logs for want of an entry in an index.
  const written = new Map<string, number>()
  for (const place of ['logs', 'sessions'])
    for (const run of await readdir(path.join(folder, place)).catch((): string[] => [])) {
      if (indexed.has(run)) continue
      const { mtimeMs } = await stat(path.join(folder, place, run))
      written.set(run, Math.max(written.get(run) ?? 0, mtimeMs))
    }
  for (const [run, at] of written) if (Date.now() - at > olderThanMs) old.add(run)
  return [...old]
}
