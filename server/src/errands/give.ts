/**
 * How is a runner sent to a tool whose credential it holds?
 * By an order that is signed for this runner, this question and a few seconds, and a row that waits for the answer. Whoever sends it keeps its
 * own row from others for longer than an errand takes, so that two runners are never on the same one.
 */
import {
  actionOfErrand,
  errandBeginSeconds,
  errandClaims,
  errandGrantType,
  errandSeconds,
  type Errand,
  type ErrandKind,
} from '@viewportai/core/wire/errand'
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { holdersOf, readHolders, type Holder } from '../tools/held-by.ts'
import { holdCommand } from '../tools/keep.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import { wireKeys } from '../wire/keys.ts'
import { giveOrder } from '../wire/orders.ts'

/** So long (ms) an answer is taken; what comes later was asked anew. */
export const errandMillis = (errandBeginSeconds + errandSeconds + 5) * 1_000

type Given = {
  readonly row: ConnectionRow
  readonly asks: Errand
  /** Only runners of its pool are sent: others are told nothing of it. The one that works on it goes first. */
  readonly state: RunState
  /** What whoever takes the answer must know: a JSON value. */
  readonly about?: unknown
}

/** Sends one; or why nobody can be sent, a sentence or two. */
export const giveErrand = async (
  tx: Tx,
  signing: SigningKeys,
  { row, asks, state, about = null }: Given,
): Promise<{ readonly runner: string } | { readonly problem: string }> => {
  const { pool } = state.spec.pins
  const all = holdersOf(row, await readHolders(tx)).filter((one) => one.pool === pool)
  const problem = whyNobody(row, asks, all, pool)
  if (problem !== null) return { problem }
  const able = all.filter((one) => one.online && isAble(one, asks) && lacksRepository(one, asks) === null)
  const { runner } = able.find((one) => one.runner === state.runner) ?? able[0]!
  const errand = freshId('err')
  const exp = Math.floor(Date.now() / 1_000) + errandBeginSeconds
  const grant = await wireKeys(signing).sign(errandClaims(errand, runner, asks, exp), errandGrantType)
  const order = await giveOrder(tx, runner, { order: 'errand', errand, asks, grant }, errandBeginSeconds * 1_000)
  await tx.query(
    'insert into vp.errands (workspace, errand, runner, "order", connection, what, run, about, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, vp.now_ms() + $9)',
    [tx.workspace, errand, runner, order, row.connection, asks.what, asks.run, JSON.stringify(about), errandMillis],
  )
  return { runner }
}

/** A repository of the question that no admin let this runner use, as work asks for it too; null: it may use them all. */
const lacksRepository = ({ repositories }: Holder, { repos }: Errand): string | null =>
  repos.find(({ name }) => !repositories.includes(name))?.name ?? null

const isAble = ({ holding }: Holder, asks: Errand): boolean => holding.errands?.includes(asks.what) ?? false

const whyNobody = (row: ConnectionRow, asks: Errand, all: readonly Holder[], pool: string): string | null => {
  const names = (some: readonly Holder[]): string => some.map((one) => one.name).join(', ')
  const what = `the credential of the connection ${row.name} to ${row.tool}`
  if (all.length === 0) return `No runner of the pool ${pool} holds ${what}: on one, \`${holdCommand(row)}\`.`
  const able = all.filter((one) => isAble(one, asks))
  if (able.length === 0)
    return `${names(all)} may not use ${what} for ${actionOfErrand(asks)}, or has a vpd that does not know how: update vpd there, or keep the credential with \`--action ${row.tool}.*\`.`
  const allowed = able.filter((one) => lacksRepository(one, asks) === null)
  if (allowed.length === 0)
    return `${names(able)} may not use the repository ${lacksRepository(able[0]!, asks)}: an admin lets a runner that holds ${what} use it (\`viewport runners change ${able[0]!.name} --add ${lacksRepository(able[0]!, asks)}\`).`
  return allowed.some((one) => one.online)
    ? null
    : `No runner of the pool ${pool} that holds ${what} is online (${names(allowed)}).`
}

/** An errand of this run that nobody answered in its time is over; the name of its runner, or null when there is none. */
export const overdue = async (tx: Tx, run: string, what: ErrandKind): Promise<string | null> =>
  (
    await tx.query<{ name: string }>(
      `delete from vp.errands e using vp.runners r where e.workspace = $1 and e.run = $2 and e.what = $3 and r.workspace = $1 and r.runner = e.runner returning r.name`,
      [tx.workspace, run, what],
    )
  ).rows[0]?.name ?? null
