/** A repository is added: its name as workflows write it, where runners fetch it. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { FieldLine } from '../look/field-line.tsx'
import { focusHere } from '../look/focus-here.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'

const isName = (text: string): boolean => /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/.test(text)

/** `onEnd`: closes it; null: it stays open. */
export const AddRepository = ({ names, onEnd }: { names: readonly string[]; onEnd: (() => void) | null }) => {
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [branch, setBranch] = useState('')
  const look = useLookAgain('workflow')
  const add = useMutation({
    mutationFn: () =>
      api.addRepository({ body: { name: name.trim(), url: url.trim(), defaultBranch: branch.trim() || 'main' } }),
    onSuccess: () => {
      setName('')
      setUrl('')
      setBranch('')
      void look()
    },
  })
  const wrong =
    name.trim() === ''
      ? null
      : !isName(name.trim())
        ? 'It is written owner/name, as in acme/api.'
        : names.includes(name.trim())
          ? `There is a repository ${name.trim()} already.`
          : null
  const ready = name.trim() !== '' && wrong === null && url.trim() !== ''
  return (
    <section className="setnew appears" aria-label="Add a repository">
      {add.isSuccess && (
        <Notice tone="done" title="The repository is there">
          A runner that is paired already must be allowed to use it: Runners, Repositories, Change.
        </Notice>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) add.mutate()
        }}
      >
        <FieldLine label="Name" says="owner/name, as workflows write it. It never changes." wrong={wrong}>
          {(id) => (
            <input
              id={id}
              ref={focusHere}
              className="input mono"
              placeholder="acme/api"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              aria-invalid={wrong !== null}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldLine>
        <FieldLine
          label="Address"
          says="https://…, or file:///… on the runner’s own disk. Runners fetch it with credentials of their own; Viewport never does."
        >
          {(id) => (
            <input
              id={id}
              className="input mono"
              placeholder="https://github.com/acme/api.git"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              maxLength={2_000}
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </FieldLine>
        <FieldLine label="Default branch" says="Left empty, main.">
          {(id) => (
            <input
              id={id}
              className="input mono narrow"
              placeholder="main"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              value={branch}
              onChange={(event) => setBranch(event.target.value)}
            />
          )}
        </FieldLine>
        {add.isError && <ProblemNotice problem={asProblem(add.error)} />}
        <div className="field">
          <button className="btn pri" disabled={!ready || add.isPending}>
            Add the repository
          </button>
          {onEnd && (
            <button type="button" className="btn" onClick={onEnd}>
              Close
            </button>
          )}
        </div>
      </form>
    </section>
  )
}
