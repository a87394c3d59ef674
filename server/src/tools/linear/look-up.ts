/** Which teams does a key of Linear see, and is a name one of them? */
import { who } from '@viewportai/core/tools/linear/who'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { LookUp } from '../port.ts'

/** So many teams are told at once (`core/src/tools/linear/who.ts`). */
const toldAtMost = 250

type Team = { readonly key: string; readonly name: string }

/** The team of a key or a name, in any letters. */
export const teamIn = (teams: readonly Team[], named: string): Team | undefined =>
  teams.find(({ key, name }) => [key, name].some((one) => one.toLowerCase() === named.trim().toLowerCase()))

/** The key or name that comes nearest, or null. */
export const nearTeam = (teams: readonly Team[], named: string): string | null =>
  nearest(
    named,
    teams.flatMap(({ key, name }) => [name, key]),
  )

export const lookUp: LookUp = {
  what: 'team',
  hidden: 'A private team is seen by its members alone.',
  async names(names, connection, outside) {
    const said = await who(connection, outside)
    if ('problem' in said) throw new Error(said.problem.replace(/\.$/, ''))
    const teams = (said.told['teams']['nodes'] ?? []) as Team[]
    return names.map((name) => {
      const found = teamIn(teams, name)
      if (found) return { called: found.name, also: [found.key] }
      return teams.length < toldAtMost
        ? { near: nearTeam(teams, name) }
        : { unasked: `there are more teams than the ${teams.length} that are read` }
    })
  },
}
