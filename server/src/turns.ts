/**
 * How does a long piece of computing let requests in between?
 * It asks after each part; when it has held the thread for long enough, it goes to the back of the queue. Nothing else changes.
 */
import { setImmediate as next } from 'node:timers/promises'

/** Gives a function to await after each part. `most`: how long (ms) others wait at most, beside the longest part. */
export const takingTurns = (most = 2): (() => Promise<void>) => {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < most) return
    await next()
    began = performance.now()
  }
}
