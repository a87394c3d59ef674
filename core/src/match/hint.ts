/** What would a person who compares what was wanted with what was found overlook? A hint beside a condition that failed; it decides nothing. */
import type { Condition } from '../workflow/compiled.ts'
import { alikeBut, looks } from './alike.ts'

type Value = string | number | boolean | null | readonly (string | number)[] | undefined

type Text = { readonly text: string; readonly looks: string }

/** Texts that the condition wants whole, and how they look. It stays with a version of a workflow and costs more than the rest: to be kept where it is asked often. */
export const wantedIn = (condition: Condition): readonly Text[] => {
  const { is, contains } = (condition ?? {}) as { is?: unknown; contains?: unknown }
  const texts = [...(Array.isArray(is) ? is : []), contains].filter((one): one is string => typeof one === 'string')
  return texts.slice(0, 200).map((text) => ({ text, looks: looks(text) }))
}

/** What is made once per event: how the texts of each field look, and how two texts differ that look alike. */
export type Looked = {
  readonly fields: Map<string, readonly Text[]>
  /** By what was found, then by what was wanted. */
  readonly pairs: Map<string, Map<string, string | null>>
}
export const nothingLooked = (): Looked => ({ fields: new Map(), pairs: new Map() })

/** Why a condition on `field` that wants these texts (`wantedIn`) does not fit although it seems to; null: nothing seems so. `looked`: kept for all conditions on one event. */
export const hintFor = (field: string, wanted: readonly Text[], value: Value, looked: Looked): string | null => {
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
  let held = pairs.get(found)
  if (held === undefined) pairs.set(found, (held = new Map()))
  let but = held.get(wanted)
  if (but === undefined) held.set(wanted, (but = alikeBut(wanted, found)))
  return but
}
