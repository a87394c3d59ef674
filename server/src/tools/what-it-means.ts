/**
 * What does a connection that was made or changed mean for what stands beside it?
 * Said at once to whoever did it, for later it shows only where it no longer works: sentences, and nothing is changed.
 */
import type { Tx } from '../database/tenant.ts'
import { readAccounts } from '../people/accounts.ts'
import { accountName } from './account-name.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import { channelsIn } from '@viewportai/core/tools/slack/fields'
import { readConnections, type ConnectionRow } from './connections.ts'
import { lookUpAt, noneSuch, unaskedNote } from './look-up.ts'
import type { Connection, Tool } from './port.ts'

/** A runner holds one of several connections to a tool: no workflow that acts there can start (`deliveries/spec.ts`). `title`: how people call the tool. */
export const besideNotes = async (tx: Tx, tool: string, title: string): Promise<string[]> => {
  const all = (await readConnections(tx)).filter((one) => one.tool === tool)
  const held = all.find((one) => one.held)
  // Targets of webhooks are named by the workflow, one by one.
  if (tool === 'webhook' || held === undefined || all.length < 2) return []
  return [
    `There are ${all.length} connections to ${title}, and a runner holds the credential of ${held.name}: with one so held it must be the only one. Until then no workflow that acts in ${title} can start: remove the others, or keep its credential here with \`viewport connections change ${held.connection} --by viewport\`.`,
  ]
}

/** Accounts of people that are named by numbers of the server it was at (`before`), and that no connection tells of any more. */
export const lostAccounts = async (
  tx: Tx,
  tool: Tool,
  before: ConnectionRow,
  settings: ConnectionRow['settings'],
): Promise<string[]> => {
  const at = (row: Pick<ConnectionRow, 'connection' | 'name' | 'settings'>): string | null =>
    tool.accountsAt?.({ id: row.connection, name: row.name, settings: row.settings, account: null }) ?? null
  const [was, is] = [at(before), at({ ...before, settings })]
  // With itself: where it still is at the same server, nobody is lost.
  const rest = (await readConnections(tx)).filter((one) => one.tool === before.tool)
  if (rest.some((one) => at(one) === was)) return []
  const prefix = accountName(before.tool, was, '')
  const lost = (await readAccounts(tx)).filter(
    ({ account }) => account.startsWith(prefix) && !account.slice(prefix.length).includes('/'),
  )
  if (lost.length === 0) return []
  const named = lost.slice(0, 20).map(({ account, handle }) => `${account} (@${handle})`)
  return [
    `${lost.length === 1 ? 'An account is' : `${lost.length} accounts are`} linked by numbers of ${was ?? `${before.tool}.com`}, which no event names any more: ${named.join(', ')}${lost.length > 20 ? ' and more' : ''}. Until they are linked by their numbers at ${is ?? `${before.tool}.com`}, what these people do there is an outsider's: \`viewport people link @HANDLE ${accountName(before.tool, is, 'NUMBER')}\`.`,
  ]
}

/** Channels that are set for teams that nobody here has: their messages would go nowhere, and a slip in the name shows in nothing else. */
export const homelessNotes = async (tx: Tx, values: Readonly<Record<string, string>>): Promise<string[]> => {
  const said = Object.keys(values).filter((name) => name.startsWith('home.') && values[name] !== '')
  if (said.length === 0) return []
  const teams = (
    await tx.query<{ slug: string }>('select slug from vp.teams where workspace = $1 order by slug', [tx.workspace])
  ).rows.map(({ slug }) => slug)
  return said
    .filter((name) => !teams.includes(name.slice('home.'.length)))
    .map(
      (name) =>
        `${name} is kept, and there is no team called ${name.slice('home.'.length)}; there are ${teams.slice(0, 20).join(', ') || 'none'}. Take it back with \`--set ${name}=\`, where it was a slip.`,
    )
}

/**
 * Channels that are said in `shared`, by which nothing is asked when it is connected: what the tool does not show is told, and what it could not be asked; and places of messages (`home`) at a
 * tool that has none. Those of Slack its own check looks at. Called outside of every transaction. `title`: how people call the tool; `held`: a runner has the credential.
 */
export const strangePlaces = async (
  tool: Pick<Tool, 'lookUp' | 'poll' | 'actions'>,
  title: string,
  connection: Omit<Connection, 'account'>,
  values: Readonly<Record<string, string>>,
  { outside, held }: { readonly outside: Outside; readonly held: boolean },
): Promise<string[]> => {
  const homes = Object.entries(values).filter(([name, value]) => /^home(\.|$)/.test(name) && value.trim() !== '')
  if (tool.lookUp?.what !== 'channel')
    return homes.map(
      ([name]) => `${name} is kept, and nothing goes by it: only in Slack messages go where nothing was said before.`,
    )
  const said = (values['shared'] === undefined ? [] : channelsIn({ settings: values }, 'shared')).map((name) => ({
    setting: 'shared',
    name,
  }))
  if (said.length === 0) return []
  const names = [...new Set(said.map(({ name }) => name))]
  const answers = held
    ? names.map(() => ({ unasked: 'a runner holds the credential' }))
    : await lookUpAt(tool.lookUp, connection, names, outside)
  const of = new Map(names.map((name, at) => [name, answers[at]!]))
  return [
    ...said.flatMap(({ setting, name }) => {
      const known = of.get(name)!
      return 'near' in known
        ? [`${setting} is kept as it was said. ${noneSuch(name, known.near, title, tool.lookUp!)}`]
        : []
    }),
    ...unaskedNote(title, tool.lookUp, [...of]),
  ]
}
