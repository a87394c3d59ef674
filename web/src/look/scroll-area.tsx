/** A part of a page with its own scroll, reachable and named for the keyboard. */
import type { ReactNode, Ref } from 'react'

type AreaProps = {
  label: string
  className?: string
  children: ReactNode
  onScroll?: () => void
  area?: Ref<HTMLElement>
}

export const ScrollArea = ({ label, className = '', children, onScroll, area }: AreaProps) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
  <section ref={area} className={`scroll ${className}`} tabIndex={0} aria-label={label} onScroll={onScroll}>
    {children}
  </section>
)
