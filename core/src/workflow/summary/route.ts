/** Where does an event go, in words? */
import type { Compiled, RoutePlace } from '../compiled.ts'
import { sayCondition } from './condition.ts'
import { line, type Line } from './line.ts'

/** `acme/payments-api, team payments, pool big, agent codex`. */
export const sayPlace = ({ repo, team, pool, agent }: RoutePlace): string =>
  [repo, team && `team ${team}`, pool && `pool ${pool}`, agent && `agent ${agent}`].filter(Boolean).join(', ')

/** A sentence per row, and what holds where none fits. */
export const sayRoute = ({ route, team }: Compiled): Line[] =>
  route === undefined
    ? []
    : [
        ...route.rows.map(({ when, place }) =>
          line(
            `Where ${Object.entries(when)
              .map(([field, condition]) => `${field} ${sayCondition(condition)}`)
              .join(' and ')}: ${sayPlace(place)}.`,
          ),
        ),
        route.otherwise === 'ask'
          ? line(
              `Where no row fits, or rows lead to different places, ${team === null ? 'an admin' : `team ${team}`} is asked before anything begins.`,
              true,
            )
          : line(
              `Where no row fits: ${sayPlace(route.otherwise)}. Where rows lead to different places, a person is asked.`,
            ),
      ]
