import { expect, test } from 'vitest'
import { isSameModel, undatedModel } from './model-name.ts'

test.each([
  ['claude-sonnet-4-5', 'claude-sonnet-4-5', true],
  ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', true],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5', true],
  ['gpt-5', 'gpt-5-2025-08-07', true],
  ['gpt-5', 'gpt-5-latest', true],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20260101', false], // two versions
  ['claude-sonnet-4-5', 'claude-sonnet-4', false],
  ['gpt-5', 'gpt-5-mini', false],
  ['qwen:7b', 'qwen:14b', false],
])('%s and %s: %s', (a, b, same) => expect(isSameModel(a, b)).toBe(same))

test('only a date at the end goes', () => expect(undatedModel('o1-2024-12-17-preview')).toBe('o1-2024-12-17-preview'))
