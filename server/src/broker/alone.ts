/**
 * How is one effect kept from being carried out by two replicas at the same moment, and by many at the cost of all others?
 * A lock of the database that lives as long as its session; some at a time in one process, and few of one workspace.
 */
import type { Database } from '../database/open.ts'
import { workspaceTurns } from '../workspace-turns.ts'

/** Each may hold an answer of its tool (8 MB) in memory; a workspace whose tool is slow must leave turns for the others. */
const turns = workspaceTurns({ atOnce: 32, ofOne: 2 })

/** Runs `fn` while nobody else holds this intent. False: another replica has it now, and nothing was done here. */
export const alone = (
  db: Pick<Database, 'locks'>,
  { workspace, intent }: { readonly workspace: string; readonly intent: string },
  fn: () => Promise<void>,
): Promise<boolean> =>
  turns(workspace, async () => {
    const free = await db.locks.take('effects', intent)
    if (free === null) return false
    try {
      await fn()
      return true
    } finally {
      await free()
    }
  })
