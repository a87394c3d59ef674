/** Was this grant used before? A grant begins work once, also when vpd was restarted in between. */
import path from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../disk/durable.ts'
import { openLines, readLines } from '../disk/line-file.ts'

const Used = z.object({ grant: z.string(), exp: z.int() })

export type UsedGrants = {
  /** Notes a grant as used, on disk before it resolves; false when it was used already. */
  use(grant: string, exp: number): Promise<boolean>
  close(): Promise<void>
}

/** Opens the list below a runner's folder. Grants that expired long before `now` (seconds) are dropped: their expiry refuses them. */
export const openUsedGrants = async (folder: string, now: number): Promise<UsedGrants> => {
  const file = path.join(folder, 'used-grants.ndjson')
  const dayAgo = now - 86_400
  const kept = (await readLines(file))
    .flatMap((line) => Used.safeParse(line).data ?? [])
    .filter(({ exp }) => exp > dayAgo)
  await writeDurably(file, kept.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const lines = await openLines(file, { flush: true })
  const used = new Set(kept.map(({ grant }) => grant))
  return {
    async use(grant, exp) {
      if (used.has(grant)) return false
      used.add(grant)
      await lines.append({ grant, exp })
      return true
    },
    close: () => lines.close(),
  }
}
