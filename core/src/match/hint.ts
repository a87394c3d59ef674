/** What would a person who compares what was wanted with what was found overlook? A hint beside a condition that failed; it decides nothing. */
import type { Condition } from '../workflow/compiled.ts'
import { alikeBut, looks } from './alike.ts'

type Value = string | number | boolean | null | readonly (string | number)[] | undefined

/** A text and how it looks. */
export type Text = { readonly text: string; readonly looks: string }

/** Texts that the condition wants whole, and how they look. It stays with a version of a workflow and costs more than the rest: to be kept where it is asked often. */
export const wantedIn = (condition: Condition): readonly Text[] => {
  const { is, contains } = (condition ?? {}) as { is?: unknown; contains?: unknown }
  return looking([...(Array.isArray(is) ? is : []), contains], 200)
}

/** Texts that a field of an event holds, and how they look. To be made once per event. */
export const textsIn = (value: Value): readonly Text[] => looking(Array.isArray(value) ? value : [value], 100)

const looking = (values: readonly unknown[], most: number): readonly Text[] =>
  values
    .filter((one): one is string => typeof one === 'string')
    .slice(0, most)
    .map((text) => ({ text, looks: looks(text) }))

/** How two texts differ that look alike, once per event: by what was found, then by what was wanted. */
export type Pairs = Map<string, Map<string, string | null>>

/** Why a condition that wants these texts (`wantedIn`) does not fit although it seems to fit what was found (`textsIn`); null: nothing seems so. */
export const hintFor = (wanted: readonly Text[], found: readonly Text[], pairs: Pairs): string | null => {
  for (const one of found)
    for (const want of wanted)
      if (want.looks === one.looks && want.looks !== '') {
        const but = differing(want.text, one.text, pairs)
        if (but !== null) return but
      }
  return null
}

const differing = (wanted: string, found: string, pairs: Pairs): string | null => {
  let held = pairs.get(found)
  if (held === undefined) pairs.set(found, (held = new Map()))
  let but = held.get(wanted)
  if (but === undefined) held.set(wanted, (but = alikeBut(wanted, found)))
  return but
}
