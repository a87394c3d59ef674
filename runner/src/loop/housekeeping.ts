/** What must not grow for ever on this machine, and when is there too little room to begin anything? */
import { statfs } from 'node:fs/promises'
import { forgetRun, oldRuns } from '../evidence/forget.ts'
import { pruneJournals } from '../journal/journal.ts'
import { pause } from '../wire/retry.ts'
import type { WorkerGround } from './worker-ground.ts'

const everyMs = 6 * 3_600_000

/** Erases what is older than the policy keeps, now and every few hours, until the signal fires (throws Ended). */
export const keepHouse = async (ground: WorkerGround, signal: AbortSignal): Promise<never> => {
  const { keep_days: days } = ground.policy.evidence
  for (;;) {
    for (const run of await oldRuns(ground.folder, ground.evidence, days * 86_400_000)) {
      await forgetRun(ground.folder, ground.evidence, run)
      ground.say(`forgot the evidence of ${run}, which is older than ${days} days`)
    }
    await pruneJournals(ground.folder, days * 86_400_000)
    await pause(everyMs, signal)
  }
}

/** What is missing for work to begin, or null. */
export const whyNoRoom = async (ground: WorkerGround): Promise<string | null> => {
  const { bavail, bsize } = await statfs(ground.folder)
  const free = Math.floor((bavail * bsize) / 1_048_576)
  const wanted = ground.policy.evidence.free_megabytes
  return free < wanted
    ? `${free} MB are free on the disk, ${wanted} MB are wanted (evidence.free_megabytes in the policy)`
    : null
}
