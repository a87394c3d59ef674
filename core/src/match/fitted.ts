/**
 * How would this sample look if it met the conditions of a trigger?
 * Sets fields to what each condition wants, and says which: a sample tries a workflow, it does not tell of anything that happened.
 */
import { fieldKind } from '../event/tools.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { conditionHolds } from '../policy/condition.ts'
import type { Condition, Trigger } from '../workflow/compiled.ts'

type Field = TriggerEvent['fields'][string]

/** The fields with every condition met where that can be done by setting a value; `set`: the names of those that were set. */
export const fitted = (
  fields: TriggerEvent['fields'],
  trigger: Trigger,
): { fields: TriggerEvent['fields']; set: string[] } => {
  const made = { ...fields }
  const set: string[] = []
  for (const [field, condition] of Object.entries(trigger.where)) {
    if (conditionHolds(condition, Object.hasOwn(made, field) ? made[field] : undefined) === 'yes') continue
    const kind = fieldKind(trigger.tool, trigger.event, field)
    const value =
      kind === null ? undefined : candidates(condition, kind).find((one) => conditionHolds(condition, one) === 'yes')
    if (value === undefined) continue
    made[field] = value
    set.push(field)
  }
  return { fields: made, set }
}

/** Values that may meet a condition; each is tried. */
const candidates = (condition: Condition, kind: NonNullable<ReturnType<typeof fieldKind>>): Field[] => {
  const as = (value: string | number | boolean): Field => (kind === 'list' ? [value as string | number] : value)
  if ('is' in condition) return condition.is.map(as)
  if ('prefix' in condition) return [as(condition.prefix)]
  if ('contains' in condition) return [as(condition.contains)]
  if ('glob' in condition)
    return ['x', 'x.ts', ''].map((word) => as(condition.glob.replace(/\*+/g, word).replaceAll('?', 'x')))
  if ('exists' in condition)
    return condition.exists
      ? [as(kind === 'number' ? 1 : kind === 'flag' ? true : 'sample')]
      : [kind === 'list' ? [] : null]
  if ('gt' in condition) return [as(condition.gt + 1)]
  if ('lt' in condition) return [as(condition.lt - 1)]
  return kind === 'list'
    ? [[]]
    : kind === 'flag'
      ? [true, false]
      : kind === 'number'
        ? [0, 1, -1, 1e9]
        : ['sample', 'another sample', null]
}
