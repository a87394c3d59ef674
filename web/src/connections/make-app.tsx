/** An App of GitHub in one click: for whom, then a page that leads to GitHub. */
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { api } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'

export const MakeApp = ({ taken }: { taken: readonly string[] }) => {
  const [organization, setOrganization] = useState('')
  const [base, setBase] = useState('')
  const [one, two] = [useId(), useId()]
  const start = useMutation({
    mutationFn: () =>
      api.startApp({
        body: {
          name: nameFor(taken),
          base: base.trim() || 'https://api.github.com',
          organization: organization.trim() || null,
        },
      }),
    onSuccess: ({ page }) => window.location.assign(page),
  })
  return (
    <form
      className="form"
      aria-label="Make a GitHub App"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <p className="dim">
        GitHub makes an App with just the rights that are needed, and you choose its repositories. Nothing is copied by
        hand.
      </p>
      <div>
        <label htmlFor={one}>Organization</label>
        <input
          id={one}
          className="input narrow"
          spellCheck={false}
          autoComplete="off"
          value={organization}
          onChange={(event) => setOrganization(event.target.value)}
        />
        <div className="limit">Whose App it will be. Left empty, your own account’s.</div>
      </div>
      <div>
        <label htmlFor={two}>Enterprise Server</label>
        <input
          id={two}
          className="input"
          spellCheck={false}
          autoComplete="off"
          placeholder="https://HOST/api/v3"
          value={base}
          onChange={(event) => setBase(event.target.value)}
        />
        <div className="limit">Address of its API. Left empty, github.com.</div>
      </div>
      <div className="field">
        <button className="btn pri" disabled={start.isPending}>
          {start.isPending ? 'Preparing …' : 'Make an App at GitHub'}
        </button>
        <span className="limit">GitHub asks you for its name and its repositories, then you are back here</span>
      </div>
      {start.isError && <ProblemNotice problem={asProblem(start.error)} />}
    </form>
  )
}

/** `github`, or the first of `github 2`, `github 3` … that is free. */
const nameFor = (taken: readonly string[]): string => {
  for (let count = 1; ; count++) {
    const name = count === 1 ? 'github' : `github ${count}`
    if (!taken.includes(name)) return name
  }
}
