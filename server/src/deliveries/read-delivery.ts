/**
 * What does a stored delivery say happened, whichever way it came?
 * Webhooks of anybody are read in their documented form, those of a connected tool by the tool's reader.
 */
import { causeHeader } from '@viewportai/core/event/cause'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { anotherThere, numberOf, placeSettings, type Place } from '@viewportai/core/tools/place'
import { serverOf } from '@viewportai/core/tools/reach'
import type { ConnectionRow } from '../tools/connections.ts'
import {
  partHeader,
  polledBy,
  type ByAccount,
  type FetchedAgain,
  type Said,
  type StoredDelivery,
} from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { cutNote } from '../tools/event-text.ts'
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
  /** Its source was removed since: whoever holds that secret starts nothing any more. */
  readonly gone: boolean
  /** Of a webhook source: with what ids of accounts begin for which it may speak; null: for any. */
  readonly accounts: readonly string[] | null
}
/** `ignored`, `unreadable`: a sentence. `names`: the event may come another way as well; by any of these it is known, and counts once. `formerly`: as versions before kept it. `partial`: it tells too little to be matched. */
export type ReadDelivery =
  | {
      readonly event: TriggerEvent
      readonly note: string | null
      readonly names: readonly string[]
      readonly formerly: readonly string[]
      /** As `names`, at the tool's server; empty where no other connection of the workspace can tell of it. */
      readonly anywhere: readonly string[]
      readonly partial: boolean
      /** When it happened at the latest, by its own word (ms); null: it says none. */
      readonly moment: number | null
      /** The repository that it is of, where that is seen for the first time. */
      readonly fresh: Place | null
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
    if (row.gone) return { unreadable: 'Its source was removed before it was read.' }
    const read = readEvent(
      {
        source: row.source,
        sourceName: row.name ?? 'a removed source',
        id: row.provider_id,
        at: row.received_at,
        payload: JSON.parse(row.body.toString('utf8')) as Record<string, unknown>,
        cause: row.headers?.[causeHeader] ?? null,
        speaksFor: row.accounts,
      },
      byAccount,
    )
    return typeof read === 'string'
      ? { unreadable: read }
      : { ...read, names: [], formerly: [], anywhere: [], partial: false, moment: null, fresh: null }
  }
  const tool = toolNamed(row.tool)
  const connection = connections.find((one) => one.connection === row.connection)
  if (!tool || !connection) return { unreadable: 'Its connection was removed before it was read.' }
  const found = again && 'found' in again ? { again: again.found } : {}
  const { name, settings, account } = connection
  const known = { id: connection.connection, name, settings, account }
  const reading = tool.read({ ...storedDelivery(row), ...found }, known)
  if (!('said' in reading)) return reading
  const { place } = reading.said
  const before = place && numberOf(placeSettings(connection.places), place.name)
  const another = place && anotherThere(before ?? null, place)
  if (another) return { unreadable: another }
  const event = triggerEvent(
    reading.said,
    {
      tool: row.tool,
      account,
      others: othersOf(connections, connection),
      accountsAt: tool.accountsAt?.(known) ?? null,
      receivedAt: row.received_at,
    },
    byAccount,
  )
  const alike = tool.numbersAlike === true
  const told = [event.id, ...(reading.said.also ?? [])].map((name) => name.slice(0, 200))
  return {
    event,
    note: [again?.note, cutNote(reading.said.text, event.subject.url)].filter(Boolean).join(' ') || null,
    partial: reading.partial ?? false,
    fresh: place && before === null ? place : null,
    moment: momentOf(row, reading.said),
    // Of this connection alone: two sites number alike, and who may sign for one connection must not take the names of another. And of the site that it leads to.
    names: told.map((name) => `${row.connection} ${alike ? toldAt(connection, name) : name}`),
    formerly: alike ? told.map((name) => `${row.connection} ${name}`) : [],
    anywhere: isHeardBeside(connections, connection) ? told.map((name) => toldAt(connection, name)) : [],
  }
}

/** By what an event is known that several connections to its server may tell: its name there. */
export const toldAt = (connection: Pick<ConnectionRow, 'tool' | 'settings'>, event: string): string =>
  `${serverOf(connection.tool, connection)} ${event}`

/** Does the workspace have another connection that may tell of the same events? */
export const isHeardBeside = (connections: readonly ConnectionRow[], connection: ConnectionRow): boolean =>
  toolNamed(connection.tool)?.sendersName !== true && besideOf(connections, connection).length > 0

/** The other connections of the workspace to the same server. */
const besideOf = (
  connections: readonly ConnectionRow[],
  { connection, tool, settings }: ConnectionRow,
): ConnectionRow[] => {
  const server = serverOf(tool, { settings })
  return connections.filter(
    (one) => one.connection !== connection && one.tool === tool && serverOf(tool, one) === server,
  )
}

/** What was found by asking is listed with its own time; what was delivered cannot have been told before the latest time in it. */
const momentOf = ({ provider_id: id }: WaitingRow, { at, toldAt }: Said): number | null =>
  id.startsWith(polledBy) ? at : (toldAt ?? at)

/** Who we are at the same server by other connections of the workspace: what one of them did must not wake a run by the other. */
const othersOf = (connections: readonly ConnectionRow[], connection: ConnectionRow): Set<string> =>
  new Set(besideOf(connections, connection).flatMap(({ account }) => (account === null ? [] : [account.id])))

/** As the tool's folder knows it. */
export const storedDelivery = (row: WaitingRow): StoredDelivery => {
  const { [partHeader]: part = null, ...headers } = row.headers ?? {}
  return { headers, body: row.body, part }
}
