/** The app around every page of a signed-in person. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listen } from '../api/live.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { useKeys } from '../keys/use-keys.ts'
import { Help } from './help.tsx'
import { places } from './places.ts'
import { Rail } from './rail.tsx'

const againMillis = 4_000

export const Shell = () => {
  const me = useQuery({
    ...questions.me(),
    // Nobody answered when the page was opened: it is asked again until somebody does.
    refetchInterval: (query) => (query.state.status === 'error' && !query.state.data ? againMillis : false),
  })
  const queries = useQueryClient()
  const navigate = useNavigate()
  const out = me.error !== null && asProblem(me.error).code === 'not_signed_in'

  useEffect(() => {
    // Where one is now is read once: on the way to the door the address already changes.
    const here = `${location.pathname}${location.search}`
    if (out && location.pathname !== '/sign-in') void navigate({ to: '/sign-in', search: { to: here }, replace: true })
  }, [out, navigate])
  const signedIn = me.data !== undefined && !out
  useEffect(() => (signedIn ? listen(queries) : undefined), [signedIn, queries])
  useKeys(
    Object.fromEntries(
      places.map((place) => [
        place.keys,
        (event: KeyboardEvent) => {
          event.preventDefault()
          void navigate({ to: place.to })
        },
      ]),
    ),
  )

  if (out) return null
  if (me.isError && !me.data)
    return (
      <main className="first">
        <h1 className="verb">{asProblem(me.error).message}</h1>
        <p className="lead">
          {asProblem(me.error).code === 'unreachable'
            ? 'It is asked again by itself; the page comes when it answers.'
            : asProblem(me.error).next}
        </p>
        <div className="field">
          <button type="button" className="btn" disabled={me.isFetching} onClick={() => void me.refetch()}>
            Ask now
          </button>
        </div>
      </main>
    )
  return (
    <div className="app">
      <a className="btn skip" href="#content">
        Skip to the content
      </a>
      <Rail />
      <Outlet />
      <Help />
    </div>
  )
}
