/**
 * How does whoever's start waited for its turn stand at the tool now?
 * A person of the workspace is known here. A collaborator is one by the tool's word alone, so the tool is asked once more, outside of every transaction; what
 * it says decides inside the one that starts. The text of the event stays as it was read when it came.
 */
import type { EventActor, TriggerEvent } from '@viewportai/core/event/trigger-event'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { readConnections, type ConnectionRow } from '../tools/connections.ts'
import type { FetchedAgain } from '../tools/port.ts'
import { fetchAgain, isFetchedAgain, type Fetched, type FetchOptions } from './fetch-again.ts'
import { readDelivery, type WaitingRow } from './read-delivery.ts'
import type { ByAccount } from './read-event.ts'

/** `why`, `never`: a sentence; it could not be asked now, or never can be. */
export type Standing =
  | { readonly row: WaitingRow; readonly connections: readonly ConnectionRow[]; readonly again: FetchedAgain }
  | { readonly why: string }
  | { readonly never: string }

/** Is this actor's right the tool's alone to know? */
export const isAskedAgain = ({ actor }: TriggerEvent): boolean =>
  actor.person === null && actor.trust === 'collaborator'

const stored = {
  name: 'delivery stored',
  text: `select d.delivery, d.source, s.name, d.provider_id, d.received_at, d.body, d.tool, d.headers, s.connection, s.removed_at is not null as gone, s.accounts from vp.deliveries d left join vp.sources s on s.workspace = $1 and s.source = d.source
    where d.workspace = $1 and d.delivery = $2`,
}

/** Asks the tool of a delivery. Never throws for what the tool does. */
export const askStanding = async (options: FetchOptions, workspace: string, delivery: string): Promise<Standing> => {
  const [row, connections] = await inWorkspace(options.db, workspace, async (tx) => [
    (await tx.query<WaitingRow>(stored, [workspace, delivery])).rows[0]!,
    await readConnections(tx),
  ])
  const connection = connections.find((one) => one.connection === row.connection)
  if (!connection) return { never: 'The connection that it came by was removed.' }
  if (connection.held) return { never: 'A runner holds the credential of the connection that it came by.' }
  if (!isFetchedAgain(row)) return { never: 'Its tool cannot be asked about anybody.' }
  const fetched: Fetched = new Map()
  await fetchAgain(options, workspace, [row], fetched)
  const again = fetched.get(row.delivery)!
  const why = 'found' in again ? again.who : again.note
  return why === undefined ? { row, connections, again } : { why }
}

/** Who did it, as they stand by that answer; a sentence: nobody can say. */
export const standingNow = (
  { row, connections, again }: Extract<Standing, { row: WaitingRow }>,
  byAccount: ByAccount,
): EventActor | string => {
  const read = readDelivery(row, connections, byAccount, again)
  return 'event' in read ? read.event.actor : 'unreadable' in read ? read.unreadable : read.ignored
}

/** How long it is asked again (ms) before a start is given up, and how often. */
const patienceMillis = 600_000
const pauseMillis = 15_000

const postpone = {
  name: 'queue postpone',
  text: `update vp.queued_starts set unasked_since = coalesce(unasked_since, vp.now_ms()), ask_at = vp.now_ms() + $3 where workspace = $1 and position = $2
    returning unasked_since + $4 as until, vp.now_ms() as now`,
}

/** Lets a start wait until it is asked again, the others before it. Until when (ms); null: it was asked for long enough. */
export const postponed = async (tx: Tx, position: number): Promise<number | null> => {
  const { rows } = await tx.query<{ until: number; now: number }>(postpone, [
    tx.workspace,
    position,
    pauseMillis,
    patienceMillis,
  ])
  const { until, now } = rows[0] ?? { until: 0, now: 0 }
  return now < until ? until : null
}

/** "10 minutes". */
export const patienceWords = `${patienceMillis / 60_000} minutes`
