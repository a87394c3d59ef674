/** For which accounts does a webhook address speak, and how does an admin say others? */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf } from '@viewportai/core/api/client'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { Revealed } from '../text/revealed.tsx'
import { accountsIn } from './accounts-in.ts'

type Source = AnswerOf<'sources', Response>['sources'][number]

export const SpeaksFor = ({ source, admin }: { source: Source; admin: boolean }) => {
  const [open, setOpen] = useState(false)
  const { accounts } = source
  return (
    <>
      <span className={accounts === null ? 'wait' : 'mute'}>
        {accounts === null ? (
          'speaks for any account'
        ) : accounts.length === 0 ? (
          'speaks for no account'
        ) : (
          <>
            speaks for <Revealed text={accounts.join(', ')} code />
          </>
        )}
      </span>
      {admin && !open && (
        <button
          type="button"
          className="btn sm"
          aria-label={`Change the accounts of ${source.name}`}
          onClick={() => setOpen(true)}
        >
          Change
        </button>
      )}
      {open && <Accounts source={source} onEnd={() => setOpen(false)} />}
    </>
  )
}

const Accounts = ({ source, onEnd }: { source: Source; onEnd: () => void }) => {
  const [text, setText] = useState((source.accounts ?? []).join(', '))
  const look = useLookAgain('delivery')
  const change = useMutation({
    mutationFn: () => api.changeSource({ params: { source: source.id }, body: { accounts: accountsIn(text) } }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  const id = `accounts-${source.id}`
  return (
    <form
      className="field accounts"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <label className="dim" htmlFor={id}>
        Accounts begin with
      </label>
      <input
        id={id}
        className="input narrow"
        placeholder="tracker:, github:ghe.acme.dev/"
        aria-describedby={`${id}-says`}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever pressed Change writes next
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="btn sm" disabled={change.isPending}>
        Save
      </button>
      <button type="button" className="btn sm" onClick={onEnd}>
        Keep it
      </button>
      <span id={`${id}-says`} className="limit">
        with commas between; empty is no account
      </span>
      {change.isError && <ProblemNotice problem={asProblem(change.error)} />}
    </form>
  )
}
