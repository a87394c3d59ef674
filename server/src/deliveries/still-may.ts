/**
 * How does whoever's start waited for its turn stand at the tool now?
 * A person of the workspace is known here. A collaborator is one by the tool's word alone, so the tool is asked once more, outside of every transaction; what
 * it says decides inside the one that starts. The text of the event stays as it was read when it came.
 */
import type { EventActor, TriggerEvent } from '@viewportai/core/event/trigger-event'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { readConnections, type ConnectionRow } from '../tools/connections.ts'
import type { FetchedAgain } from '../tools/port.ts'
import { storedRows, withBodies } from './bodies.ts'
import { fetchAgain, isFetchedAgain, type Fetched, type FetchOptions } from './fetch-again.ts'
import { readDelivery, type WaitingRow } from './read-delivery.ts'
import type { ByAccount } from './read-event.ts'
import { heardBy, type Silences } from './silences.ts'

/**
 * `why`, `never`: a sentence; it could not be asked now, or never can be. `askAt` (ms, the database's): nothing of its connection answers, and it is asked again then. `later`: there
 * was no time left to ask about it.
 */
export type Standing =
  | { readonly row: WaitingRow; readonly connections: readonly ConnectionRow[]; readonly again: FetchedAgain }
  | { readonly why: string; readonly askAt?: number }
  | { readonly never: string }
  | { readonly later: true }

/** What one sweep knows of those it asks. `spent`: how long (ms) it waited for a connection in vain, by its id. */
export type Asking = { readonly silences: Silences; readonly spent: Map<string, number> }

/** Is this actor's right the tool's alone to know? */
export const isAskedAgain = ({ actor }: TriggerEvent): boolean =>
  actor.person === null && actor.trust === 'collaborator'

const stored = { name: 'delivery stored', text: `${storedRows} where d.workspace = $1 and d.delivery = $2` }

/** How long (ms) may be asked about one start, and how long one sweep waits in vain for one connection before its other starts are left for the next one. */
const askingMillis = 10_000
const inVainMillis = 8_000

/** Asks the tool of a delivery. Never throws for what the tool does. A connection of which nothing answers is left alone for a while, whatever else waits for it. */
export const askStanding = async (
  options: FetchOptions,
  workspace: string,
  delivery: string,
  { silences, spent }: Asking,
): Promise<Standing> => {
  const [row, connections, now] = await inWorkspace(options.db, workspace, async (tx) => [
    (await withBodies(tx, stored, [workspace, delivery]))[0]!,
    await readConnections(tx),
    (await tx.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now,
  ])
  const connection = connections.find((one) => one.connection === row.connection)
  if (!connection) return { never: 'The connection that it came by was removed.' }
  if (connection.held)
    return {
      never: `A runner holds the credential of the connection ${connection.name} by now, and no runner is sent to ask that. Link the account to a person of the workspace, or let Viewport keep a token of the connection: later ones can be asked about then.`,
    }
  if (!isFetchedAgain(row)) return { never: 'Its tool cannot be asked about anybody.' }
  const id = connection.connection
  const quiet = silences.until(id, now)
  if (quiet !== null) return { why: `The connection ${connection.name} answered nothing a moment ago.`, askAt: quiet }
  if ((spent.get(id) ?? 0) >= inVainMillis) return { later: true }
  const fetched: Fetched = new Map()
  const heard = heardBy(bounded(options.outside, askingMillis))
  const from = performance.now()
  await fetchAgain({ ...options, outside: heard.outside }, workspace, [row], fetched)
  const took = Math.round(performance.now() - from)
  const again = fetched.get(row.delivery)!
  const why = 'found' in again ? again.who : again.note
  if (why !== undefined) spent.set(id, (spent.get(id) ?? 0) + took)
  if (why !== undefined && heard.isSilent()) return { why, askAt: silences.silent(id, now + took) }
  silences.answered(id)
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

/** How long it is asked again (ms) before a start is given up, and how often: less and less. */
const patienceMillis = 600_000
const [shortestMillis, longestMillis] = [15_000, 120_000]

const postpone = {
  name: 'queue postpone',
  text: `update vp.queued_starts set unasked_since = coalesce(unasked_since, vp.now_ms()),
      ask_at = greatest(vp.now_ms() + 1000, coalesce($3, vp.now_ms() + least($5::bigint, greatest($4::bigint, vp.now_ms() - coalesce(unasked_since, vp.now_ms())))))
    where workspace = $1 and position = $2 returning unasked_since + $6::bigint as until, vp.now_ms() as now`,
}

/**
 * Lets a start wait until it is asked again, the others before it. `askAt` (ms, the database's): when; those of one connection have the same, so that their order stays. Until when
 * (ms); null: it was asked for long enough.
 */
export const postponed = async (tx: Tx, position: number, askAt: number | null): Promise<number | null> => {
  const { rows } = await tx.query<{ until: number; now: number }>(postpone, [
    tx.workspace,
    position,
    askAt,
    shortestMillis,
    longestMillis,
    patienceMillis,
  ])
  const { until, now } = rows[0] ?? { until: 0, now: 0 }
  return now < until ? until : null
}

const soon = {
  name: 'queue later',
  text: 'update vp.queued_starts set ask_at = vp.now_ms() + 1000 where workspace = $1 and position = $2',
}

/** Leaves a start to the next sweep: nobody asked about it, so nothing of its patience is gone. */
export const leftForLater = async (tx: Tx, position: number): Promise<void> =>
  void (await tx.query(soon, [tx.workspace, position]))

/** "10 minutes". */
export const patienceWords = `${patienceMillis / 60_000} minutes`
