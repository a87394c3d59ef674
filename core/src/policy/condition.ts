/**
 * Does a value fit a condition?
 * Three answers: what is missing or cannot be read is `unknown`, and each caller says what that means, always on the safe side. It never throws.
 */
import type { Condition } from '../workflow/compiled.ts'
import { globFits } from './glob.ts'

export type Value = string | number | boolean | null | readonly (string | number)[]
export type Held = 'yes' | 'no' | 'unknown'

/** Does the value fit? `undefined`: there is no such value. A list fits when one of its members does. */
export const conditionHolds = (condition: Condition, value: Value | undefined, depth = 0): Held => {
  if (value === undefined || depth > 4) return 'unknown'
  if (typeof condition !== 'object' || condition === null) return 'unknown'
  const operators = Object.keys(condition)
  if (operators.length !== 1) return 'unknown'
  const [operator] = operators as [string]
  const wanted = (condition as Record<string, unknown>)[operator]
  const members = Array.isArray(value)
    ? (value as readonly (string | number)[])
    : [value as string | number | boolean | null]
  switch (operator) {
    case 'is':
      return Array.isArray(wanted) && wanted.length > 0
        ? truth(members.some((member) => wanted.includes(member)))
        : 'unknown'
    case 'prefix':
      return ofTexts(wanted, members, (member, text) => member.startsWith(text))
    // In a list `contains` means a member, in a text a part of it.
    case 'contains':
      return Array.isArray(value)
        ? ofTexts(wanted, members, (member, text) => member === text)
        : ofTexts(wanted, members, (member, text) => member.includes(text))
    case 'glob':
      return ofTexts(wanted, members, (member, text) => globFits(text, member))
    case 'exists':
      return typeof wanted === 'boolean'
        ? truth((value !== null && !(Array.isArray(value) && value.length === 0)) === wanted)
        : 'unknown'
    case 'gt':
      return ofNumbers(wanted, members, (member, number) => member > number)
    case 'lt':
      return ofNumbers(wanted, members, (member, number) => member < number)
    case 'not': {
      const inner = conditionHolds(wanted as Condition, value, depth + 1)
      return inner === 'unknown' ? 'unknown' : truth(inner === 'no')
    }
    default:
      return 'unknown'
  }
}

const truth = (holds: boolean): Held => (holds ? 'yes' : 'no')

const ofTexts = (wanted: unknown, members: readonly unknown[], fits: (member: string, text: string) => boolean): Held =>
  typeof wanted === 'string'
    ? truth(members.some((member) => typeof member === 'string' && fits(member, wanted)))
    : 'unknown'

const ofNumbers = (
  wanted: unknown,
  members: readonly unknown[],
  fits: (member: number, number: number) => boolean,
): Held =>
  typeof wanted === 'number' && Number.isFinite(wanted)
    ? truth(members.some((member) => typeof member === 'number' && fits(member, wanted)))
    : 'unknown'
