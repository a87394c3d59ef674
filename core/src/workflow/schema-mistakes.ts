/**
 * What is wrong with a written value, in words, when its schema says no?
 * Turns zod's issues into mistakes: of a union's alternatives the one that was meant, of an unknown key its place. It never checks meaning.
 */
import type { z } from 'zod'
import type { Plain } from './plain-values.ts'
import { at, readAny, type Issue } from './meant.ts'
import type { Mistakes, Path } from './mistakes.ts'
import { nearest } from './nearest.ts'
import { expectedIn, type Mend } from './written/say.ts'

/** Reads a value by a schema. Everything wrong goes to `mistakes` below `path`; undefined when anything was. */
export const readWritten = <S extends z.ZodType>(
  schema: S,
  value: Plain,
  path: Path,
  mistakes: Mistakes,
): z.output<S> | undefined => {
  const { issues, data } = readAny(schema, value)
  for (const issue of issues)
    if (!isMisspelt(issue, issues, value)) addMistake(issue, { schema, root: value }, path, mistakes)
  return data as z.output<S> | undefined
}

type Read = { schema: z.ZodType; root: Plain }

/** A missing key that stands there misspelt is one mistake, told at the misspelt key. */
const isMisspelt = (issue: Issue, issues: readonly Issue[], value: Plain): boolean =>
  at(value, issue.path) === undefined &&
  issues.some(
    (other) =>
      other.code === 'unrecognized_keys' &&
      other.path.length === issue.path.length - 1 &&
      nearest(String(issue.path.at(-1)), other.keys) !== null,
  )

/** Would it be right in quotes, as the text that it is written as? */
const mendedByQuotes = (issue: Issue, { schema, root }: Read): boolean => {
  const value = at(root, issue.path)
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return false
  if (typeof value !== 'number' && typeof value !== 'boolean') return false
  const issues = readAny(schema, withText(root, issue.path, String(value))).issues
  return !issues.some(({ path }) => path.join() === issue.path.join())
}

const withText = (value: Plain, [first, ...rest]: readonly PropertyKey[], text: string): Plain => {
  if (first === undefined) return text
  const held = value as Record<PropertyKey, Plain>
  const put = withText(held[first]!, rest, text)
  return Array.isArray(value) ? value.with(Number(first), put) : { ...held, [first]: put }
}

const addMistake = (issue: Issue, read: Read, base: Path, mistakes: Mistakes): void => {
  const { root } = read
  const inner = issue.path.filter((part) => typeof part !== 'symbol') as (string | number)[]
  const path = [...base, ...inner]
  const said = expectedIn(issue.message)
  const expected = said?.noun ?? issue.message.toLowerCase()
  if (issue.code === 'unrecognized_keys') {
    const words = said?.words ?? []
    const holder = at(root, inner)
    const free = words.filter((word) => holder === null || typeof holder !== 'object' || !Object.hasOwn(holder, word))
    for (const key of issue.keys)
      mistakes.add({
        code: 'unknown_key',
        path: [...path, key],
        at: 'key',
        message: `\`${cut(key)}\` is not a key of ${expected}.`,
        found: cut(key),
        expected: listed(words),
        words: free,
        word: key,
      })
    return
  }
  const value = at(root, inner)
  const words = said?.words ? { words: said.words } : {}
  if (issue.code === 'invalid_key') {
    const first = expectedIn(issue.issues[0]?.message ?? '')
    const key = String(inner.at(-1) ?? '')
    mistakes.add({
      code: 'wrong_value',
      path,
      at: 'key',
      message: `\`${cut(key)}\` is not ${first?.noun ?? expected}.`,
      found: cut(key),
      expected: first?.noun ?? expected,
    })
    return
  }
  const want = said?.words ? listed(said.words) : expected
  if (value === undefined) {
    const key = String(inner.at(-1) ?? '')
    mistakes.add({
      code: 'missing',
      path: path.slice(0, -1),
      at: 'key',
      message: `\`${key}\` is missing: ${expected}.`,
      expected: want,
    })
    return
  }
  const fix = said?.mend && typeof value === 'string' ? mends[said.mend](value) : null
  mistakes.add({
    code: typeof value === 'string' && said?.words ? 'unknown_word' : 'wrong_value',
    path,
    message: value === null ? `Nothing stands here; expected ${expected}.` : `${found(value)} is not ${expected}.`,
    found: found(value),
    expected: want,
    ...words,
    ...(typeof value === 'string' && { word: value }),
    ...(fix !== null && fix !== value
      ? { fix: { label: `Use ${fix}`, text: JSON.stringify(fix).includes('\\') ? JSON.stringify(fix) : fix } }
      : mendedByQuotes(issue, read)
        ? { fix: 'quotes' as const }
        : {}),
  })
}

/** How what people often write is put right: `@dana`, `payments`, the address of a repository. */
const mends: Record<Mend, (found: string) => string | null> = {
  // A slip in one of the words that stand alone is no team.
  starter: (found) => nearest(found, ['members', 'collaborators', 'source', 'anyone']) ?? mends.who(found),
  who: (found) =>
    /^@[a-z0-9_-]+$/i.test(found)
      ? `user:${found.slice(1).toLowerCase()}`
      : /^[a-z0-9_-]+$/i.test(found)
        ? `team:${found.toLowerCase()}`
        : null,
  repo: (found) =>
    /^(?:(?:https?:\/\/|git@|ssh:\/\/git@)[^/:]+[/:])?([\w-][\w.-]*(?:\/[\w-][\w.-]*)+?)(?:\.git)?(?:@[\w./-]+)?\/?$/
      .exec(found)?.[1]
      ?.replace(/\.git$/, '') ?? null,
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)
const listed = (words: readonly string[]): string =>
  words.length > 14 ? `${words.slice(0, 14).join(', ')} …` : words.join(', ')

/** A value as it is named in a sentence. */
export const found = (value: Plain): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object')
    return Object.keys(value).length === 0 ? 'an empty mapping' : `a mapping (${cut(Object.keys(value).join(', '))})`
  return typeof value === 'string'
    ? `\`${cut(value)}\``
    : typeof value === 'number'
      ? `the number ${value}`
      : String(value)
}
