/**
 * Which alternative of a schema was meant, and what is wrong with it?
 * Of a union's alternatives the nearest one counts: the wrong kind of value is furthest, a misspelt key near.
 */
import { z } from 'zod'
import { nearest } from './nearest.ts'
import type { Plain } from './plain-values.ts'

export type Issue = z.core.$ZodIssue

/** Parses; a union's alternatives are tried one by one here, because zod prefers one whose only fault is an unknown key. */
export const readAny = (schema: z.ZodType, value: Plain): { issues: Issue[]; data?: unknown } => {
  const read = schema.safeParse(value)
  if (read.success) return { issues: [], data: read.data }
  if (!(schema instanceof z.ZodUnion) || schema instanceof z.ZodDiscriminatedUnion)
    return { issues: meant(read.error.issues, value) }
  const tried = (schema.options as z.ZodType[]).map((option) => readAny(option, value).issues)
  const message = schema.def.error?.({ code: 'invalid_union', input: value, errors: [], path: [] } as never)
  return {
    issues: meant(
      [
        {
          code: 'invalid_union',
          path: [],
          errors: tried,
          input: value,
          message: typeof message === 'string' ? message : '',
        } as unknown as Issue,
      ],
      value,
    ),
  }
}

/** The issues with every union replaced by those of the alternative that was meant. */
const meant = (issues: readonly Issue[], value: Plain): Issue[] =>
  issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
    const here = at(value, issue.path) ?? null
    const choices = issue.errors
      .map((errors) => meant(errors as Issue[], here))
      .map((errors) => ({ errors, weight: weigh(errors, here) }))
    const best = choices.reduce((least, choice) => (choice.weight < least.weight ? choice : least))
    // No alternative has the right shape: the union itself says what it takes.
    if (best.weight >= wrongShape) return [{ ...issue, errors: [] } as Issue]
    return best.errors.map((error) => ({ ...error, path: [...issue.path, ...error.path] }))
  })

const wrongShape = 1_000_000

/** How far a value is from an alternative: the wrong kind of value is furthest, a missing word that says the kind far, a misspelt key near. */
const weigh = (issues: readonly Issue[], value: Plain): number =>
  issues.reduce((sum, issue) => {
    if (
      issue.path.length === 0 &&
      (issue.code === 'invalid_type' ||
        (issue.code === 'invalid_union' && issue.errors.length === 0) ||
        (issue.code === 'invalid_value' && !sameKind(issue, value)))
    )
      return sum + wrongShape
    if (issue.code === 'unrecognized_keys') {
      const all =
        value !== null &&
        typeof value === 'object' &&
        issue.path.length === 0 &&
        issue.keys.length === Object.keys(value).length
      return sum + 4 * issue.keys.length + (all ? 200 : 0)
    }
    if (issue.path.length === 1 && at(value, issue.path) === undefined) {
      const written = issues.flatMap((other) => (other.code === 'unrecognized_keys' ? other.keys : []))
      return sum + (nearest(String(issue.path[0]), written) === null ? 60 : 20)
    }
    return sum + 1
  }, 0)

const sameKind = (issue: Extract<Issue, { code: 'invalid_value' }>, value: Plain): boolean =>
  issue.values.some((word) => typeof word === typeof value)

/** The value at a path, or undefined when nothing stands there. */
export const at = (value: Plain, path: readonly PropertyKey[]): Plain | undefined => {
  let held: Plain | undefined = value
  for (const part of path) {
    if (held === null || typeof held !== 'object' || typeof part === 'symbol' || !Object.hasOwn(held, part))
      return undefined
    held = (held as Record<string | number, Plain>)[part]
  }
  return held
}
