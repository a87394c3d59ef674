/**
 * Does a value fit a condition?
 * Three answers: what is missing or cannot be read is `unknown`, and each caller says what that means, always on the safe side. It never throws.
 */
import type { Condition } from '../workflow/compiled.ts'
import { readGlob } from './glob.ts'

export type Value = string | number | boolean | null | readonly (string | number)[]
export type Held = 'yes' | 'no' | 'unknown'

/** A condition that was read once, to be asked often. `operator` null: it is not understood. */
export type ReadCondition =
  | { readonly operator: 'is'; readonly wanted: readonly unknown[] }
  | { readonly operator: 'prefix'; readonly wanted: string }
  | { readonly operator: 'glob'; readonly wanted: (text: string) => boolean }
  | { readonly operator: 'contains'; readonly wanted: string }
  | { readonly operator: 'exists'; readonly wanted: boolean }
  | { readonly operator: 'gt' | 'lt'; readonly wanted: number }
  | { readonly operator: 'not'; readonly wanted: ReadCondition }
  | { readonly operator: null; readonly wanted: null }

/** Does the value fit? `undefined`: there is no such value. A list fits when one of its members does. */
export const conditionHolds = (condition: Condition, value: Value | undefined): Held =>
  value === undefined ? 'unknown' : readConditionHolds(readCondition(condition), value)

const notUnderstood: ReadCondition = { operator: null, wanted: null }

/** What a condition says, whatever a file or another version wrote there. */
export const readCondition = (condition: Condition, depth = 0): ReadCondition => {
  if (depth > 4 || typeof condition !== 'object' || condition === null) return notUnderstood
  const operators = Object.keys(condition)
  if (operators.length !== 1) return notUnderstood
  const [operator] = operators as [string]
  const wanted = (condition as Record<string, unknown>)[operator]
  switch (operator) {
    case 'is':
      return Array.isArray(wanted) && wanted.length > 0 ? { operator, wanted } : notUnderstood
    case 'prefix':
    case 'contains':
      return typeof wanted === 'string' ? { operator, wanted } : notUnderstood
    case 'glob':
      return typeof wanted === 'string' ? { operator, wanted: readGlob(wanted) } : notUnderstood
    case 'exists':
      return typeof wanted === 'boolean' ? { operator, wanted } : notUnderstood
    case 'gt':
    case 'lt':
      return typeof wanted === 'number' && Number.isFinite(wanted) ? { operator, wanted } : notUnderstood
    case 'not': {
      const inner = readCondition(wanted as Condition, depth + 1)
      return inner.operator === null ? notUnderstood : { operator, wanted: inner }
    }
    default:
      return notUnderstood
  }
}

/** The same question of a condition that was read before. */
export const readConditionHolds = (condition: ReadCondition, value: Value | undefined): Held =>
  value === undefined || condition.operator === null ? 'unknown' : fits(condition, value) ? 'yes' : 'no'

const fits = (condition: ReadCondition, value: Value): boolean => {
  switch (condition.operator) {
    case 'not':
      return !fits(condition.wanted, value)
    case 'exists':
      return (value !== null && !(Array.isArray(value) && value.length === 0)) === condition.wanted
    case 'contains':
      // In a list `contains` means a member, in a text a part of it.
      return Array.isArray(value)
        ? value.includes(condition.wanted)
        : typeof value === 'string' && value.includes(condition.wanted)
    case null:
      return false
    default:
      if (!Array.isArray(value)) return memberFits(condition, value)
      for (const member of value) if (memberFits(condition, member)) return true
      return false
  }
}

type OfMembers = Exclude<ReadCondition, { operator: 'not' | 'exists' | 'contains' | null }>

const memberFits = (condition: OfMembers, member: unknown): boolean => {
  switch (condition.operator) {
    case 'is':
      return condition.wanted.includes(member)
    case 'prefix':
      return typeof member === 'string' && member.startsWith(condition.wanted)
    case 'glob':
      return typeof member === 'string' && condition.wanted(member)
    case 'gt':
      return typeof member === 'number' && member > condition.wanted
    case 'lt':
      return typeof member === 'number' && member < condition.wanted
  }
}
