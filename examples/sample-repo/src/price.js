/**
 * What does an order cost, in cents?
 * `items`: [{ cents, quantity }]. `percentOff`: a discount on the whole order, 0 to 100.
 */
export function orderTotal(items, percentOff = 0) {
  let total = 0
  for (const { cents, quantity } of items) {
    total += Math.round((cents * (100 - percentOff)) / 100) * quantity
  }
  return total
}
