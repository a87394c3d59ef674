/**
 * How is written where an event is worked on?
 * A map from the values of one field, or rows of conditions. Form only: fields are checked against the triggers by the compiler.
 */
import { z } from 'zod'
import { ConditionWritten } from './condition.ts'
import { AgentName, PoolName, RepoName, TeamName } from './names.ts'
import { formed, keyed, say } from './say.ts'

const place = {
  repo: RepoName.optional(),
  team: TeamName.optional(),
  pool: PoolName.optional(),
  agent: AgentName.optional(),
}
const noun = 'a place: a repository as owner/name, or { repo, team, pool, agent }'

/** Where it goes: a repository alone, or any of repository, team, pool and agent. */
const Place = z.union(
  [RepoName, keyed('a place', place).refine((held) => Object.keys(held).length > 0, say(noun))],
  say(noun),
)
export type PlaceWritten = z.infer<typeof Place>
const Else = z.union([z.literal('ask'), Place], say('ask, or a place'))
const Field = formed('a field of the event, such as project, or inputs.NAME', /^[A-Za-z][A-Za-z0-9_.-]{0,79}$/)

const Row = keyed('a row', {
  when: z.record(Field, ConditionWritten, say('conditions on fields, such as { project: Checkout }')).optional(),
  else: Else.optional(),
  ...place,
})
export type RowWritten = z.infer<typeof Row>

export const RouteWritten = z.union(
  [
    keyed('a route', {
      by: Field,
      map: z.record(
        z.string().min(1, say('a value')).max(500, say('a value of at most 500 characters')),
        Place,
        say('values with their places, such as PAY: acme/payments-api'),
      ),
      else: Else.optional(),
    }),
    z
      .array(Row, say('rows of { when, repo, team, pool, agent }'))
      .min(1, say('at least one row'))
      .max(200, say('at most 200 rows')),
  ],
  say('{ by, map, else }, or rows of { when, repo, team, pool, agent }'),
)
export type RouteWritten = z.infer<typeof RouteWritten>
