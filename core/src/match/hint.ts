/** What would a person who compares what was wanted with what was found overlook? A hint beside a condition that failed; it decides nothing. */
import type { Condition } from '../workflow/compiled.ts'
import { alikeBut, looks } from './alike.ts'

type Value = string | number | boolean | null | readonly (string | number)[] | undefined

const wantedLooks = new WeakMap<Condition, { text: string; looks: string }[]>() // a condition is frozen with its version, and matched often

/** Texts that the condition wants whole. */
const wantedIn = (condition: Condition): { text: string; looks: string }[] => {
  const held = wantedLooks.get(condition)
  if (held !== undefined) return held
  const { is, contains } = (condition ?? {}) as { is?: unknown; contains?: unknown }
  const texts = [...(Array.isArray(is) ? is : []), contains].filter((one): one is string => typeof one === 'string')
  const found = texts.slice(0, 200).map((text) => ({ text, looks: looks(text) }))
  wantedLooks.set(condition, found)
  return found
}

/** What is made once per event: how the texts of each field look, and how two texts differ that look alike. */
export type Looked = {
  readonly fields: Map<string, { text: string; looks: string }[]>
  readonly pairs: Map<string, string | null>
}
export const nothingLooked = (): Looked => ({ fields: new Map(), pairs: new Map() })

/** Why a condition on `field` does not fit although it seems to; null: nothing seems so. `looked`: kept for all conditions on one event. */
export const hintFor = (field: string, condition: Condition, value: Value, looked: Looked): string | null => {
  const wanted = wantedIn(condition)
  if (wanted.length === 0) return null
  let found = looked.fields.get(field)
  if (found === undefined) {
    const texts = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
    looked.fields.set(field, (found = texts.slice(0, 100).map((text) => ({ text, looks: looks(text) }))))
  }
  for (const one of found)
    for (const want of wanted)
      if (want.looks === one.looks && want.looks !== '') {
        const but = differing(want.text, one.text, looked)
        if (but !== null) return but
      }
  return null
}

const differing = (wanted: string, found: string, { pairs }: Looked): string | null => {
  const key = `${wanted.length} ${wanted}${found}`
  let but = pairs.get(key)
  if (but === undefined) pairs.set(key, (but = alikeBut(wanted, found)))
  return but
}
