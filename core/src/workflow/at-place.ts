/**
 * What does a workflow with a route say at one of its places?
 * The same workflow with the repository, team, pool and agent of that place, and no route. It never chooses.
 */
import type { Compiled, RoutePlace } from './compiled.ts'
import { routePlaces } from './route-places.ts'

/** Stands in approvers for the team of whichever place is chosen. */
export const routedTeam = 'team:routed'

/** The workflow at this place; one without a route as it is. */
export const atPlace = ({ route, ...compiled }: Compiled, place: RoutePlace): Compiled => {
  if (route === undefined) return compiled
  const places = routePlaces(route)
  const candidates = new Set(places.map(({ repo }) => repo))
  const team = place.team ?? compiled.team
  const teams = (approvers: readonly string[]): string[] => [
    ...new Set(approvers.map((who) => (who === routedTeam && team !== null ? `team:${team}` : who))),
  ]
  return {
    ...compiled,
    team,
    repos: compiled.repos.filter(({ name }) => !candidates.has(name) || name === place.repo),
    runner: { ...compiled.runner, pool: place.pool ?? compiled.runner.pool },
    steps: compiled.steps.map((step) => {
      if (step.kind === 'agent') return { ...step, agent: step.agent ?? place.agent }
      if (step.kind === 'remember') return { ...step, approvers: teams(step.approvers) }
      if (step.kind !== 'gate') return step
      const { onExpiry } = step
      return {
        ...step,
        approvers: teams(step.approvers),
        onExpiry: onExpiry === 'reject' ? onExpiry : { escalate: teams(onExpiry.escalate) },
      }
    }),
  }
}

/** The workflow at each of its places, in the order of `routePlaces`; one without a route alone. */
export const atEachPlace = (compiled: Compiled): Compiled[] =>
  compiled.route === undefined ? [compiled] : routePlaces(compiled.route).map((place) => atPlace(compiled, place))
