/**
 * What is a delivery about now, before it starts something?
 * Its tool is asked once more, outside of every transaction and within a few seconds. When it cannot be asked, what was delivered counts, with a note.
 */
import type { MatchReport } from '@viewportai/core/match/match'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { opened, readConnections } from '../tools/connections.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { FetchedAgain } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { storedDelivery, type WaitingRow } from './read-delivery.ts'

export type FetchOptions = {
  readonly db: Database
  /** The installation's key: it opens the secrets of connections. */
  readonly key: Uint8Array
  readonly outside: Outside
}
/** By the delivery's id. */
export type Fetched = Map<string, FetchedAgain>

const atOnce = 8

/** Does its tool fetch again at all? */
export const isFetchedAgain = (row: WaitingRow): boolean =>
  row.connection !== null && toolNamed(row.tool)?.again !== undefined

/** Does it start something, or nearly, or does all fit but who did it: then what is fetched may decide it. */
export const mayStart = (report: MatchReport): boolean =>
  report.answers.some(({ outcome, rows }) => outcome !== 'no' || rows.every((row) => row.pass || row.about !== null))

/** Fills `fetched` with an answer for each of these. */
export const fetchAgain = async (
  { db, key, outside }: FetchOptions,
  workspace: string,
  rows: readonly WaitingRow[],
  fetched: Fetched,
): Promise<void> => {
  if (rows.length === 0) return
  const connections = await inWorkspace(db, workspace, readConnections)
  const left = [...rows]
  const one = async (row: WaitingRow): Promise<FetchedAgain> => {
    const connection = connections.find((held) => held.connection === row.connection)
    if (!connection) return { note: 'Its connection was removed, so what it is about could not be fetched again.' }
    if (connection.held)
      return { note: 'A runner holds the credential of its connection, so what it is about was not fetched again.' }
    return toolNamed(row.tool)!.again!(storedDelivery(row), opened(key, workspace, connection), outside).catch(
      (error: Error) => ({ note: `What it is about could not be fetched again: ${error.message}.` }),
    )
  }
  await Promise.all(
    Array.from({ length: Math.min(atOnce, left.length) }, async () => {
      for (let row = left.shift(); row; row = left.shift()) fetched.set(row.delivery, await one(row))
    }),
  )
}
