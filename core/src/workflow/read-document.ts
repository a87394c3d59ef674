/**
 * What is written below each key of a workflow file?
 * Splits the file into its parts, each checked by its schema alone, so that one broken part hides no mistake of another. Form only.
 */
import type { z } from 'zod'
import type { Plain } from './plain-values.ts'
import { nearest } from './nearest.ts'
import type { Mistakes, Path } from './mistakes.ts'
import { found, readWritten } from './schema-mistakes.ts'
import { items, keys, sections, type ItemsKey, type SectionKey } from './written/document.ts'

/** An entry of a list with its place. `value` is undefined when its form was wrong; `raw` is what stands there. */
export type Item<K extends ItemsKey> = { path: Path; raw: Plain; value: z.output<(typeof items)[K]> | undefined }
export type Written = {
  section: <K extends SectionKey>(key: K) => z.output<(typeof sections)[K]> | undefined
  /** null: the key is not in the file. */
  list: <K extends ItemsKey>(key: K) => Item<K>[] | null
  has: (key: string) => boolean
  /** Was anything below this key wrong in form? Then what depends on it is not judged. */
  broken: (key: string) => boolean
}

/** Reads the parts. null when the file is no mapping at all. */
export const readDocument = (value: Plain, mistakes: Mistakes): Written | null => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    mistakes.add({
      code: 'wrong_value',
      path: [],
      message: `A workflow is a mapping with name, trigger, repos and so on; found ${found(value)}.`,
      found: found(value),
      expected: 'a mapping',
    })
    return null
  }
  const free = keys.filter((key) => !Object.hasOwn(value, key))
  for (const key of Object.keys(value)) {
    if ((keys as readonly string[]).includes(key)) continue
    mistakes.add({
      code: 'unknown_key',
      path: [key],
      at: 'key',
      message: `\`${key.slice(0, 60)}\` is not a key of a workflow.`,
      found: key.slice(0, 60),
      expected: keys.join(', '),
      words: free,
      word: key,
    })
  }
  const read = new Map<string, unknown>()
  for (const [key, schema] of Object.entries(sections))
    if (Object.hasOwn(value, key)) read.set(key, readWritten(schema, value[key]!, [key], mistakes))
  // A misspelt `name` is one mistake, not two.
  if (!Object.hasOwn(value, 'name') && !Object.keys(value).some((key) => nearest(key, free) === 'name'))
    mistakes.add({
      code: 'missing',
      path: [],
      at: 'key',
      message: '`name` is missing: a name of small letters, digits and dashes, such as bug-to-pr.',
      expected: 'name',
    })
  const lists = new Map<string, Item<ItemsKey>[]>()
  for (const [key, schema] of Object.entries(items)) {
    if (!Object.hasOwn(value, key)) continue
    const held = value[key]!
    const entries = Array.isArray(held) ? held.map((raw, i) => ({ raw, path: [key, i] })) : [{ raw: held, path: [key] }]
    if (entries.length > 100)
      mistakes.add({
        code: 'wrong_value',
        path: [key],
        message: `\`${key}\` has ${entries.length} entries; 100 are allowed.`,
        found: String(entries.length),
        expected: 'at most 100',
      })
    lists.set(
      key,
      entries
        .slice(0, 100)
        .map(({ raw, path }) => ({ raw, path, value: readWritten(schema, raw, path, mistakes) as never })),
    )
  }
  return {
    section: (key) => read.get(key) as never,
    list: (key) => (lists.get(key) as never) ?? null,
    has: (key) => Object.hasOwn(value, key),
    broken: (key) => mistakes.at([key]),
  }
}

/** One or a list of them, as a list. */
export const many = <T>(written: T | readonly T[] | undefined | null): T[] =>
  written === undefined || written === null
    ? []
    : Array.isArray(written)
      ? [...(written as readonly T[])]
      : [written as T]
