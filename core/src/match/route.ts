/**
 * Where does a workflow say that this event is worked on?
 * Every row is looked at and explained. Rows that fit and lead to one place decide; where they lead to several, or none fits, a person does.
 */
import { z } from 'zod'
import { canonical } from '../digest/canonical.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { conditionHolds, type Value } from '../policy/condition.ts'
import { revealed } from '../policy/hidden.ts'
import type { Route, RoutePlace } from '../workflow/compiled.ts'
import { routePlaces } from '../workflow/route-places.ts'
import { sayCondition, sayValue } from '../workflow/summary/condition.ts'
import { sayPlace } from '../workflow/summary/route.ts'
import { hintFor, textsIn, wantedIn, type Pairs } from './hint.ts'
import type { InputValue } from './inputs.ts'

/** One row as it was looked at. `place`: index of `routePlaces`. */
const RouteRowSeen = z.strictObject({
  row: z.int().nonnegative(),
  fits: z.boolean(),
  place: z.int().nonnegative(),
  leads: z.string(),
  conditions: z.array(
    z.strictObject({
      field: z.string(),
      expected: z.string(),
      found: z.string(),
      pass: z.boolean(),
      /** What one would overlook, where it does not fit. */
      why: z.string().optional(),
    }),
  ),
})
/** `chosen`: index of `routePlaces`; null: a person is asked, `among` which places. */
export const RouteSeen = z.strictObject({
  chosen: z.int().nonnegative().nullable(),
  among: z.array(z.int().nonnegative()),
  why: z.string(),
  rows: z.array(RouteRowSeen),
})
export type RouteSeen = z.infer<typeof RouteSeen>

/** Where this event goes, with each row explained. */
export const routeOf = (
  route: Route,
  event: Pick<TriggerEvent, 'fields'>,
  inputs: Readonly<Record<string, InputValue>> = {},
): RouteSeen => {
  const places = routePlaces(route)
  const indexOf = (place: RoutePlace): number => places.findIndex((one) => canonical(one) === canonical(place))
  const pairs: Pairs = new Map()
  const rows = route.rows.map(({ when, place }, row) => {
    const conditions = Object.entries(when).map(([field, condition]) => {
      const value = valueOf(field, event, inputs)
      // What an event does not carry fits nothing, also not `not`.
      const pass = conditionHolds(condition, value) === 'yes'
      const why = pass ? null : hintFor(wantedIn(condition), textsIn(value), pairs)
      return { field, expected: sayCondition(condition), found: say(value), pass, ...(why !== null && { why }) }
    })
    return {
      row,
      fits: conditions.every(({ pass }) => pass),
      place: indexOf(place),
      leads: sayPlace(place),
      conditions,
    }
  })
  const fitting = rows.filter(({ fits }) => fits)
  const found = [...new Set(fitting.map(({ place }) => place))]
  const numbers = fitting.map(({ row }) => row + 1).join(' and ')
  if (found.length === 1)
    return {
      chosen: found[0]!,
      among: found,
      why: `Row ${numbers} fits: ${sayPlace(places[found[0]!]!)}.`,
      rows,
    }
  if (found.length > 1)
    return {
      chosen: null,
      among: found,
      why: `Rows ${numbers} fit and lead to different places: a person decides.`,
      rows,
    }
  if (route.otherwise !== 'ask') {
    const place = indexOf(route.otherwise)
    return {
      chosen: place,
      among: [place],
      why: `No row fits, so it goes where \`else\` says: ${sayPlace(route.otherwise)}.`,
      rows,
    }
  }
  const near = rows.find(({ conditions }) =>
    conditions.filter(({ pass }) => !pass).every(({ why }) => why !== undefined),
  )
  const seems = near?.conditions.find(({ why }) => why !== undefined)
  return {
    chosen: null,
    among: places.map((_, at) => at),
    why: `No row fits: a person decides.${seems ? ` Row ${near!.row + 1} seems to: ${seems.field} ${seems.expected}, and ${seems.found} was found; ${seems.why}.` : ''}`,
    rows,
  }
}

const valueOf = (
  field: string,
  { fields }: Pick<TriggerEvent, 'fields'>,
  inputs: Readonly<Record<string, InputValue>>,
): Value | undefined => {
  const [held, name] = field.startsWith('inputs.') ? [inputs, field.slice(7)] : [fields, field]
  return Object.hasOwn(held, name) ? (held[name] as Value) : undefined
}

const say = (value: Value | undefined): string => {
  if (value === undefined) return 'not known'
  if (value === null || value === '') return 'nothing'
  const text = Array.isArray(value) ? value.slice(0, 50).map(sayValue).join(', ') || 'none' : String(value)
  const shown = revealed(text.slice(0, 400)).replace(/\s+/g, ' ')
  return shown.length > 200 ? `${shown.slice(0, 199).toWellFormed()}…` : shown
}
