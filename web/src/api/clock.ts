/**
 * What time is it for the control plane?
 * Ages are counted by its clock, so that a wrong clock on a laptop never makes a fresh gate look old.
 */
import { useSyncExternalStore } from 'react'

let ahead = 0 // how many milliseconds the control plane's clock is ahead of this one
let tick = Date.now()
const listeners = new Set<() => void>()

/** The control plane said that it is `theirs` when this clock showed `mine`. Differences of a second are the network. */
export const hear = (theirs: number, mine: number): void => {
  const found = theirs - mine
  if (Math.abs(found - ahead) > 1_000) ahead = found
}

/** Now, by the control plane's clock, in milliseconds. */
export const now = (): number => Date.now() + ahead

let timer: ReturnType<typeof setInterval> | undefined
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  timer ??= setInterval(() => {
    tick = Date.now()
    for (const each of listeners) each()
  }, 5_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** Now, renewed every five seconds while something on the page shows it. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => tick) + ahead
