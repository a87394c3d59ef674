/** How are rows of several workspaces worked off, so that a slow tool of one keeps no other waiting? In order within each, several at once. */
import { isAway } from './database/away.ts'
import type { Stuck } from './stuck.ts'

const atOnce = 6

/** Works on each row that is not left out at the moment. Throws only when the database is away. `name`: what the row is within its workspace. */
export const workOff = async <R extends { readonly workspace: string }>(
  stuck: Stuck,
  kind: string,
  rows: readonly R[],
  name: (row: R) => string,
  one: (row: R) => Promise<void>,
): Promise<void> => {
  const full = (row: R): string => `${row.workspace} ${name(row)}`
  const workspaces = new Map<string, R[]>()
  for (const row of rows)
    if (stuck.may(kind, full(row))) workspaces.set(row.workspace, [...(workspaces.get(row.workspace) ?? []), row])
  const left = [...workspaces.values()]
  const tried = async (row: R): Promise<void> => {
    try {
      await one(row)
      stuck.fine(kind, full(row))
    } catch (error) {
      stuck.failed(kind, full(row), error)
      if (isAway(error)) throw error
    }
  }
  await Promise.all(
    Array.from({ length: Math.min(atOnce, left.length) }, async () => {
      for (let some = left.shift(); some; some = left.shift()) for (const row of some) await tried(row)
    }),
  )
}
