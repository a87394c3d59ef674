/**
 * How does a page stay usable with a hundred thousand lines?
 * Rows are grouped into blocks; a block far from the screen is an empty box of the same height.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'

const near = '1200px' // how far beyond the screen blocks are drawn

/** Draws `children()` only near the screen. `rows` and `rowHeight` (px) give the height until it was drawn once. */
export const LazyRows = ({
  rows,
  rowHeight,
  wanted,
  children,
}: {
  rows: number
  rowHeight: number
  wanted: boolean
  children: () => ReactNode
}) => {
  const box = useRef<HTMLDivElement>(null)
  const [held, setHeld] = useState({ seen: false, height: rows * rowHeight })
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return
        const { height } = entry.boundingClientRect
        setHeld((before) => ({
          seen: entry.isIntersecting,
          height: !entry.isIntersecting && height > 0 ? height : before.height,
        }))
      },
      { rootMargin: `${near} 0px` },
    )
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const drawn = held.seen || wanted
  return (
    <div ref={box} style={drawn ? undefined : { height: held.height }}>
      {drawn ? children() : null}
    </div>
  )
}
