/** Which repositories may a runner use? An admin changes it here; what the runner holds now, it finishes. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { ProblemNotice } from '../look/notice.tsx'

type One = AnswerOf<'runners', Response>['runners'][number]

export const RunnerRepositories = ({ runner, admin }: { runner: One; admin: boolean }) => {
  const [changing, setChanging] = useState(false)
  if (changing) return <Choice runner={runner} onEnd={() => setChanging(false)} />
  return (
    <>
      {runner.repositories.length === 0 ? (
        <p className="mute">none: it gets no work</p>
      ) : (
        <ul className="mono">
          {runner.repositories.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {admin && (
        <button type="button" className="link" onClick={() => setChanging(true)}>
          Change<span className="sr"> the repositories of {runner.name}</span>
        </button>
      )}
    </>
  )
}

const Choice = ({ runner, onEnd }: { runner: One; onEnd: () => void }) => {
  const look = useLookAgain('runner')
  const all = useQuery(questions.repositories())
  const [chosen, setChosen] = useState(runner.repositories)
  const save = useMutation({
    mutationFn: () => api.changeRunner({ params: { runner: runner.id }, body: { repositories: chosen } }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <fieldset>
        <legend className="sr">Repositories that {runner.name} may use</legend>
        {all.isPending && <p className="mute">Asking for the repositories</p>}
        {all.isError && <ProblemNotice problem={asProblem(all.error)} />}
        {all.data?.repositories.length === 0 && <p className="mute">This workspace has no repository yet.</p>}
        {all.data?.repositories.map(({ id, name }) => (
          <label className="check" key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={(event) =>
                setChosen(event.target.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
              }
            />
            <span className="mono">{name}</span>
          </label>
        ))}
      </fieldset>
      {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
      <div className="row-of">
        <button className="btn sm pri" disabled={save.isPending || !all.data}>
          Save
        </button>
        <button type="button" className="btn sm" onClick={onEnd}>
          Keep as it is
        </button>
      </div>
    </form>
  )
}
