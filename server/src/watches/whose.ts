/**
 * Which person of the workspace is an account at a forge?
 * By its number alone. An account that Viewport itself has or had there is nobody, whoever linked it: with its credential programs act, and what it
 * approves is approved by no person.
 */
import type { ForgeAccount } from '@viewportai/core/run/pull-seen'
import { accountName } from '../tools/account-name.ts'
import type { ByAccount } from '../tools/port.ts'

type Among = {
  readonly tool: string
  /** The server whose numbers these are (`Tool.accountsAt`). */
  readonly at: string | null
  /** Numbers of our own accounts there: of the connections that there are, and of those that were removed. */
  readonly own: ReadonlySet<string>
  readonly byAccount: ByAccount
  /** The handle of a person, or undefined. */
  handleOf(person: string): string | undefined
}

export const whose = (who: ForgeAccount, { tool, at, own, byAccount, handleOf }: Among): ForgeAccount => {
  const account = accountName(tool, at, who.account).slice(0, 200)
  const person = own.has(who.account) ? null : (byAccount(account)?.person ?? null)
  const handle = person === null ? undefined : handleOf(person)
  return { account, name: handle === undefined ? who.name : `@${handle}`, person }
}
