/** A short fact about an item, at most three in a row. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

export const Badge = ({
  tone,
  icon,
  children,
}: {
  tone?: 'wait' | 'run' | 'done' | 'stop' | 'taint'
  icon?: IconName
  children: ReactNode
}) => (
  <span className={`badge${tone ? ` ${tone}` : ''}`}>
    {icon && <Icon name={icon} />}
    {children}
  </span>
)
