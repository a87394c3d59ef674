/**
 * Which rows decide where an event is worked on?
 * A map is rows on one field. Checks fields against the triggers, and that every place is whole. It never asks whether a place exists.
 */
import { eventForm, fieldKind, tools } from '../../event/tools.ts'
import type { RoutePlace, Route, Trigger } from '../compiled.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import type { PlaceWritten, RouteWritten } from '../written/route.ts'
import { kindRefusal, kindWords, lowerCondition, spelled } from './triggers.ts'

type Triggers = { triggers: readonly Trigger[]; triggersBroken: boolean }

/** The rows in their order; null where nothing is routed, or what is written cannot be read. */
export const lowerRoute = (
  written: RouteWritten | undefined,
  { triggers, triggersBroken, team }: Triggers & { team: string | null },
  mistakes: Mistakes,
): Route | null => {
  if (written === undefined) return null
  const rows: Route['rows'] = []
  let otherwise: Route['otherwise'] = 'ask'
  const places: { place: RoutePlace; path: Path }[] = []
  const place = (held: PlaceWritten, path: Path): RoutePlace => {
    const {
      repo = null,
      team: own = null,
      pool = null,
      agent = null,
    } = typeof held === 'string' ? { repo: held } : held
    const made = { repo, team: own, pool, agent }
    places.push({ place: made, path })
    return made
  }
  const elseOf = (held: 'ask' | PlaceWritten, path: Path): Route['otherwise'] =>
    held === 'ask' ? 'ask' : place(held, path)
  const field = (name: string, path: Path): boolean => triggersBroken || isField(name, triggers, path, mistakes)
  if (!Array.isArray(written)) {
    const known = field(written.by, ['route', 'by'])
    const kind = known ? kindOf(written.by, triggers) : null
    for (const [value, held] of Object.entries(written.map)) {
      const is = valuesOf(value, kind)
      if (kind === 'number' && !Number.isFinite(is[0] as number))
        mistakes.add({
          code: 'wrong_value',
          path: ['route', 'map', value],
          at: 'key',
          message: `\`${written.by}\` is a number; \`${value.slice(0, 60)}\` is none.`,
          found: value.slice(0, 60),
          expected: 'a number',
        })
      rows.push({ when: { [written.by]: { is } }, place: place(held, ['route', 'map', value]) })
    }
    if (rows.length === 0)
      mistakes.add({
        code: 'wrong_value',
        path: ['route', 'map'],
        message: 'An empty map leads nowhere.',
        expected: 'a value with its place',
      })
    if (written.else !== undefined) otherwise = elseOf(written.else, ['route', 'else'])
  } else
    for (const [at, row] of written.entries()) {
      const path = ['route', at]
      const { when, else: last, ...held } = row
      if (last !== undefined) {
        if (when !== undefined || Object.keys(held).length > 0 || at < written.length - 1)
          mistakes.add({
            code: 'contradiction',
            path: [...path, 'else'],
            at: 'key',
            message: '`else` stands alone in the last row: it is what holds where no other row fits.',
            expected: 'a last row of its own',
          })
        else otherwise = elseOf(last, [...path, 'else'])
        continue
      }
      const conditions = Object.entries(when ?? {})
      if (conditions.length === 0)
        mistakes.add({
          code: 'missing',
          path,
          message: 'A row needs `when`: which events go there?',
          expected: 'when: { FIELD: VALUE }',
        })
      if (Object.keys(held).length === 0)
        mistakes.add({
          code: 'missing',
          path,
          message: 'This row leads nowhere: name a repo, team, pool or agent.',
          expected: 'repo, team, pool, agent',
        })
      const lowered: Route['rows'][number]['when'] = {}
      for (const [name, condition] of conditions) {
        if (!field(name, [...path, 'when', name])) continue
        const as = triggers.map(({ tool }) => tools[tool]?.spelled?.[name]).find((one) => one !== undefined)
        lowered[name] = spelled(lowerCondition(condition), as)
        const kind = kindOf(name, triggers)
        const wrong = kind && kindRefusal(lowered[name], kind)
        if (wrong)
          mistakes.add({
            code: 'wrong_value',
            path: [...path, 'when', name],
            message: `\`${name}\` is ${kindWords[kind]}; ${wrong}.`,
            expected: kindWords[kind],
          })
      }
      rows.push({ when: lowered, place: place(held, path) })
    }
  if (rows.length === 0 && mistakes.count() === 0)
    mistakes.add({
      code: 'missing',
      path: ['route'],
      message: 'Nothing but `else` leads nowhere else; write it without `route`.',
      expected: 'a row with when',
    })
  checkPlaces(places, team, mistakes)
  return { rows, otherwise }
}

/** Every place says the same things: a run whose repository hangs on the row that fits, and on nothing where another fits, is nobody's wish. */
const checkPlaces = (
  places: readonly { place: RoutePlace; path: Path }[],
  team: string | null,
  mistakes: Mistakes,
): void => {
  if (places.some(({ place }) => place.repo !== null))
    for (const { place, path } of places)
      if (place.repo === null)
        mistakes.add({
          code: 'missing',
          path,
          message: 'Other places name a repository and this one does not; name one in each of them, or in none.',
          expected: 'repo',
        })
  if (team === null && places.some(({ place }) => place.team !== null))
    for (const { place, path } of places)
      if (place.team === null)
        mistakes.add({
          code: 'missing',
          path,
          message: 'Other places name a team and this one does not; name one here, or `team` of the workflow.',
          expected: 'team',
        })
}

const isField = (name: string, triggers: readonly Trigger[], path: Path, mistakes: Mistakes): boolean => {
  if (kindOf(name, triggers) !== null) return true
  const words = fieldsOf(triggers)
  mistakes.add({
    code: 'unknown_field',
    path,
    at: path.at(-1) === 'by' ? 'value' : 'key',
    message: `No event that starts this has a field \`${name.slice(0, 60)}\`.`,
    found: name.slice(0, 60),
    expected: words.length > 0 ? words.join(', ') : 'inputs.NAME, with inputs at the trigger',
    words,
    word: name,
  })
  return false
}

/** What a key of a map stands for: keys are texts, and a sender's own field may hold a number or a yes that is written the same. */
const valuesOf = (key: string, kind: ReturnType<typeof fieldKind>): (string | number | boolean)[] => {
  if (kind === 'number') return [Number(key)]
  if (kind === 'flag') return [key === 'true']
  if (kind !== 'any') return [key]
  const number = Number(key)
  return [
    key,
    ...(key !== '' && String(number) === key ? [number] : []),
    ...(key === 'true' || key === 'false' ? [key === 'true'] : []),
  ]
}

/** The kind of a field in the first trigger that carries it, or null. Inputs of a person or a program are `inputs.NAME`. */
const kindOf = (name: string, triggers: readonly Trigger[]): NonNullable<ReturnType<typeof fieldKind>> | null => {
  for (const { tool, event, inputs } of triggers) {
    if (name.startsWith('inputs.') && Object.hasOwn(inputs, name.slice(7)))
      return ({ string: 'text', number: 'number', boolean: 'flag' } as const)[inputs[name.slice(7)]!.type]
    const kind = fieldKind(tool, event, name)
    if (kind !== null) return kind
  }
  return null
}

const fieldsOf = (triggers: readonly Trigger[]): string[] => [
  ...new Set(
    triggers.flatMap(({ tool, event, inputs }) => [
      ...Object.keys(eventForm(tool, event)?.fields ?? {}),
      ...Object.keys(inputs).map((input) => `inputs.${input}`),
    ]),
  ),
]

/** Does it say which team? Then gates that name nobody ask the team that was chosen. */
export const namesTeams = (route: Route): boolean =>
  [...route.rows.map(({ place }) => place), ...(route.otherwise === 'ask' ? [] : [route.otherwise])].some(
    ({ team }) => team !== null,
  )
