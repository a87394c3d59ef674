/**
 * Who is told, alone, that their words began nothing?
 * Whoever called on the app itself, where their tool can say something to one person. Noted in the transaction that decides it, so that it is said once
 * whatever dies; a person hears it once in a day, whatever they ask.
 */
import type { Outcome } from '../deliveries/verdict.ts'
import type { Tx } from '../database/tenant.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import { toolNamed } from '../tools/table.ts'
import { tellsWaiting } from '../status/waiting.ts'
import { reasonOf } from './reason.ts'

/** A person hears it this seldom (ms). */
export const seldomMillis = 86_400_000

const note = {
  name: 'whispers note',
  text: `insert into vp.whispers as w (workspace, connection, account, delivery, place, reason, known)
    select $1, v.connection, v.account, v.delivery, v.place, v.reason, v.known from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[]) as v (connection, account, delivery, place, reason, known)
    on conflict (workspace, connection, account) do update set delivery = excluded.delivery, place = excluded.place, reason = excluded.reason, known = excluded.known, asked_at = vp.now_ms(), next_at = vp.now_ms(), begun_at = null, done_at = null, problem = null
      where w.asked_at <= vp.now_ms() - ${seldomMillis}`,
}

/** Notes those of a batch. `rows`: by which connection each delivery came. */
export const noteWhispers = async (
  tx: Tx,
  outcomes: readonly Outcome[],
  rows: readonly { readonly delivery: string; readonly connection: string | null }[],
  connections: readonly ConnectionRow[],
): Promise<void> => {
  const noted = new Map<string, readonly [string, string, string, string, string, boolean]>()
  for (const outcome of outcomes) {
    if (!('report' in outcome)) continue
    const { delivery, event, report, started } = outcome
    const by = rows.find((row) => row.delivery === delivery)?.connection
    const connection = connections.find((one) => one.connection === by)
    // Where a runner holds the credential, nobody here can say a word.
    const called = connection && !connection.held ? toolNamed(event.tool)?.aside?.called(event, connection) : null
    const reason = called
      ? reasonOf(
          report,
          started.map(({ state }) => state),
        )
      : null
    // The message of the run that it will be says that it waits.
    const isTold =
      reason === 'waits' &&
      started.some((one) => one.state === 'queued' && tellsWaiting(event, one.starting.stored.compiled))
    if (!connection || !called || reason === null || isTold) continue
    const key = `${connection.connection} ${called.by}`
    if (!noted.has(key))
      noted.set(key, [connection.connection, called.by, delivery, called.on, reason, event.actor.person !== null])
  }
  if (noted.size === 0) return
  // In one order, so that two batches never wait for each other.
  const all = [...noted].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  await tx.query(note, [tx.workspace, ...[0, 1, 2, 3, 4, 5].map((at) => all.map((one) => one[at]))])
}
