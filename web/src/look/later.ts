/** A value that follows another after it stood still for a while: a search that is not asked at every letter. */
import { useEffect, useState } from 'react'

export const useLater = <T>(value: T, millis: number): T => {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), millis)
    return () => clearTimeout(timer)
  }, [value, millis])
  return later
}
