/**
 * Which runners hold the credential of a connection, and who does the tool say they are?
 * Runners say it when they come online. The account is kept on the connection, so that what a runner did there is known as our own.
 */
import { serverOf } from '@viewportai/core/tools/reach'
import { chosen, type Holding } from '@viewportai/core/wire/holding'
import { isDeepStrictEqual } from 'node:util'
import type { Account } from '@viewportai/core/tools/port'
import type { Actor } from '@viewportai/core/run/facts'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { accountName } from './account-name.ts'
import { readConnections, type ConnectionRow } from './connections.ts'
import { toolNamed } from './table.ts'

/** A runner with one credential of the tool. */
export type Holder = {
  readonly runner: string
  readonly name: string
  readonly pool: string
  readonly online: boolean
  /** By name, those that an admin let it use. */
  readonly repositories: readonly string[]
  readonly holding: Holding
}
type Row = Omit<Holder, 'holding'> & { holds: Holding[] }

const holders = {
  name: 'runners that hold',
  text: `select runner, name, pool, online, repositories, capabilities -> 'holds' as holds from vp.runners where workspace = $1 and state <> 'removed' and capabilities -> 'holds' is not null order by name, runner`,
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
export const placeAt = (row: Pick<ConnectionRow, 'tool' | 'settings'>): string => serverOf(row.tool, row)

/**
 * Keeps on held connections who their holders say they are. The word of a runner makes no account another one, and none out of somebody's:
 * what that account does would count as our own, and what our own does as a stranger's. A new account is taken where none is kept
 * (a connection that was made or saved) and all who hold it say the same.
 */
export const tellAccounts = async (tx: Tx, by: Actor): Promise<void> => {
  const held = (await readConnections(tx)).filter((row) => row.held)
  if (held.length === 0) return
  const all = await readHolders(tx)
  for (const row of held) {
    const [account, ...others] = accountsSaid(row, all).filter(
      ({ id }) => row.account === null || id === row.account.id,
    )
    if (!account || others.length > 0 || isDeepStrictEqual(account, row.account)) continue
    if (await isSomebodys(tx, row, account.id)) continue
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

/** The different accounts that its holders name. */
const accountsSaid = (row: ConnectionRow, all: readonly Row[]): Account[] =>
  holdersOf(row, all)
    .flatMap(({ holding: { account } }) => (account ? [account] : []))
    .filter((account, at, said) => said.findIndex((one) => isDeepStrictEqual(one, account)) === at)

/** Is this account linked to a person of the workspace? */
const isSomebodys = async (tx: Tx, row: ConnectionRow, id: string): Promise<boolean> => {
  const { tool, connection, name, settings } = row
  const server = toolNamed(tool)?.accountsAt?.({ id: connection, name, settings, account: null }) ?? null
  const { rowCount } = await tx.query('select from vp.person_accounts where workspace = $1 and account = $2', [
    tx.workspace,
    accountName(tool, server, id),
  ])
  return rowCount !== 0
}

/** What its holders say of their account that is not taken, and what to do, or null. */
export const accountProblem = (row: ConnectionRow, holders: readonly Row[]): string | null => {
  const other = holdersOf(row, holders).find(({ holding }) => holding.account && holding.account.id !== row.account?.id)
  if (!other) return null
  const said = `The runner ${other.name} says that its account there is ${other.holding.account!.name}`
  const others = 'take the credential from the runners that should not have it'
  return row.account === null
    ? `${said}, which is not taken: other runners name another one, or it is linked to a person. Unlink it or ${others}, and save the connection.`
    : `${said}; what counts as our own is still ${row.account.name}. If that is meant, save the connection; else ${others}.`
}
