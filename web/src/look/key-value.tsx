/** Label left, value right: one line of a side section. */
import type { ReactNode } from 'react'

export const KeyValue = ({
  label,
  tone,
  mono = false,
  children,
}: {
  label: ReactNode
  tone?: 'done' | 'wait' | 'stop' | 'taint' | undefined
  mono?: boolean
  children: ReactNode
}) => (
  <div className="kv">
    <span>{label}</span>
    <b className={[tone, mono ? 'mono' : ''].filter(Boolean).join(' ') || undefined}>{children}</b>
  </div>
)
