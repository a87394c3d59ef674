/** Was this grant used before? A grant begins work once, also when vpd was restarted in between. */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../disk/durable.ts'
import { openLines, readLines, type LineFile } from '../disk/line-file.ts'

const Used = z.object({ grant: z.string(), exp: z.int() })

export type UsedGrants = {
  /** Notes a grant as used, on disk before it resolves; false when it was used already. */
  use(grant: string, exp: number): Promise<boolean>
  close(): Promise<void>
}

// Expired grants are refused for that; a day more is for a clock that is off.
const keepSeconds = 86_400
const tidyAfter = 2_000

/** Opens the list below a runner's folder. `now` gives seconds. */
export const openUsedGrants = async (folder: string, now: () => number): Promise<UsedGrants> => {
  const file = path.join(folder, 'used-grants.ndjson')
  const used = new Map<string, number>()
  for (const line of await readLines(file)) {
    const one = Used.safeParse(line).data
    if (one) used.set(one.grant, one.exp)
  }
  let added = 0
  /** Drops what expired long ago and writes the rest anew. */
  const tidy = async (): Promise<LineFile> => {
    for (const [grant, exp] of used) if (exp < now() - keepSeconds) used.delete(grant)
    await writeDurably(file, [...used].map(([grant, exp]) => `${JSON.stringify({ grant, exp })}\n`).join(''))
    added = 0
    return openLines(file, { flush: true })
  }
  let lines = await tidy()
  let turn: Promise<unknown> = Promise.resolve()
  const note = async (grant: string, exp: number): Promise<void> => {
    if (++added > tidyAfter) {
      await lines.close()
      lines = await tidy()
    }
    await lines.append({ grant, exp })
  }
  return {
    async use(grant, exp) {
      const digest = createHash('sha256').update(grant).digest('hex')
      if (used.has(digest)) return false
      used.set(digest, exp)
      const mine = turn.then(() => note(digest, exp))
      turn = mine.catch(() => {})
      await mine
      return true
    },
    async close() {
      await turn
      await lines.close()
    },
  }
}
