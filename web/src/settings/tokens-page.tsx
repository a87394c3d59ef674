/** The reader's own API tokens, for the command line and programs: made here, shown once, revoked. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useNow } from '../api/clock.ts'
import { useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { CopyText } from '../look/copy-text.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'
import { SettingsFrame } from './frame.tsx'

type Token = AnswerOf<'tokens', Response>['tokens'][number]

export const TokensPage = () => {
  const answer = useQuery(questions.tokens())
  const [made, setMade] = useState<string | null>(null)
  return (
    <SettingsFrame title="Your tokens">
      {() => (
        <>
          <section className="setnew" aria-label="A new token">
            <p className="dim">
              A token signs in the command line and programs as you: whoever has it may do what you may.
            </p>
            {made === null ? <NewToken onMade={setMade} /> : <Made token={made} onSeen={() => setMade(null)} />}
          </section>
          <Held answer={answer} what="your tokens">
            {({ tokens }) =>
              tokens.length === 0 ? (
                <div className="first">
                  <h2 className="verb">You have no token</h2>
                  <p className="lead">In the browser none is needed.</p>
                </div>
              ) : (
                tokens.map((token) => <TokenLine key={token.id} token={token} />)
              )
            }
          </Held>
        </>
      )}
    </SettingsFrame>
  )
}

const NewToken = ({ onMade }: { onMade: (token: string) => void }) => {
  const [name, setName] = useState('')
  const [days, setDays] = useState(90)
  const look = useLookAgainAt('tokens')
  const make = useMutation({
    mutationFn: () => api.makeToken({ body: { name: name.trim(), days } }),
    onSuccess: ({ token }) => {
      onMade(token)
      void look()
    },
  })
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') make.mutate()
      }}
    >
      <label className="dim" htmlFor="token">
        New token for
      </label>
      <input
        id="token"
        className="input narrow"
        maxLength={80}
        placeholder="laptop"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <label className="dim" htmlFor="days">
        good for
      </label>
      <select
        id="days"
        className="select narrow"
        value={days}
        onChange={(event) => setDays(Number(event.target.value))}
      >
        {[7, 30, 90, 365].map((many) => (
          <option key={many} value={many}>
            {many} days
          </option>
        ))}
      </select>
      <button className="btn" disabled={name.trim() === '' || make.isPending}>
        Make a token
      </button>
      <span className="limit">it is shown once</span>
      {make.isError && <ProblemNotice problem={asProblem(make.error)} />}
    </form>
  )
}

const Made = ({ token, onSeen }: { token: string; onSeen: () => void }) => (
  <div className="form appears">
    <Notice
      tone="wait"
      title="The token is shown now and never again"
      actions={
        <button type="button" className="btn sm" onClick={onSeen}>
          I have kept it
        </button>
      }
    />
    <CopyText text={token} />
    <p className="dim">The command line takes it from its environment:</p>
    <pre className="cmd">{`export VIEWPORT_URL=${window.location.origin}\nexport VIEWPORT_TOKEN=${token}\nviewport inbox`}</pre>
  </div>
)

const TokenLine = ({ token }: { token: Token }) => {
  const [asking, setAsking] = useState(false)
  const now = useNow()
  const revoke = useMutation({
    mutationFn: () => api.revokeToken({ params: { token: token.id } }),
    onSettled: useLookAgainAt('tokens'),
  })
  return (
    <article className="setrow" aria-label={token.name}>
      <header>
        <h2 className="m">{token.name}</h2>
        <span className={token.expiresAt < now ? 'stop' : 'mute'}>
          {token.expiresAt < now ? 'ended' : 'good until'} <When at={token.expiresAt} as="moment" />
        </span>
        <div className="does">
          {asking ? (
            <>
              <span className="stop">What uses it is refused at once.</span>
              <button type="button" className="btn sm no" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
                Revoke {token.name}
              </button>
              <button type="button" className="btn sm" onClick={() => setAsking(false)}>
                Keep it
              </button>
            </>
          ) : (
            <button type="button" className="btn sm" onClick={() => setAsking(true)}>
              Revoke
            </button>
          )}
        </div>
      </header>
      <p className="mute">
        Made <When at={token.createdAt} as="moment" /> ·{' '}
        {token.usedAt === null ? (
          'never used'
        ) : (
          <>
            last used <When at={token.usedAt} as="ago" />
          </>
        )}
      </p>
      {revoke.isError && <ProblemNotice problem={asProblem(revoke.error)} />}
    </article>
  )
}
