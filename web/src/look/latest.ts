/** The newest value of something, for a listener that was added once. */
import { useLayoutEffect, useRef, type RefObject } from 'react'

export const useLatest = <T>(value: T): RefObject<T> => {
  const latest = useRef(value)
  useLayoutEffect(() => {
    latest.current = value
  })
  return latest
}
