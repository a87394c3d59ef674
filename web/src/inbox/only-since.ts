/** Does this item show only what changed since the round before? The head and the diff ask the same. */
import { useSyncExternalStore } from 'react'

const on = new Set<string>()
const listeners = new Set<() => void>()

export const setOnlySince = (gate: string, only: boolean): void => {
  if (only) on.add(gate)
  else on.delete(gate)
  for (const listener of listeners) listener()
}

export const useOnlySince = (gate: string): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => on.has(gate),
  )
