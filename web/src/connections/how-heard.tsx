/** How is a connection heard: by its webhook, by asking, over a line; when by each of them last, and what is to be done where nothing came yet. */
import { Link } from '@tanstack/react-router'
import { hookReach } from '@viewportai/core/tools/hook-reach'
import type { ReactNode } from 'react'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import type { Connection, Tool } from './connect-form.tsx'

type Poll = Connection['polls'][number]

/** What comes to an address with the wrong secret is refused: newer than what was taken, somebody should look. */
export const isRefusedNow = ({ heard }: Connection): boolean =>
  (heard.refused ?? 0) > Math.max(heard.webhook ?? 0, heard.line ?? 0)

/** It is neither asked nor has it a line, and its webhook never came: nothing can be heard yet, for all that is known. */
export const isMute = ({ url, polls, lineAt, heard }: Connection): boolean =>
  url !== null && polls.length === 0 && lineAt === null && heard.webhook === null && heard.line === null

export const HowHeard = ({
  connection,
  tool,
  onHook,
}: {
  connection: Connection
  tool: Tool | undefined
  /** Shows how its webhook is set up; null: it has none, or the reader sets up nothing. */
  onHook: (() => void) | null
}) => {
  const { url, polls, lineAt, heard } = connection
  if (url === null) return <p className="mute">Effects go out by it; it tells nothing.</p>
  const byLine = lineAt !== null || heard.line !== null
  return (
    <dl className="ways">
      {tool?.hook !== null && !(byLine && heard.webhook === null) && (
        <Way name="Webhook">
          <ByWebhook connection={connection} hasLine={tool?.line ?? false} onHook={onHook} />
        </Way>
      )}
      {polls.length > 0 && (
        <Way name="Asked">
          <ByAsking connection={connection} />
        </Way>
      )}
      {byLine && (
        <Way name="Line">
          {lineAt === null ? (
            'None stands now.'
          ) : (
            <>
              Opened <When at={lineAt} as="ago" />.
            </>
          )}{' '}
          <Last at={heard.line} from={connection.name} /> <Refused connection={connection} />
        </Way>
      )}
    </dl>
  )
}

const Way = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Last = ({ at, from }: { at: number | null; from: string }) =>
  at === null ? (
    <>Nothing came by it yet.</>
  ) : (
    <Link className="link" to="/deliveries" search={{ from }}>
      Last delivery <When at={at} as="ago" />
    </Link>
  )

const Refused = ({ connection }: { connection: Connection }) =>
  isRefusedNow(connection) && (
    <span className="wait">
      What came <When at={connection.heard.refused!} as="ago" /> was refused:{' '}
      <Link className="link" to="/deliveries" search={{ from: connection.name, outcome: 'refused' }}>
        see why
      </Link>
    </span>
  )

const ByWebhook = ({
  connection,
  hasLine,
  onHook,
}: {
  connection: Connection
  hasLine: boolean
  onHook: (() => void) | null
}) => {
  const { heard, polls, name } = connection
  const beforeWhat = hasLine ? 'its webhook, or a line to it,' : 'its webhook'
  return (
    <>
      <Last at={heard.webhook} from={name} /> {connection.lineAt === null && <Refused connection={connection} />}
      {heard.webhook === null && (
        <>
          {polls.length === 0 &&
            (onHook === null
              ? ' An admin sets it up.'
              : ` It tells nothing before ${beforeWhat} is set up there.`)}{' '}
          {onHook !== null && (
            <button type="button" className="link" onClick={onHook}>
              {polls.length === 0
                ? 'Show how'
                : connection.url !== null && hookReach(connection.url) !== null
                  ? 'A public address makes it faster'
                  : 'Set it up too, which is faster'}
            </button>
          )}
        </>
      )}
    </>
  )
}

const ByAsking = ({ connection: { polls, heard, name } }: { connection: Connection }) => {
  const asked = polls.flatMap((poll) => poll.askedAt ?? [])
  return (
    <>
      About {polls.map((poll) => poll.stream).join(', ')}
      {asked.length === 0 ? (
        '.'
      ) : (
        <>
          , <When at={Math.max(...asked)} as="ago" />.
        </>
      )}{' '}
      {heard.asked === null ? (
        asked.length > 0 && 'Nothing was found yet.'
      ) : (
        <Link className="link" to="/deliveries" search={{ from: name }}>
          Last found <When at={heard.asked} as="ago" />
        </Link>
      )}
      {polls
        .filter((poll) => poll.problem !== null)
        .map((poll) => (
          <Unasked key={poll.stream} poll={poll} many={polls.length > 1} />
        ))}
    </>
  )
}

/** Why one of them cannot be asked now, and when it is tried next. */
const Unasked = ({ poll, many }: { poll: Poll; many: boolean }) => (
  <p className="wait">
    {many && `${poll.stream}: `}
    <Revealed text={poll.problem ?? ''} />. Asked again <When at={poll.nextAt} as="moment" />.
  </p>
)
