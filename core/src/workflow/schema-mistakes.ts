/**
 * What is wrong with a written value, in words, when its schema says no?
 * Turns zod's issues into mistakes: of a union's alternatives the one that was meant, of an unknown key its place. It never checks meaning.
 */
import { z } from 'zod'
import type { Plain } from './located.ts'
import type { Mistakes, Path } from './mistakes.ts'
import { nearest } from './nearest.ts'
import { expectedIn, type Mend } from './written/say.ts'

type Issue = z.core.$ZodIssue

/** Reads a value by a schema. Everything wrong goes to `mistakes` below `path`; undefined when anything was. */
export const readWritten = <S extends z.ZodType>(schema: S, value: Plain, path: Path, mistakes: Mistakes): z.output<S> | undefined => {
  const { issues, data } = readAny(schema, value)
  for (const issue of issues) if (!isMisspelt(issue, issues, value)) addMistake(issue, value, path, mistakes)
  return data as z.output<S> | undefined
}

/** A missing key that stands there misspelt is one mistake, told at the misspelt key. */
const isMisspelt = (issue: Issue, issues: readonly Issue[], value: Plain): boolean =>
  at(value, issue.path) === undefined && issues.some((other) => other.code === 'unrecognized_keys' && other.path.length === issue.path.length - 1 && nearest(String(issue.path.at(-1)), other.keys) !== null)

/** Parses; a union's alternatives are tried one by one here, because zod prefers one whose only fault is an unknown key. */
const readAny = (schema: z.ZodType, value: Plain): { issues: Issue[]; data?: unknown } => {
  const read = schema.safeParse(value)
  if (read.success) return { issues: [], data: read.data }
  if (!(schema instanceof z.ZodUnion) || schema instanceof z.ZodDiscriminatedUnion) return { issues: meant(read.error.issues, value) }
  const tried = (schema.options as z.ZodType[]).map((option) => readAny(option, value).issues)
  const message = schema.def.error?.({ code: 'invalid_union', input: value, errors: [], path: [] } as never)
  return { issues: meant([{ code: 'invalid_union', path: [], errors: tried, input: value, message: typeof message === 'string' ? message : '' } as unknown as Issue], value) }
}

/** The issues with every union replaced by those of the alternative that was meant. */
const meant = (issues: readonly Issue[], value: Plain): Issue[] =>
  issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
    const here = at(value, issue.path) ?? null
    const choices = issue.errors.map((errors) => meant(errors as Issue[], here)).map((errors) => ({ errors, weight: weigh(errors, here) }))
    const best = choices.reduce((least, choice) => (choice.weight < least.weight ? choice : least))
    // No alternative has the right shape: the union itself says what it takes.
    if (best.weight >= wrongShape) return [{ ...issue, errors: [] } as Issue]
    return best.errors.map((error) => ({ ...error, path: [...issue.path, ...error.path] }))
  })

const wrongShape = 1_000_000

/** How far a value is from an alternative: the wrong kind of value is furthest, a missing word that says the kind far, a misspelt key near. */
const weigh = (issues: readonly Issue[], value: Plain): number =>
  issues.reduce((sum, issue) => {
    if (issue.path.length === 0 && (issue.code === 'invalid_type' || (issue.code === 'invalid_union' && issue.errors.length === 0) || (issue.code === 'invalid_value' && !sameKind(issue, value)))) return sum + wrongShape
    if (issue.code === 'unrecognized_keys') {
      const all = value !== null && typeof value === 'object' && issue.path.length === 0 && issue.keys.length === Object.keys(value).length
      return sum + 4 * issue.keys.length + (all ? 200 : 0)
    }
    if (issue.path.length === 1 && at(value, issue.path) === undefined) {
      const written = issues.flatMap((other) => (other.code === 'unrecognized_keys' ? other.keys : []))
      return sum + (nearest(String(issue.path[0]), written) === null ? 60 : 20)
    }
    return sum + 1
  }, 0)

const sameKind = (issue: Extract<Issue, { code: 'invalid_value' }>, value: Plain): boolean => issue.values.some((word) => typeof word === typeof value)

const addMistake = (issue: Issue, root: Plain, base: Path, mistakes: Mistakes): void => {
  const inner = issue.path.filter((part) => typeof part !== 'symbol') as (string | number)[]
  const path = [...base, ...inner]
  const said = expectedIn(issue.message)
  const expected = said?.noun ?? issue.message.toLowerCase()
  if (issue.code === 'unrecognized_keys') {
    const words = said?.words ?? []
    const holder = at(root, inner)
    const free = words.filter((word) => holder === null || typeof holder !== 'object' || !Object.hasOwn(holder, word))
    for (const key of issue.keys) mistakes.add({ code: 'unknown_key', path: [...path, key], at: 'key', message: `\`${cut(key)}\` is not a key of ${expected}.`, found: cut(key), expected: listed(words), words: free, word: key })
    return
  }
  const value = at(root, inner)
  const words = said?.words ? { words: said.words } : {}
  if (issue.code === 'invalid_key') {
    const first = expectedIn(issue.issues[0]?.message ?? '')
    const key = String(inner.at(-1) ?? '')
    mistakes.add({ code: 'wrong_value', path, at: 'key', message: `\`${cut(key)}\` is not ${first?.noun ?? expected}.`, found: cut(key), expected: first?.noun ?? expected })
    return
  }
  const want = said?.words ? listed(said.words) : expected
  if (value === undefined) {
    const key = String(inner.at(-1) ?? '')
    mistakes.add({ code: 'missing', path: path.slice(0, -1), at: 'key', message: `\`${key}\` is missing: ${expected}.`, expected: want })
    return
  }
  const fix = said?.mend && typeof value === 'string' ? mends[said.mend](value) : null
  const bare = issue.code === 'invalid_type' && issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
  mistakes.add({
    code: typeof value === 'string' && said?.words ? 'unknown_word' : 'wrong_value', path, message: value === null ? `Nothing stands here; expected ${expected}.` : `${found(value)} is not ${expected}.`, found: found(value), expected: want, ...words,
    ...(typeof value === 'string' && { word: value }), ...(fix !== null && fix !== value ? { fix: { label: `Use ${fix}`, text: JSON.stringify(fix).includes('\\') ? JSON.stringify(fix) : fix } } : bare ? { fix: 'quotes' as const } : {}),
  })
}

/** How what people often write is put right: `@dana`, `payments`, the address of a repository. */
const mends: Record<Mend, (found: string) => string | null> = {
  who: (found) => (/^@[a-z0-9_-]+$/i.test(found) ? `user:${found.slice(1).toLowerCase()}` : /^[a-z0-9_-]+$/i.test(found) ? `team:${found.toLowerCase()}` : null),
  repo: (found) => /^(?:(?:https?:\/\/|git@|ssh:\/\/git@)[^/:]+[/:])?([\w-][\w.-]*(?:\/[\w-][\w.-]*)+?)(?:\.git)?(?:@[\w./-]+)?\/?$/.exec(found)?.[1]?.replace(/\.git$/, '') ?? null,
}

const at = (value: Plain, path: readonly PropertyKey[]): Plain | undefined => {
  let held: Plain | undefined = value
  for (const part of path) {
    if (held === null || typeof held !== 'object' || typeof part === 'symbol' || !Object.hasOwn(held, part)) return undefined
    held = (held as Record<string | number, Plain>)[part]
  }
  return held
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)
const listed = (words: readonly string[]): string => (words.length > 14 ? `${words.slice(0, 14).join(', ')} …` : words.join(', '))

/** A value as it is named in a sentence. */
export const found = (value: Plain): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : `a mapping (${cut(Object.keys(value).join(', '))})`
  return typeof value === 'string' ? `\`${cut(value)}\`` : typeof value === 'number' ? `the number ${value}` : String(value)
}
