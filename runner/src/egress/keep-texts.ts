/**
 * Which short texts stay on this machine, and where?
 * The workspace says how much may leave, the policy of this machine narrows it and never widens it. What stays is written beside the logs of its run and erased with them.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Leaves } from '@viewportai/core/wire/level'
import { withoutExcerpts, type Outgoing } from '@viewportai/core/wire/message-levels'
import { openLines, readLines } from '../disk/line-file.ts'
import { logFolder } from '../evidence/step-log.ts'
import type { Policy } from '../policy/policy.ts'

/** A text that stayed: redacted like everything that is written here. */
export const Kept = z.object({
  at: z.string(),
  step: z.string().nullable(),
  what: z.string(),
  field: z.string(),
  text: z.string(),
})
export type Kept = z.infer<typeof Kept>

/** How much may leave: the lower of what the workspace and this machine allow. */
export const mayLeave = (policy: Pick<Policy, 'leaves'>, workspace: Leaves | undefined): Leaves =>
  policy.leaves.excerpts ? (workspace ?? 'excerpt') : 'metadata'

/** Where the texts of a run stay. An id that could name something else has no place. */
const fileOf = (folder: string, run: string): string | null =>
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(run) ? path.join(logFolder(folder, run), 'kept.ndjson') : null

/** The message as it may leave; what stays is on the disk when it resolves. */
export const narrowed = async <T>(
  leaves: Leaves,
  message: T,
  of: Outgoing,
  about: { folder: string; run: string | null; step: string | null; what: string },
): Promise<T> => {
  if (leaves === 'excerpt') return message
  const { message: left, kept } = withoutExcerpts(of, message)
  const file = about.run === null ? null : fileOf(about.folder, about.run)
  if (kept.length > 0 && file !== null) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const lines = await openLines(file, { flush: false })
    try {
      const at = new Date().toISOString()
      for (const { field, text } of kept)
        await lines.append({ at, step: about.step, what: about.what, field, text } satisfies Kept)
    } finally {
      await lines.close()
    }
  }
  return left
}

/** The texts of a run that stayed here, oldest first. */
export const readKept = async (folder: string, run: string): Promise<Kept[]> => {
  const file = fileOf(folder, run)
  return file === null ? [] : (await readLines(file)).flatMap((line) => Kept.safeParse(line).data ?? [])
}
