/**
 * Signing in with a one-time link. The token behind the # is taken out of the address at once and posted;
 * opening the page alone changes nothing, so a preview of the link signs nobody in.
 */
import './sign-in.css'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, setCrossSiteToken } from '../api/call.ts'
import { asProblem, type Problem } from '../api/problem.ts'
import { Icon } from '../look/icon.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { safePath, tokenIn } from './token.ts'

/** Takes the token out of the address, so that neither history nor a screenshot keeps it. Once per page load. */
const takeToken = (): string | null => {
  const token = tokenIn(location.hash)
  if (location.hash) history.replaceState(history.state, '', `${location.pathname}${location.search}`)
  return token
}

export const SignInPage = () => {
  const { to } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const queries = useQueryClient()
  const [pasted, setPasted] = useState('')
  const [state, setState] = useState<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null })

  const signIn = async (token: string) => {
    setState({ busy: true, problem: null })
    try {
      const answer = await api.signIn({ body: { token } })
      queries.clear()
      setCrossSiteToken('') // of the session before, whosever it was
      await router.navigate({ href: safePath(to ?? answer.to), replace: true })
    } catch (error) {
      setState({ busy: false, problem: asProblem(error) })
    }
  }
  useEffect(() => {
    const look = () => {
      const token = takeToken()
      if (token) void signIn(token)
    }
    document.title = 'Sign in · Viewport'
    look()
    window.addEventListener('hashchange', look) // a second link pasted into the same tab
    return () => window.removeEventListener('hashchange', look)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the address is read when the page opens
  }, [])

  const token = tokenIn(pasted)
  const odd = pasted.trim() !== '' && token === null
  return (
    <main className="door">
      <div>
        <h1 className="verb row-of">
          <Icon name="logo" />
          Viewport
        </h1>
        {state.busy ? (
          <output className="lead">Signing in</output>
        ) : (
          <>
            <p className="lead">Open the sign-in link you were given. It works once and for a short time.</p>
            {state.problem && <ProblemNotice problem={state.problem} />}
            <form
              className="form"
              onSubmit={(event) => {
                event.preventDefault()
                if (token) void signIn(token)
              }}
            >
              <div>
                <label htmlFor="link">Sign-in link</label>
                <input
                  id="link"
                  className="input mono"
                  autoComplete="off"
                  spellCheck={false}
                  placeholder={`${location.origin}/sign-in#…`}
                  value={pasted}
                  onChange={(event) => setPasted(event.target.value)}
                  aria-invalid={odd}
                  aria-describedby="link-note"
                />
                <p id="link-note" className={odd ? 'wrong' : 'limit'}>
                  {odd
                    ? 'There is no one-time token in this. Paste the whole link.'
                    : 'Paste the whole link, or what follows the #.'}
                </p>
              </div>
              <div>
                <button className="btn pri" disabled={token === null}>
                  Sign in
                </button>
              </div>
            </form>
            <p className="hint">
              No link? On the machine of the server: <code>viewport sign-in-link @HANDLE</code>
            </p>
          </>
        )}
      </div>
    </main>
  )
}
