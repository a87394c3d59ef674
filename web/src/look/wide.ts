/** Is the window at least this many pixels wide? Where a layout differs in what it does, not only in how it looks. */
import { useSyncExternalStore } from 'react'

export const useWide = (pixels: number): boolean => {
  const query = `(min-width: ${pixels}px)`
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}
