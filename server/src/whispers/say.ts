/**
 * How does whoever called on the app hear that nothing began?
 * What is said to one person alone cannot be looked for afterwards, so it is said once at most: that it begins is on the disk before anything is sent, and what
 * broke off then is left. What was not sent for sure is tried again for some minutes; later it would help nobody.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { NotSent, type Outside } from '@viewportai/core/tools/outside'
import type { Stuck } from '../stuck.ts'
import { opened, readConnection } from '../tools/connections.ts'
import type { Aside, Connection, Whispered } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { workOff } from '../work-off.ts'
import type { Reason } from './reason.ts'
import { wordsTo } from './words.ts'

export type WhisperOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  readonly address: () => string
}

type Due = { readonly workspace: string; readonly connection: string; readonly account: string }
type Row = {
  readonly delivery: string
  readonly place: string
  readonly reason: Reason
  readonly known: boolean
  readonly late: boolean
}

/** So long after they asked it is still said (ms). */
const freshMillis = 600_000
const patienceMillis = 10_000

/** Says what is noted. Workspaces do not wait for each other. */
export const sweepWhispers = (options: WhisperOptions, stuck: Stuck, each = 60): Promise<number> =>
  workOff<Due>(stuck, 'whisper', {
    each,
    find: async (most, but) =>
      (
        await options.db.app.query<Due>('select workspace, connection, account from vp.whispers_due($1, $2)', [
          most,
          but,
        ])
      ).rows,
    name: ({ connection, account }) => `${connection} ${account}`,
    lane: ({ connection }) => connection,
    one: (due) => sayOne(options, due),
  })

const sayOne = async ({ db, key, outside, address }: WhisperOptions, due: Due): Promise<void> => {
  const ready = await inWorkspace(db, due.workspace, (tx) => begun(tx, key, due))
  if (ready === null) return
  const { row, connection, aside } = ready
  const about = { account: `${ready.tool}:${due.account}`, page: `${address()}/deliveries/${row.delivery}` }
  const words = (who: 'member' | 'guest'): string => wordsTo(row.known ? 'member' : who, row.reason, about, aside.marks)
  let went: Whispered
  try {
    went = await aside.say({ by: due.account, on: row.place }, words, connection, bounded(outside, patienceMillis))
  } catch (error) {
    went =
      error instanceof NotSent
        ? { is: 'later', why: error.message, afterMillis: 5_000 }
        : { is: 'over', why: `it is not known whether it was said (${(error as Error).message})` }
  }
  await inWorkspace(db, due.workspace, (tx) => ended(tx, due, went))
}

const begin = {
  name: 'whisper begin',
  text: `update vp.whispers set begun_at = vp.now_ms() where workspace = $1 and connection = $2 and account = $3 and begun_at is null and done_at is null and next_at <= vp.now_ms()
    returning delivery, place, reason, known, asked_at <= vp.now_ms() - ${freshMillis} as late`,
}

type Ready = { readonly row: Row; readonly tool: string; readonly aside: Aside; readonly connection: Connection }

/** Null: another process says it, or nobody can any more. */
const begun = async (tx: Tx, key: Uint8Array, { connection: id, account }: Due): Promise<Ready | null> => {
  const row = (await tx.query<Row>(begin, [tx.workspace, id, account])).rows[0]
  if (!row) return null
  const held = await readConnection(tx, id)
  const aside = held ? toolNamed(held.tool)?.aside : undefined
  const why = row.late
    ? 'it could not be said for ten minutes'
    : !held || held.held || !aside || !aside.isOn(held)
      ? 'its connection says nothing any more'
      : null
  if (why === null) return { row, tool: held!.tool, aside: aside!, connection: opened(key, tx.workspace, held!) }
  await ended(tx, { workspace: tx.workspace, connection: id, account }, { is: 'over', why })
  return null
}

const end = {
  name: 'whisper end',
  text: 'update vp.whispers set done_at = vp.now_ms(), problem = $4 where workspace = $1 and connection = $2 and account = $3 and begun_at is not null and done_at is null',
}
const again = {
  name: 'whisper again',
  text: 'update vp.whispers set begun_at = null, next_at = vp.now_ms() + $4, problem = $5 where workspace = $1 and connection = $2 and account = $3 and done_at is null',
}

const ended = async (tx: Tx, { connection, account }: Due, went: Whispered): Promise<void> => {
  const of = [tx.workspace, connection, account]
  if (went.is === 'later') await tx.query(again, [...of, Math.max(1_000, went.afterMillis), went.why.slice(0, 500)])
  else await tx.query(end, [...of, went.is === 'said' ? null : went.why.slice(0, 500)])
}
