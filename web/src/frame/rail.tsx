/** The rail: where one can go, what waits there, who is signed in. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { questions } from '../api/queries.ts'
import { PersonMark } from '../look/avatar.tsx'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { counted, waitingCount } from '../look/amounts.ts'
import { openHelp } from './help.tsx'
import { inBar, MeSheet } from './me-sheet.tsx'
import { places } from './places.ts'
import { useSignOut } from './sign-out.ts'
import { toggleTheme, useTheme } from './theme.ts'

export const Rail = () => {
  const me = useQuery(questions.me())
  const status = useQuery(questions.status())
  const counts: Record<string, { n: number; hot: boolean; what: string }> = status.data
    ? {
        '/inbox': { n: status.data.inbox, hot: true, what: 'awaiting you' },
        '/runs': { n: status.data.running, hot: false, what: 'running' },
        '/workflows': { n: status.data.workflows, hot: false, what: 'workflows' },
      }
    : {}
  return (
    <aside className="rail" aria-label="Workspace">
      <div className="ws">
        <Icon name="logo" />
        <span className="wsname cut">{me.data?.workspace.name ?? 'Viewport'}</span>
      </div>
      <nav aria-label="Main">
        {places.map((place, at) => {
          const count = counts[place.to]
          return (
            <Link
              key={place.to}
              to={place.to}
              className={at >= inBar ? 'more' : undefined}
              activeProps={{ 'aria-current': 'page' }}
              title={place.label}
            >
              <Icon name={place.icon} />
              <span className="lb">{place.label}</span>
              {count && count.n > 0 && (
                <span className={`n${count.hot ? ' hot' : ''}`}>
                  {count.hot ? waitingCount(count.n) : count.n}
                  <span className="sr"> {count.what}</span>
                </span>
              )}
            </Link>
          )
        })}
        <MeSheet />
      </nav>
      <div className="foot">
        {status.data && (
          <>
            <div>
              <Dot tone={status.data.runnersOnline > 0 ? 'done' : 'idle'} />
              {status.data.runnersOnline > 0
                ? `${counted(status.data.runnersOnline, 'runner')} online`
                : 'No runner online'}
            </div>
            {status.data.slots > 0 && (
              <div>
                <Dot tone="idle" />
                {status.data.slotsFree} of {counted(status.data.slots, 'slot')} free
              </div>
            )}
          </>
        )}
      </div>
      <Me handle={me.data?.person.handle} />
    </aside>
  )
}

const Me = ({ handle }: { handle: string | undefined }) => {
  const theme = useTheme()
  const signOut = useSignOut()
  return (
    <div className="me">
      <span className="who">
        {handle && <PersonMark name={handle} />}
        <span className="handle cut">{handle && `@${handle}`}</span>
      </span>
      <button
        type="button"
        className="tool"
        onClick={toggleTheme}
        title={theme === 'dark' ? 'Light' : 'Dark'}
        aria-label={theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button type="button" className="tool" onClick={signOut} title="Sign out" aria-label="Sign out">
        <Icon name="leave" />
      </button>
      <button type="button" className="tool" onClick={openHelp} title="Keys" aria-label="Show all keys">
        <kbd>?</kbd>
      </button>
    </div>
  )
}
