/** Which places can a route lead to? */
import { canonical } from '../digest/canonical.ts'
import type { Route, RoutePlace } from './compiled.ts'

/** Every place that a route can lead to, each once, in the order of the rows; the one of `else` last. */
export const routePlaces = (route: Route): RoutePlace[] => {
  const places = new Map<string, RoutePlace>()
  for (const place of [...route.rows.map((row) => row.place), ...(route.otherwise === 'ask' ? [] : [route.otherwise])])
    if (!places.has(canonical(place))) places.set(canonical(place), place)
  return [...places.values()]
}
