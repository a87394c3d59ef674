/** Does the key of a Linear connection work, who are we there, and are the named teams there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askLinear } from '@viewportai/core/tools/linear/ask'
import { teamsIn } from '@viewportai/core/tools/linear/fields'

const query = `query Who { viewer { id name app } organization { name } teams(first: 250) { nodes { key name } } }`

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const base = connection.settings['base'] ?? ''
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    return { problem: `"${base}" is not an address, like https://api.linear.app.` }
  const came = await askLinear(connection, outside, query)
  if ('limited' in came) return { problem: 'Linear limits the rate of this key now; try again in a while.' }
  if (!('data' in came)) return { problem: `Linear does not take it: ${'no' in came ? came.no : came.unclear}.` }
  const { viewer, organization, teams } = came.data
  if (typeof viewer?.['id'] !== 'string') return { problem: 'Linear does not say whose key it is.' }
  const there = (teams['nodes'] as { key: string; name: string }[]).flatMap(({ key, name }) => [key, name])
  const lost = teamsIn(connection).find((name) => !there.some((one) => one.toLowerCase() === name.toLowerCase()))
  if (lost !== undefined) return { problem: `The key sees no team ${lost}; it sees ${there.slice(0, 60).join(', ')}.` }
  const name = `${String(viewer['name'])} (${String(organization?.['name'])})`
  return {
    account: { id: viewer['id'], name },
    notes: [
      ...(viewer['app'] === true
        ? []
        : [
            `What ${String(viewer['name'])} does in Linear counts as done by Viewport itself and starts nothing. Use a key of an account of its own when that is a person.`,
          ]),
      ...(connection.secrets['signing']
        ? []
        : ['It has no signing secret, so webhooks are refused; Linear is asked every half minute.']),
    ],
  }
}
