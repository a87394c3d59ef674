/**
 * Which runners hold the credential of a connection, and who does the tool say they are?
 * Runners say it when they come online. The account is kept on the connection, so that what a runner did there is known as our own.
 */
import { actingAt } from '@viewportai/core/tools/acting'
import { chosen, placeOf, type Holding } from '@viewportai/core/wire/holding'
import type { Actor } from '@viewportai/core/run/facts'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { readConnections, type ConnectionRow } from './connections.ts'

/** A runner with one credential of the tool. */
export type Holder = {
  readonly runner: string
  readonly name: string
  readonly pool: string
  readonly online: boolean
  readonly holding: Holding
}
type Row = { runner: string; name: string; pool: string; online: boolean; holds: Holding[] }

const holders = {
  name: 'runners that hold',
  text: `select runner, name, pool, online, capabilities -> 'holds' as holds from vp.runners where workspace = $1 and state <> 'removed' and capabilities -> 'holds' is not null order by name, runner`,
}

/** Every runner of the workspace that holds something. */
export const readHolders = async (tx: Tx): Promise<Row[]> => (await tx.query<Row>(holders, [tx.workspace])).rows

/** Those of them that hold the credential of this connection. */
export const holdersOf = (row: Pick<ConnectionRow, 'tool' | 'name' | 'settings'>, all: readonly Row[]): Holder[] =>
  all.flatMap(({ holds, ...runner }) => {
    const found = chosen(holds, { tool: row.tool, connection: row.name, at: placeAt(row), action: null })
    return 'lacks' in found ? [] : [{ ...runner, holding: found }]
  })

/** Where its credential belongs. */
export const placeAt = ({ tool, settings }: Pick<ConnectionRow, 'tool' | 'settings'>): string =>
  placeOf(settings[actingAt(tool)?.at ?? ''] ?? '')

/** Keeps on held connections who their holders are. Several with different accounts: the first one's counts, by name. */
export const tellAccounts = async (tx: Tx, by: Actor): Promise<void> => {
  const held = (await readConnections(tx)).filter((row) => row.held)
  if (held.length === 0) return
  const all = await readHolders(tx)
  for (const row of held) {
    const account = holdersOf(row, all).find(({ holding }) => holding.account)?.holding.account
    if (!account || JSON.stringify(account) === JSON.stringify(row.account)) continue
    await tx.query(
      'update vp.connections set account = $3, checked_at = vp.now_ms() where workspace = $1 and connection = $2',
      [tx.workspace, row.connection, account],
    )
    record(tx, {
      type: 'connection.changed',
      by,
      data: {
        connection: row.connection,
        tool: row.tool,
        name: row.name,
        settings: row.settings,
        account: account.name,
        secrets: [],
        held: true,
      },
    })
  }
  tx.nudge('connection', held[0]!.connection)
}
