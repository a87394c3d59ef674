/** Does the key of a Linear connection work, who are we there, and are the named teams there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { teamsIn } from '@viewportai/core/tools/linear/fields'
import { nearTeam, teamIn } from './look-up.ts'
import { who } from '@viewportai/core/tools/linear/who'

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const base = connection.settings['base'] ?? ''
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    return { problem: `"${base}" is not an address, like https://api.linear.app.` }
  const said = await who(connection, outside)
  if ('problem' in said) return said
  const { viewer, teams } = said.told
  const seen = teams['nodes'] as { key: string; name: string }[]
  const lost = teamsIn(connection).find((name) => teamIn(seen, name) === undefined)
  if (lost !== undefined) {
    const near = nearTeam(seen, lost)
    const there = seen.flatMap(({ key, name }) => [key, name]).slice(0, 60)
    return {
      problem: `The key sees no team ${lost}.${near === null ? '' : ` Is ${near} meant?`} It sees ${there.join(', ')}.`,
    }
  }
  return {
    account: said.account,
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
