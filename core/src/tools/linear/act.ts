/**
 * What do all effects in Linear need?
 * Questions and changes whose answer is judged: a clear no is a failure, a limit is a wait, and what may have happened is looked for. And the issue they are about.
 */
import { brokeOff, Ended, failed } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { askLinear, type Told } from './ask.ts'
import { isOurTeam } from './fields.ts'

export type Ask = (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Told>

/** Asks; throws Ended. `write`: a change, so that an answer nobody understands may hide that it happened. */
export const asking =
  (connection: Connection, outside: Outside, kind: 'read' | 'write' = 'read'): Ask =>
  async (query, variables) => {
    const came = await askLinear(connection, outside, query, variables)
    if ('data' in came) return came.data
    if ('limited' in came) throw new Ended({ is: 'later', why: 'Linear limits the rate', afterMillis: came.limited })
    if ('unclear' in came) throw brokeOff(kind, came.unclear)
    throw failed(
      'refused_there',
      `Linear says no: ${came.no}.`,
      'See what Linear says, and whether the key may do this.',
    )
  }

export type Target = {
  readonly id: string
  readonly identifier: string
  readonly url: string
  readonly state: { readonly id: string; readonly name: string }
  readonly assignee: { readonly id: string; readonly name: string } | null
  readonly team: { readonly id: string; readonly key: string; readonly name: string }
}

const query = `query Target($id: String!) {
  issue(id: $id) { id identifier url state { id name } assignee { id name } team { id key name } }
}`

/** The issue by its key (OPS-7) or its id. Throws Ended: it is not there, or of a team that the connection does not name. */
export const targetOf = async (connection: Connection, ask: Ask, target: string): Promise<Target> => {
  const found = (
    await ask(query, { id: target }).catch((error: Error) => {
      // Linear says no to the question when there is no such issue.
      if (error instanceof Ended && error.went.is === 'failed' && /not found/i.test(error.message))
        return { issue: null }
      throw error
    })
  )['issue'] as Target | null
  if (!found)
    throw failed(
      'no_such_target',
      `Linear has no issue ${target}, or the key may not see it.`,
      'See the key of the issue.',
    )
  if (!isOurTeam(connection, found.team))
    throw failed(
      'outside_workflow',
      `${found.identifier} is in the team ${found.team.name}, which the connection ${connection.name} does not name.`,
      'Add the team to the connection when it is meant.',
    )
  return found
}

/** What a receipt says of an issue: by `ref` later actions find it. */
export const seen = ({ id, identifier }: Pick<Target, 'id' | 'identifier'>): Record<string, string> => ({
  ref: id,
  key: identifier,
})

/** One of several by its id or its name; the exact name counts first. Throws Ended with the names there are. */
export const named = <T extends { readonly id: string; readonly name: string }>(
  all: readonly T[],
  name: string,
  what: string,
): T => {
  const exact = all.filter((one) => one.id === name || one.name === name)
  const near = exact.length > 0 ? exact : all.filter((one) => one.name.toLowerCase() === name.toLowerCase())
  if (near.length === 1) return near[0]!
  const names = all
    .map((one) => one.name)
    .slice(0, 40)
    .join(', ')
  throw failed(
    'no_such_name',
    near.length === 0 ? `There is no ${what} ${name}; there are ${names || 'none'}.` : `${what} ${name} is ambiguous.`,
    `Name one of them in the workflow.`,
  )
}
