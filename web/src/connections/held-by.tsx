/** Which runners hold the credential of a connection, and what is left out then; while none does, what is typed on one. */
import { Link } from '@tanstack/react-router'
import { CopyText } from '../look/copy-text.tsx'
import type { Connection } from './connect-form.tsx'

export const HeldBy = ({ held }: { held: NonNullable<Connection['held']> }) => (
  <>
    {held.runners.length === 0 ? (
      <div className="hook">
        <span className="wait">No runner holds its credential yet. On the one that is to:</span>
        <CopyText text={held.command} />
      </div>
    ) : (
      <p className="mute">
        Held by{' '}
        {held.runners.map((runner, at) => (
          <span key={runner.id}>
            {at > 0 && ' · '}
            <Link className="link" to="/runners">
              {runner.name}
            </Link>
            {runner.online ? '' : <span className="wait"> (away)</span>}, for {runner.actions.join(', ')}
          </span>
        ))}
      </p>
    )}
    {held.runners.length > 0 && held.runners.every((runner) => !runner.online) && (
      <p className="wait">What is approved waits until {held.runners.length === 1 ? 'it' : 'one of them'} is back.</p>
    )}
    {held.without !== null && <p className="mute">{held.without}</p>}
  </>
)
