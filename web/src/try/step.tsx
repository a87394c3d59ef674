/** One numbered step of a page that fills in: what was done is short, what comes later is only named. */
import type { ReactNode } from 'react'

export const Step = ({
  no,
  state,
  title,
  aside,
  children,
}: {
  no: number
  state: 'was' | 'now' | 'later'
  title: ReactNode
  aside?: ReactNode
  children?: ReactNode
}) => (
  <li className={state} aria-current={state === 'now' ? 'step' : undefined}>
    <span className="no">{state === 'was' ? '✓' : no}</span>
    <div>
      <h3 className="b">
        {title}
        {state === 'was' && <span className="sr">, done</span>}
      </h3>
      {children}
    </div>
    {aside}
  </li>
)
