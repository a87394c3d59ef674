/** What is heard by a connection: how, since when, and what came last; and what is to be done where nothing came yet. */
import { Link } from '@tanstack/react-router'
import { When } from '../look/when.tsx'
import type { Connection } from './connect-form.tsx'

export const HowHeard = ({
  connection,
  onHook,
}: {
  connection: Connection
  /** Shows how its webhook is set up; null: it has none, or the reader sets up nothing. */
  onHook: (() => void) | null
}) => {
  const made = (
    <>
      connected <When at={connection.createdAt} as="ago" />
    </>
  )
  if (connection.url === null) return <>Effects go out by it · {made}</>
  if (connection.lastAt !== null)
    return (
      <>
        <Link className="link" to="/deliveries" search={{ from: connection.name }}>
          Last delivery <When at={connection.lastAt} as="ago" />
        </Link>{' '}
        · {made}
      </>
    )
  return (
    <>
      Nothing came by it yet, {made}.{' '}
      {connection.polls.length > 0
        ? 'It is asked regularly: what happens there from now on comes by itself.'
        : onHook === null
          ? 'An admin sets its webhook up'
          : 'It tells nothing before its webhook is set up there.'}{' '}
      {onHook !== null && (
        <button type="button" className="link" onClick={onHook}>
          {connection.polls.length > 0 ? 'Set up its webhook too, which is faster' : 'Show how'}
        </button>
      )}
    </>
  )
}
