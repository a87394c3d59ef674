/** Which workflow versions is an event held against, and who are the people in it? Versions never change, so they are prepared once. */
import { prepareWorkflows, type PreparedWorkflows, type WorkflowEntry } from '@viewportai/core/match/match'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import type { PersonView } from '../people/read.ts'
import type { StoredVersion } from '../workflows/read.ts'
import type { ByAccount } from './read-event.ts'

export type Listening = { readonly prepared: PreparedWorkflows; readonly stored: ReadonlyMap<string, StoredVersion> }

const key = {
  name: 'workflows key',
  text: `select coalesce(string_agg(workflow || ' ' || version || ' ' || enabled, ',' order by workflow), '') as key from vp.workflows where workspace = $1 and version > 0`,
}
const all = {
  name: 'workflows listening',
  text: `select w.workflow, w.name, v.version, w.version as current, v.digest, w.enabled, w.team, '' as source, v.compiled from vp.workflows w
    join vp.workflow_versions v on v.workspace = w.workspace and v.workflow = w.workflow and v.version = w.version where w.workspace = $1`,
}
const kept = new WeakMap<object, Map<string, { key: string; listening: Listening }>>()
const workspacesKept = 200

/** The current versions of a workspace's workflows; disabled ones too, so that the why page can say so. `owner`: whose memory it is (the database). */
export const listeningIn = async (tx: Tx, owner: object): Promise<Listening> => {
  const now = (await tx.query<{ key: string }>(key, [tx.workspace])).rows[0]!.key
  const memory = kept.get(owner) ?? new Map<string, { key: string; listening: Listening }>()
  kept.set(owner, memory)
  const held = memory.get(tx.workspace)
  if (held?.key === now) return held.listening
  const { rows } = await tx.query<StoredVersion & { compiled: Compiled }>(all, [tx.workspace])
  const listening = {
    prepared: prepareWorkflows(rows.map(entryOf)),
    stored: new Map(rows.map((row) => [row.workflow, row])),
  }
  if (memory.size >= workspacesKept) memory.clear()
  memory.set(tx.workspace, { key: now, listening })
  return listening
}

export const entryOf = (stored: StoredVersion): WorkflowEntry => ({
  id: stored.workflow,
  name: stored.name,
  version: stored.version,
  enabled: stored.enabled,
  compiled: stored.compiled,
})

/** handle -> id of everybody who is here now. */
export const handlesOf = (people: readonly PersonView[]): Map<string, string> =>
  new Map(people.filter((one) => one.active).map((one) => [one.handle, one.id]))

const accounts = { name: 'accounts', text: 'select account, person from vp.person_accounts where workspace = $1' }

const account = { name: 'account', text: `${accounts.text} and account = $2` }
type Linked = { account: string; person: string }
const byName = (rows: readonly Linked[]): Map<string, string> => new Map(rows.map((row) => [row.account, row.person]))

/** account -> id of its person. */
export const accountsIn = async (tx: Tx): Promise<Map<string, string>> =>
  byName((await tx.query<Linked>(accounts, [tx.workspace])).rows)

/** The same of one account alone. */
export const accountIn = async (tx: Tx, id: string): Promise<Map<string, string>> =>
  byName((await tx.query<Linked>(account, [tx.workspace, id])).rows)

/** People by the ids of their accounts; somebody who has left is nobody. */
export const peopleBy =
  (byAccount: ReadonlyMap<string, string>, people: readonly PersonView[]): ByAccount =>
  (account) => {
    const person = people.find((one) => one.id === byAccount.get(account) && one.active)
    return person ? { person: person.id, name: person.name, teams: person.teams } : null
  }
