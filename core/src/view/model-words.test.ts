import { expect, test } from 'vitest'
import type { ModelUse } from '../run/facts.ts'
import { addUsage, noUsage } from '../run/state.ts'
import { modelWords } from './model-words.ts'

const use = (model: string, inputTokens: number, usdMicros: number | null = 1): ModelUse => ({
  provider: 'anthropic',
  model,
  requests: 1,
  inputTokens,
  outputTokens: 1,
  cachedTokens: 0,
  usdMicros,
})

test('what was used is named, and what was not asked for is said to be so', () => {
  const models = [use('claude-sonnet-4-5-20250929', 10), use('claude-haiku-4-5', 1)]
  expect(modelWords({ models }, null)).toEqual(['claude-sonnet-4-5-20250929', 'claude-haiku-4-5'])
  expect(modelWords({ models }, 'claude-sonnet-4-5')).toEqual([
    'claude-sonnet-4-5-20250929',
    'claude-haiku-4-5, not asked for',
  ])
  expect(modelWords({ models: [use('claude-haiku-4-5', 1)] }, 'claude-opus-5')).toEqual([
    'claude-haiku-4-5, not asked for',
    'claude-opus-5 was asked for and not used',
  ])
  expect(modelWords({}, 'claude-opus-5')).toEqual([]) // nobody saw
})

test('the uses of two attempts are added by model; a cost that is not known stays so', () => {
  const first = { ...noUsage, models: [use('a', 5), use('b', 50)] }
  const second = { ...noUsage, models: [use('a', 100, null)] }
  expect(addUsage(first, second).models).toEqual([
    { ...use('a', 105, null), requests: 2, outputTokens: 2 },
    use('b', 50),
  ])
  expect(addUsage(noUsage, noUsage)).not.toHaveProperty('models')
})
