/** Which repository, and from which branch? One of the workspace's, or another address; then the runner looks at it. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { meantAddress } from './address.ts'
import type { Runner } from './runner-choice.tsx'
import type { Look } from './use-look.ts'

const another = ''

const isOpen = ({ state }: Look): boolean => state === 'asked' || state === 'looking'

export const RepositoryFields = ({
  runner,
  look,
  wanted,
  onAsked,
}: {
  runner: Runner
  look: Look | null
  /** The name of a repository that a page before has chosen. */
  wanted: string | undefined
  onAsked: (look: string) => void
}) => {
  const known = useQuery(questions.repositories()).data?.repositories ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const [branch, setBranch] = useState(look?.branch ?? '')
  const named = known.find((one) => (look ? one.url === look.url : one.name === wanted))
  const name = chosen ?? named?.name ?? (look || known.length === 0 ? another : known[0]!.name)
  const text = typed ?? look?.url.replace(/^file:\/\//, '') ?? ''
  const meant =
    name === another ? meantAddress(text) : { url: known.find((one) => one.name === name)?.url ?? null, why: null }
  const ask = useMutation({
    mutationFn: (url: string) =>
      api.askLook({ body: { runner: runner.id, url, branch: branch.trim() === '' ? null : branch.trim() } }),
    onSuccess: ({ id }) => onAsked(id),
  })
  const again = look !== null && look.url === meant.url && (look.branch ?? '') === branch.trim()
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (meant.url !== null) ask.mutate(meant.url)
      }}
    >
      <div className="pair">
        <div className="stack">
          {known.length > 0 && (
            <div>
              <label htmlFor="repository">Repository</label>
              <select
                id="repository"
                className="select"
                value={name}
                onChange={(event) => setChosen(event.target.value)}
              >
                {known.map((one) => (
                  <option key={one.id} value={one.name}>
                    {one.name}
                  </option>
                ))}
                <option value={another}>Another one…</option>
              </select>
            </div>
          )}
          {name === another && (
            <div>
              <label htmlFor="address">Address, or path on {runner.name}</label>
              <input
                id="address"
                className="input mono"
                value={text}
                onChange={(event) => setTyped(event.target.value)}
                placeholder="https://github.com/acme/api  or  /home/jess/code/api"
                autoCapitalize="none"
                autoComplete="off"
                spellCheck={false}
                aria-invalid={meant.why !== null}
                aria-describedby="address-note"
              />
              <p id="address-note" className={meant.why === null ? 'limit' : 'wrong'}>
                {meant.why ??
                  `${runner.name} reads it with the credentials it has, if its policy lets it; nothing of it runs`}
              </p>
            </div>
          )}
        </div>
        <div>
          <label htmlFor="branch">Branch to begin at</label>
          <input
            id="branch"
            className="input mono"
            list="branches"
            value={branch}
            onChange={(event) => setBranch(event.target.value)}
            placeholder={look?.found?.repository.branch ?? 'its own default'}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
          <datalist id="branches">
            {look?.found?.repository.branches.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </datalist>
        </div>
      </div>
      {ask.isError && <ProblemNotice problem={asProblem(ask.error)} />}
      <div>
        <button
          className={look?.found && again ? 'btn' : 'btn pri'}
          disabled={meant.url === null || ask.isPending || (again && isOpen(look))}
        >
          {again ? 'Look again' : 'Look at it'}
        </button>
      </div>
    </form>
  )
}
