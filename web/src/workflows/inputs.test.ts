import { expect, test } from 'vitest'
import { inputsFrom, type Inputs } from './inputs.ts'

const input = (
  type: 'string' | 'number' | 'boolean',
  required = false,
  standard: string | number | boolean | null = null,
) => ({ type, required, default: standard, description: null })
const declared: Inputs = {
  ticket: input('string', true),
  tries: input('number'),
  urgent: input('boolean'),
  note: input('string', true, 'none'),
}

test('values have their declared types', () =>
  expect(inputsFrom(declared, { ticket: ' PAY-1 ', tries: '3', urgent: 'true' })).toEqual({
    values: { ticket: 'PAY-1', tries: 3, urgent: true },
    missing: [],
    wrong: [],
  }))
test('what is required and empty is missing, unless it has a default', () =>
  expect(inputsFrom(declared, {})).toEqual({ values: {}, missing: ['ticket'], wrong: [] }))
test('a word is no number', () =>
  expect(inputsFrom(declared, { ticket: 'x', tries: 'three' }).wrong).toEqual(['tries']))
