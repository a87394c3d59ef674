/** What the rail holds and a phone's bar has no room for: the other places, theme, sign out. The last button of the bar, one panel. */
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { useRef } from 'react'
import { questions } from '../api/queries.ts'
import { PersonMark } from '../look/avatar.tsx'
import { Icon } from '../look/icon.tsx'
import { places } from './places.ts'
import { useSignOut } from './sign-out.ts'
import { toggleTheme, useTheme } from './theme.ts'

/** How many places the phone's bar holds beside the button that leads to the others. */
export const inBar = 4

export const MeSheet = () => {
  const me = useQuery(questions.me()).data
  const theme = useTheme()
  const signOut = useSignOut()
  const at = useLocation({ select: (location) => location.pathname })
  const panel = useRef<HTMLDialogElement>(null)
  const close = () => panel.current?.close()
  if (!me) return null
  return (
    <>
      <button
        type="button"
        className={`me-open${places.slice(inBar).some(({ to }) => at === to || at.startsWith(`${to}/`)) ? ' on' : ''}`}
        aria-label={`More: @${me.person.handle}`}
        aria-haspopup="dialog"
        onClick={() => panel.current?.showModal()}
      >
        <Icon name="more" />
        More
      </button>
      <dialog ref={panel} className="sheet mesheet" aria-label="More">
        <p className="row-of">
          <PersonMark name={me.person.handle} />
          <b className="b">@{me.person.handle}</b> <span className="mute">{me.workspace.name}</span>
        </p>
        <ul>
          {places.slice(inBar).map((place) => (
            <li key={place.to}>
              <Link to={place.to} onClick={close}>
                <Icon name={place.icon} />
                {place.label}
              </Link>
            </li>
          ))}
          <li>
            <button type="button" onClick={toggleTheme}>
              <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
              {theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
            </button>
          </li>
          <li>
            <button
              type="button"
              onClick={() => {
                close()
                signOut()
              }}
            >
              <Icon name="leave" />
              Sign out
            </button>
          </li>
          <li>
            <button type="button" onClick={close}>
              <Icon name="x" />
              Close
            </button>
          </li>
        </ul>
      </dialog>
    </>
  )
}
