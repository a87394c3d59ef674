// Lets a program of Node take another time for the present one: Date is off by what the file VIEWPORT_TEST_CLOCK says (milliseconds),
// and follows it. Monotonic time stays, as it does when a machine's clock is set. Loaded with --import, outside the product's code.
import { readFileSync } from 'node:fs'
import { ServerResponse } from 'node:http'

const file = process.env.VIEWPORT_TEST_CLOCK
let off = 0
const look = () => {
  try {
    off = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    off = 0
  }
}
if (file) {
  look()
  setInterval(look, 100).unref()
  const Real = Date
  globalThis.Date = class Date extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + off)
      else super(...given)
    }
    static now() {
      return Real.now() + off
    }
  }
  // Node writes the Date header of an answer with a clock of its own.
  const { writeHead } = ServerResponse.prototype
  ServerResponse.prototype.writeHead = function (...given) {
    if (this.sendDate && !this.hasHeader('date')) this.setHeader('date', new Date().toUTCString())
    return writeHead.apply(this, given)
  }
}
