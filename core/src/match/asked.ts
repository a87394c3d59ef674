/**
 * What does a trigger ask of an event?
 * Made once per version of a workflow. Triggers that ask the same share one of these, so that it is judged, and said, once per event.
 */
import { fieldKind } from '../event/tools.ts'
import { readCondition, type ReadCondition } from '../policy/condition.ts'
import type { Condition, Trigger } from '../workflow/compiled.ts'
import { sayCondition, sayShould } from '../workflow/summary/condition.ts'
import { wantedIn, type Text } from './hint.ts'

/**
 * What a trigger wants of one field. `known` false: this version knows no such field of the event. `field`: the place of the field's name among those that
 * are asked for. `at`: its place among what several want; -1: one trigger alone wants it. What is said of it whatever comes is made when it is first said.
 */
export type Wish = {
  readonly name: string
  readonly field: number
  readonly condition: Condition
  readonly read: ReadCondition
  readonly known: boolean
  at: number
  expected: string | null
  should: string | null
  wanted: readonly Text[] | null
}
/** Of the event itself, of who did it, of whether a run did it: by the places of what is shared. */
export type Asked = {
  readonly trigger: Trigger
  readonly by: number
  readonly own: number
  readonly wishes: readonly Wish[]
}
/** What the triggers that listen to one kind of event have in common. `shared`: how many places there are. */
export type Shared = {
  shared: number
  readonly places: Map<string, number>
  readonly fields: Map<string, number>
  readonly wishes: Map<string, Wish>
}

/** The first place is that of the event itself. */
export const eventAt = 0
export const nothingShared = (): Shared => ({ shared: 1, places: new Map(), fields: new Map(), wishes: new Map() })

export const askedBy = (trigger: Trigger, shared: Shared): Asked => ({
  trigger,
  by: placeOf(shared, `by ${trigger.ownEvents} ${trigger.startedBy.join(' ')}`),
  own: placeOf(shared, `own ${trigger.ownEvents}`),
  wishes: Object.entries(trigger.where).map(([name, condition]) => wishFor(shared, trigger, name, condition)),
})

const placeOf = (shared: Shared, key: string): number => {
  let place = shared.places.get(key)
  if (place === undefined) shared.places.set(key, (place = shared.shared++))
  return place
}

const wishFor = (shared: Shared, { tool, event }: Trigger, name: string, condition: Condition): Wish => {
  const key = JSON.stringify([name, condition])
  const held = shared.wishes.get(key)
  if (held) {
    if (held.at < 0) held.at = shared.shared++
    return held
  }
  let field = shared.fields.get(name)
  if (field === undefined) shared.fields.set(name, (field = shared.fields.size))
  const wish: Wish = {
    name,
    field,
    condition,
    read: readCondition(condition),
    known: fieldKind(tool, event, name) !== null,
    at: -1,
    expected: null,
    should: null,
    wanted: null,
  }
  shared.wishes.set(key, wish)
  return wish
}

/** What is expected, as it stands in the row. */
export const expectedOf = (wish: Wish): string =>
  (wish.expected ??= sayCondition(wish.condition).replace(/^is (?!there|not |above|below)/, ''))

/** How a sentence begins that says that it alone failed: what the event should have. */
export const shouldOf = (wish: Wish): string =>
  (wish.should ??= `Only one condition fails: ${wish.name} ${sayShould(wish.condition)}, and `)

/** The texts it wants whole, with how they look. */
export const wantedOf = (wish: Wish): readonly Text[] => (wish.wanted ??= wantedIn(wish.condition))
