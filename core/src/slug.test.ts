import { expect, test } from 'vitest'

import { slugOf } from './slug.ts'

test.each([
  ['Payments & Billing', 39, 'payments-billing'],
  ['  --Web-- ', 39, 'web'],
  ['a'.repeat(38) + ' b', 39, 'a'.repeat(38)],
  ['abc', 2, 'ab'],
  ['日本', 39, ''],
])('%j in %d is %j', (text, most, slug) => expect(slugOf(text, most)).toBe(slug))
