/** Whose key is it, and which teams does it see? */
import type { Outside } from '../outside.ts'
import type { Connection, Who } from '../port.ts'
import { askLinear, type Told } from './ask.ts'

const query = `query Who { viewer { id name app } organization { name } teams(first: 250) { nodes { key name } } }`

/** Asks Linear with a key. `told`: all that it said. Throws NotSent or NoWholeAnswer. */
export const who = async (
  connection: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
): Promise<Who<Told>> => {
  const came = await askLinear(connection, outside, query)
  if ('limited' in came) return { problem: 'Linear limits the rate of this key now; try again in a while.' }
  if (!('data' in came)) return { problem: `Linear does not take it: ${'no' in came ? came.no : came.unclear}.` }
  const { viewer, organization } = came.data
  if (typeof viewer?.['id'] !== 'string') return { problem: 'Linear does not say whose key it is.' }
  const name = `${String(viewer['name'])} (${String(organization?.['name'])})`
  return { account: { id: viewer['id'], name }, told: came.data }
}
