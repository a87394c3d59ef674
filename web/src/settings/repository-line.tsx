/** One repository: where it lies, what may be done in it at once, and its change. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain, useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { counted } from '../look/amounts.ts'
import { FieldLine } from '../look/field-line.tsx'
import { focusHere } from '../look/focus-here.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { AgentSettings, type Repository } from './agent-settings.tsx'

export const RepositoryLine = ({ repository, admin }: { repository: Repository; admin: boolean }) => {
  const [shown, setShown] = useState<'nothing' | 'change' | 'remove'>('nothing')
  const look = useLookAgainAt('repositories', 'workflows', 'workflow', 'runners')
  const remove = useMutation({
    mutationFn: () => api.removeRepository({ params: { repository: repository.id } }),
    onSettled: look,
  })
  const { name, url, defaultBranch, atOnce } = repository
  return (
    <article className="setrow" aria-label={name}>
      <header>
        <h2 className="m">{name}</h2>
        {admin && (
          <div className="does">
            {(['change', 'remove'] as const).map((what) => (
              <button
                key={what}
                type="button"
                className="btn sm"
                aria-expanded={shown === what}
                onClick={() => setShown(shown === what ? 'nothing' : what)}
              >
                {what === 'change' ? 'Change' : 'Remove'}
                <span className="sr"> {name}</span>
              </button>
            ))}
          </div>
        )}
      </header>
      <p className="dim">
        <code>{url}</code> · branch <code>{defaultBranch}</code> ·{' '}
        {atOnce === null ? 'any number of pieces of work at once' : `${counted(atOnce, 'piece')} of work at once`}
      </p>
      {shown === 'change' && <Change repository={repository} onEnd={() => setShown('nothing')} />}
      {shown === 'remove' && (
        <div className="field">
          <span className="stop">
            Workflows that name it are not ready any more, runners lose their leave to use it, and changes of it that
            stand open cannot be merged from here. What runs did in it stays in their packets.
          </span>
          <button type="button" className="btn sm no" disabled={remove.isPending} onClick={() => remove.mutate()}>
            Remove {name} for good
          </button>
          <button type="button" className="btn sm" onClick={() => setShown('nothing')}>
            Keep it
          </button>
        </div>
      )}
      {remove.isError && <ProblemNotice problem={asProblem(remove.error)} />}
      <AgentSettings repository={repository} admin={admin} />
    </article>
  )
}

const Change = ({ repository, onEnd }: { repository: Repository; onEnd: () => void }) => {
  const [url, setUrl] = useState(repository.url)
  const [branch, setBranch] = useState(repository.defaultBranch)
  const [atOnce, setAtOnce] = useState(repository.atOnce === null ? '' : String(repository.atOnce))
  const look = useLookAgain('workflow')
  const moves = url.trim() !== repository.url
  const many = atOnce.trim() === '' ? null : Number(atOnce)
  const wrong =
    many !== null && !(Number.isInteger(many) && many >= 1 && many <= 1_000) ? 'A number from 1 to 1000.' : null
  const save = useMutation({
    mutationFn: () =>
      api.changeRepository({
        params: { repository: repository.id },
        body: { ...(moves && { url: url.trim() }), defaultBranch: branch.trim(), atOnce: many },
      }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  return (
    <form
      className="form"
      aria-label={`Change ${repository.name}`}
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong === null) save.mutate()
      }}
    >
      <FieldLine
        label="Address"
        says={
          moves && repository.agentSettings === 'base'
            ? 'Another address is another repository: agents no longer load its settings.'
            : 'Where runners fetch it. Runs that have started keep the one they started with.'
        }
      >
        {(id) => (
          <input
            id={id}
            ref={focusHere}
            className="input mono"
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            maxLength={2_000}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        )}
      </FieldLine>
      <FieldLine label="Default branch">
        {(id) => (
          <input
            id={id}
            className="input mono narrow"
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            maxLength={200}
            value={branch}
            onChange={(event) => setBranch(event.target.value)}
          />
        )}
      </FieldLine>
      <FieldLine
        label="Pieces of work at once"
        says="Left empty, any number. It holds from the next piece on."
        wrong={wrong}
      >
        {(id) => (
          <input
            id={id}
            className="input narrow"
            inputMode="numeric"
            placeholder="any"
            aria-invalid={wrong !== null}
            value={atOnce}
            onChange={(event) => setAtOnce(event.target.value)}
          />
        )}
      </FieldLine>
      {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
      <div className="field">
        <button
          className="btn pri"
          disabled={wrong !== null || url.trim() === '' || branch.trim() === '' || save.isPending}
        >
          Save
        </button>
        <button type="button" className="btn" onClick={onEnd}>
          Keep as it is
        </button>
      </div>
    </form>
  )
}
