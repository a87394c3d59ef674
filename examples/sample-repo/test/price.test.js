import assert from 'node:assert/strict'
import { test } from 'node:test'

import { orderTotal } from '../src/price.js'

test('an empty order costs nothing', () => {
  assert.equal(orderTotal([]), 0)
})

test('without a discount an order costs the sum of its items', () => {
  assert.equal(
    orderTotal([
      { cents: 250, quantity: 2 },
      { cents: 100, quantity: 1 },
    ]),
    600,
  )
})

test('a discount is rounded once, at the end of the order', () => {
  assert.equal(orderTotal([{ cents: 333, quantity: 3 }], 10), 899)
})
