/** One connection: who we are there, whether it works, what came last, what it is asked about; and its changes. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { AnotherSecret } from '../look/another-secret.tsx'
import { Dot } from '../look/dot.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { OldSecrets } from '../look/old-secrets.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { ConnectForm, type Connected, type Connection, type Tool } from './connect-form.tsx'
import { HeldBy } from './held-by.tsx'
import { HowHeard, isMute, isRefusedNow } from './how-heard.tsx'
import { HookWords } from './hook-words.tsx'
import { RemoveConnection } from './remove.tsx'
import { MadeSecrets } from './made-secrets.tsx'

/** "Address of the API" in the middle of a line. */
const small = (title: string): string => title.slice(0, 1).toLowerCase() + title.slice(1)

export const ConnectionLine = ({
  connection,
  tool,
  admin,
}: {
  connection: Connection
  tool: Tool | undefined
  admin: boolean
}) => {
  const [shown, setShown] = useState<'nothing' | 'change' | 'remove' | 'hook'>('nothing')
  const [another, setAnother] = useState(false)
  const [made, setMade] = useState<Connected['made'] | null>(null)
  const [notes, setNotes] = useState<Connected['notes']>([])
  const look = useLookAgain('connection')
  // What comes in is signed with it, or what goes out. Where the tool makes it, it is given under Change.
  const signs = tool?.fields.find((field) => field.signs || field.sends)
  const goesOut = signs?.sends === true
  const isMade = ({ made, notes }: Connected) => {
    setNotes(notes)
    setShown('nothing')
    setAnother(false)
    setMade(Object.keys(made).length > 0 ? made : null)
    void look()
  }
  const check = useMutation({
    mutationFn: () => api.checkConnection({ params: { connection: connection.id } }),
    onSettled: look,
  })
  const lost = connection.polls.flatMap((poll) => poll.lost ?? [])
  // What stands in each field, under its title; what holds for everybody is no news.
  const chosen = Object.entries(connection.settings).flatMap(([name, value]) => {
    const field = tool?.fields.find((one) => one.name === name)
    return field?.otherwise === value ? [] : [[field ? small(field.title) : name, value] as const]
  })
  // That no runner holds its credential yet is told with the command that changes it.
  const awaits = connection.held?.runners.length === 0
  const problem = awaits ? null : connection.problem
  const wantsLook =
    awaits ||
    lost.length > 0 ||
    isRefusedNow(connection) ||
    connection.polls.some((poll) => poll.problem !== null) ||
    connection.held?.runners.every((runner) => !runner.online)
  const toggle = (what: typeof shown) => () => setShown(shown === what ? 'nothing' : what)
  const title = tool?.title ?? connection.tool
  // A connection that is called as its tool is said once.
  const name = connection.name.toLowerCase() === title.toLowerCase() ? null : connection.name
  return (
    <article className="connection" aria-label={name === null ? title : `${title} ${name}`}>
      <header>
        <Dot tone={problem !== null ? 'stop' : wantsLook ? 'wait' : isMute(connection) ? 'idle' : 'done'} />
        <h2 className="m">{title}</h2>
        {name !== null && <span className="mute">{name}</span>}
        {connection.account !== null && (
          <span className="mute cut">
            as <Revealed text={connection.account} />
          </span>
        )}
        <span className="right" />
        {admin && (
          <div className="does">
            {tool?.hook && connection.url !== null && (
              <button type="button" className="btn sm quiet" aria-expanded={shown === 'hook'} onClick={toggle('hook')}>
                Webhook
              </button>
            )}
            {goesOut && connection.held === null && (
              <button type="button" className="btn sm quiet" aria-expanded={shown === 'hook'} onClick={toggle('hook')}>
                Secret
              </button>
            )}
            {connection.held === null && (
              <button type="button" className="btn sm quiet" disabled={check.isPending} onClick={() => check.mutate()}>
                {check.isPending ? 'Asking …' : 'Check'}
              </button>
            )}
            <button
              type="button"
              className="btn sm quiet"
              aria-expanded={shown === 'change'}
              onClick={toggle('change')}
            >
              Change
            </button>
            <button
              type="button"
              className="btn sm quiet apart"
              aria-expanded={shown === 'remove'}
              onClick={toggle('remove')}
            >
              Remove
            </button>
          </div>
        )}
      </header>
      {problem !== null && (
        <p className="stop">
          <Revealed text={problem} />
        </p>
      )}
      <p className="mute">
        Connected <When at={connection.createdAt} as="ago" />
        {chosen.map(([title, value]) => (
          <span key={title}>
            {' · '}
            {title} <Revealed text={value} />
          </span>
        ))}
      </p>
      <HowHeard
        connection={connection}
        tool={tool}
        onHook={admin && tool?.hook && connection.url !== null ? toggle('hook') : null}
      />
      {connection.held !== null && <HeldBy held={connection.held} />}
      {lost.map(({ at, what }) => (
        <p key={what} className="wait">
          Not looked at, <When at={at} as="ago" />: <Revealed text={what} />
        </p>
      ))}
      <OldSecrets
        all={connection.oldSecrets}
        of={connection.name}
        goesOut={goesOut}
        onEnd={admin ? () => api.endOldConnectionSecrets({ params: { connection: connection.id } }).then(look) : null}
      />
      {notes.length > 0 && (
        <Notice
          tone="wait"
          title={`What the change of ${connection.name} means`}
          actions={
            <button type="button" className="btn sm" onClick={() => setNotes([])}>
              Seen
            </button>
          }
        >
          <Revealed text={notes.join(' ')} />
        </Notice>
      )}
      {made && <MadeSecrets name={connection.name} made={made} tool={tool} onSeen={() => setMade(null)} />}
      {shown === 'hook' && !goesOut && <HookWords words={tool?.hook ?? null} url={connection.url} />}
      {shown === 'hook' &&
        signs?.otherwise === 'made' &&
        (another ? (
          <AnotherSecret
            make={(oldHours) => api.rotateConnection({ params: { connection: connection.id }, body: { oldHours } })}
            onMade={isMade}
            onEnd={() => setAnother(false)}
            goesOut={goesOut}
          />
        ) : (
          <div className="field">
            <button type="button" className="btn sm" onClick={() => setAnother(true)}>
              Make a new secret
            </button>
          </div>
        ))}
      {shown === 'change' && tool && <ConnectForm tool={tool} before={connection} taken={[]} onDone={isMade} />}
      {shown === 'remove' && (
        <RemoveConnection connection={connection} title={title} onKeep={() => setShown('nothing')} />
      )}
      {check.isError && <ProblemNotice problem={asProblem(check.error)} />}
    </article>
  )
}
