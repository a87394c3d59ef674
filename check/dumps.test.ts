import { expect, test } from 'vitest'

import { firstDifference } from './dumps.ts'

test.each([
  ['a changed line', 'a\nb\nc', 'a\nx\nc', /line 2 .*\n.*committed: b\n.*the code:  x/],
  ['a line more in the code', 'a', 'a\nb', /line 2 .*\n.*committed: \(the end\)\n.*the code:  b/],
  ['a line more in the file', 'a\nb', 'a', /line 2 .*\n.*committed: b\n.*the code:  \(the end\)/],
])('%s is shown where it is', (_, committed, now, words) => {
  expect(firstDifference(committed, now)).toMatch(words)
})
