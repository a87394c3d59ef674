import { expect, test } from 'vitest'

import { trimmed, trimmedEnd } from './trimmed.ts'

test('what stands at the end goes, and nothing else', () => {
  expect(trimmedEnd('https://x/a//', '/')).toBe('https://x/a')
  expect(trimmedEnd('a.b?!;', '.,;:!?')).toBe('a.b')
  expect(trimmedEnd('//', '/')).toBe('')
  expect(trimmedEnd('', '/')).toBe('')
})

test('what stands at both ends goes', () => {
  expect(trimmed('--a-b---', '-')).toBe('a-b')
  expect(trimmed('---', '-')).toBe('')
})

// With a regular expression this takes more than a minute.
test('a long run in the middle is looked at once', () => {
  expect(trimmed(`x${'/'.repeat(500_000)}x/`, '/')).toHaveLength(500_002)
})
