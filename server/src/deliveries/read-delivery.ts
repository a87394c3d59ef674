/**
 * What does a stored delivery say happened, whichever way it came?
 * Webhooks of anybody are read in their documented form, those of a connected tool by the tool's reader.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { ConnectionRow } from '../tools/connections.ts'
import { partHeader, type ByAccount, type FetchedAgain, type StoredDelivery } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { triggerEvent } from '../tools/trigger-event.ts'
import { readEvent } from './read-event.ts'

/** A delivery as it waits to be worked on. */
export type WaitingRow = {
  readonly delivery: string
  readonly source: string
  readonly name: string | null
  readonly provider_id: string
  readonly received_at: number
  readonly body: Buffer
  readonly tool: string
  readonly headers: Record<string, string> | null
  readonly connection: string | null
}
/** `ignored`, `unreadable`: a sentence. `names`: the event may come another way as well; by any of these it is known, and counts once. `partial`: it tells too little to be matched. */
export type ReadDelivery =
  | {
      readonly event: TriggerEvent
      readonly note: string | null
      readonly names: readonly string[]
      readonly partial: boolean
    }
  | { readonly ignored: string }
  | { readonly unreadable: string }

export const readDelivery = (
  row: WaitingRow,
  connections: readonly ConnectionRow[],
  byAccount: ByAccount,
  again?: FetchedAgain,
): ReadDelivery => {
  if (row.connection === null) {
    const read = readEvent(
      {
        source: row.source,
        sourceName: row.name ?? 'a removed source',
        id: row.provider_id,
        at: row.received_at,
        payload: JSON.parse(row.body.toString('utf8')) as Record<string, unknown>,
      },
      byAccount,
    )
    return typeof read === 'string' ? { unreadable: read } : { ...read, names: [], partial: false }
  }
  const tool = toolNamed(row.tool)
  const connection = connections.find((one) => one.connection === row.connection)
  if (!tool || !connection) return { unreadable: 'Its connection was removed before it was read.' }
  const found = again && 'found' in again ? { again: again.found } : {}
  const { name, settings, account } = connection
  const known = { id: connection.connection, name, settings, account }
  const reading = tool.read({ ...storedDelivery(row), ...found }, known)
  if (!('said' in reading)) return reading
  const event = triggerEvent(
    reading.said,
    { tool: row.tool, account, accountsAt: tool.accountsAt?.(known) ?? null, receivedAt: row.received_at },
    byAccount,
  )
  return {
    event,
    note: again?.note ?? null,
    partial: reading.partial ?? false,
    // Of this connection alone: two sites number alike, and who may sign for one connection must not take the names of another.
    names: [event.id, ...(reading.said.also ?? [])].map((name) => `${row.connection} ${name.slice(0, 200)}`),
  }
}

/** As the tool's folder knows it. */
export const storedDelivery = (row: WaitingRow): StoredDelivery => {
  const { [partHeader]: part = null, ...headers } = row.headers ?? {}
  return { headers, body: row.body, part }
}
