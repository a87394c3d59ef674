/**
 * Whose is an account at a tool?
 * Said by an admin, by the account's own id; events name accounts, and a link decides who may start work. What was said wrong is taken back.
 */
import { accountMistake, type Speaks } from '@viewportai/core/event/account-form'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { readConnections } from '../tools/connections.ts'
import { readPerson } from './read.ts'

type AccountView = { readonly account: string; readonly name: string; readonly person: string; readonly handle: string }

const accounts = {
  name: 'accounts of people',
  text: `select a.account, a.name, a.person, p.handle from vp.person_accounts a join vp.people p on p.workspace = $1 and p.person = a.person
    where a.workspace = $1 order by p.handle, a.account`,
}

const speaking = {
  name: 'sources that speak for accounts',
  text: 'select name, accounts from vp.sources where workspace = $1 and connection is null and removed_at is null order by name',
}

/** Every account that is somebody's, by handle and account. */
export const readAccounts = async (tx: Tx): Promise<AccountView[]> =>
  (await tx.query<AccountView>(accounts, [tx.workspace])).rows

/** Says that an account at a tool is this person, so that events it caused are theirs. What no event can name is refused. An account is one person's; linked again, it takes the name it has now. */
export const linkAccount = async (
  tx: Tx,
  by: Actor,
  person: string,
  { account, name }: { readonly account: string; readonly name: string },
): Promise<Refusal | null> => {
  if (!(await readPerson(tx, person))) return refuse('not_found', { what: 'person', id: person })
  const { rows } = await tx.query<Speaks>(speaking, [tx.workspace])
  const mistake = accountMistake(account, await readConnections(tx), rows)
  if (mistake) return refuse('account_form', { account, ...mistake })
  const { rowCount } = await tx.query(
    `insert into vp.person_accounts (workspace, account, person, name) values ($1, $2, $3, $4)
     on conflict (workspace, account) do update set name = excluded.name where person_accounts.person = excluded.person`,
    [tx.workspace, account, person, name],
  )
  if (rowCount === 0) {
    const of = (await readAccounts(tx)).find((one) => one.account === account)
    return refuse('account_linked', { account, handle: of?.handle ?? 'somebody' })
  }
  record(tx, { type: 'account.linked', by, data: { person, account, name } })
  return null
}

/**
 * Takes back that an account is this person. Runs that it started stay theirs, as it was said then; a start that waits for its turn is judged anew
 * when it comes (`deliveries/queue.ts`).
 */
export const unlinkAccount = async (tx: Tx, by: Actor, person: string, account: string): Promise<Refusal | null> => {
  const { rows } = await tx.query<{ name: string }>(
    'delete from vp.person_accounts where workspace = $1 and account = $2 and person = $3 returning name',
    [tx.workspace, account, person],
  )
  if (rows[0] === undefined) return refuse('not_found', { what: 'account of that person', id: account })
  record(tx, { type: 'account.unlinked', by, data: { person, account, name: rows[0].name } })
  return null
}
