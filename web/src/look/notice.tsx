/** A bar that says what stands in the way and what one can do: refused, away, changed, offline. Never a toast. */
import type { ReactNode } from 'react'
import type { Problem } from '../api/problem.ts'
import { Icon, type IconName } from './icon.tsx'
import { Sentence } from './sentence.tsx'

type NoticeTone = 'wait' | 'stop' | 'taint' | 'done' | 'run' | 'plain'
const icons: Readonly<Record<NoticeTone, IconName>> = {
  wait: 'warn',
  stop: 'warn',
  taint: 'eye',
  done: 'check',
  run: 'runs',
  plain: 'note',
}

/** `alert`: said at once by a screen reader. */
export const Notice = ({
  tone,
  title,
  children,
  actions,
  alert = false,
  icon,
}: {
  tone: NoticeTone
  title: ReactNode
  children?: ReactNode
  actions?: ReactNode
  alert?: boolean
  icon?: IconName
}) => (
  <div className={`notice appears ${tone}`} role={alert ? 'alert' : 'status'}>
    <Icon name={icon ?? icons[tone]} />
    <div className="say">
      <div className="m">{title}</div>
      {children && <p>{children}</p>}
    </div>
    {actions}
  </div>
)

/** A refused or failed request in its own words. */
export const ProblemNotice = ({ problem, actions }: { problem: Problem; actions?: ReactNode }) => (
  <Notice
    tone={problem.code === 'unreachable' ? 'plain' : 'stop'}
    title={<Sentence text={problem.message} />}
    actions={actions}
    alert
  >
    {problem.next && <Sentence text={problem.next} />}
  </Notice>
)
