/**
 * What does a run work on, once it is known where its event goes?
 * Takes from a frozen spec with several places the one that was chosen. The frozen spec never changes.
 */
import { atPlace } from '../workflow/at-place.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { routePlaces } from '../workflow/route-places.ts'
import type { RunSpec } from './spec.ts'

/** Must a person still say where it goes? */
export const isUnrouted = ({ spec, routed }: { spec: RunSpec; routed: number | null }): boolean =>
  spec.routing !== undefined && routed === null

/** A frozen spec as a run has it: at the place that was chosen, with the frozen one beside it where it is another. A place that it does not hold changes nothing. */
export const placed = (frozen: RunSpec, routed: number | null): { spec: RunSpec; frozen: RunSpec | null } => {
  if (routed === null) return { spec: frozen, frozen: null }
  const { compiled } = frozen.workflow
  const option = frozen.routing?.options[routed]
  const place = compiled.route && routePlaces(compiled.route)[routed]
  if (!option || !place) return { spec: frozen, frozen: null }
  const at = atPlace(compiled, place)
  const has = (name: string): boolean => at.repos.some((repo) => repo.name === name)
  return {
    frozen,
    spec: {
      ...frozen,
      workflow: { ...frozen.workflow, compiled: at },
      pins: {
        ...frozen.pins,
        repos: frozen.pins.repos.filter(({ name }) => has(name)),
        agents: option.agents,
        pool: option.pool,
      },
    },
  }
}

/** What the question about it is called. */
export const routeAbout = 'route'
/** Who is asked it: the team that the workflow names besides its rows, else an admin. */
export const routeAskers = ({ team }: Pick<Compiled, 'team'>): string[] => [
  team === null ? 'role:admin' : `team:${team}`,
]
