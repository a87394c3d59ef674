/** What a workflow needs and does not find comes first, each with what mends it; what resolves is short, below. */
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { Icon } from '../look/icon.tsx'

type Missing = AnswerOf<'checkWorkflow', Response>['missing'][number]
type Resolved = AnswerOf<'workflow', Response>['resolved'][number]

/** `resolved` is known for saved versions only. */
export const Readiness = ({ missing, resolved }: { missing: readonly Missing[]; resolved: readonly Resolved[] }) => (
  <>
    <h2 className="h">
      Ready to run{' '}
      <span className={missing.length > 0 ? 'wait' : 'done'}>
        {resolved.length > 0
          ? `${resolved.length} of ${resolved.length + missing.length}`
          : missing.length > 0
            ? `${missing.length} missing`
            : 'yes'}
      </span>
    </h2>
    <ul className="ready">
      {missing.map((one) => (
        <li key={`${one.kind} ${one.name}`}>
          <Icon name="warn" className="wait" />
          <span>
            <span className="sr">missing: </span>
            {one.name} <span className="mute">{one.why}</span>
          </span>
          <Fix fix={one.fix} />
          {one.fix.command && <pre className="cmd">{one.fix.command}</pre>}
        </li>
      ))}
      {resolved.map((one) => (
        <li key={`${one.kind} ${one.name}`}>
          <Icon name="check" className="done" />
          <span>
            {one.name} <span className="mute">{one.to}</span>
          </span>
        </li>
      ))}
    </ul>
  </>
)

const Fix = ({ fix }: { fix: Missing['fix'] }) => {
  if (!fix.href) return fix.command ? <span /> : <span className="mute">{fix.label}</span>
  if (fix.href.startsWith('/') && !fix.href.startsWith('//'))
    return (
      <Link className="btn sm" to={fix.href}>
        {fix.label}
      </Link>
    )
  return (
    <a className="btn sm" href={fix.href} target="_blank" rel="noopener noreferrer">
      {fix.label}
    </a>
  )
}
