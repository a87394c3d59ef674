/** In which pool does a runner work? An admin moves it; what it holds now, it finishes. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useId, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { focusHere } from '../look/focus-here.ts'
import { KeyValue } from '../look/key-value.tsx'
import { ProblemNotice } from '../look/notice.tsx'

type One = AnswerOf<'runners', Response>['runners'][number]

export const RunnerPool = ({ runner, admin }: { runner: One; admin: boolean }) => {
  const [changing, setChanging] = useState(false)
  if (changing) return <Choice runner={runner} onEnd={() => setChanging(false)} />
  return (
    <KeyValue label="Pool">
      {runner.pool}{' '}
      {admin && (
        <button type="button" className="link" onClick={() => setChanging(true)}>
          Change<span className="sr"> the pool of {runner.name}</span>
        </button>
      )}
    </KeyValue>
  )
}

const Choice = ({ runner, onEnd }: { runner: One; onEnd: () => void }) => {
  const [pool, setPool] = useState(runner.pool)
  const pools = useQuery(questions.runners()).data?.pools ?? []
  const look = useLookAgain('runner')
  const [list, field] = [useId(), useId()]
  const fits = /^[a-z0-9][a-z0-9_-]{0,62}$/.test(pool)
  const save = useMutation({
    mutationFn: () => api.changeRunner({ params: { runner: runner.id }, body: { pool } }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  return (
    <form
      className="field pool"
      onSubmit={(event) => {
        event.preventDefault()
        if (fits) save.mutate()
      }}
    >
      <label className="dim" htmlFor={field}>
        Pool<span className="sr"> of {runner.name}</span>
      </label>
      <input
        id={field}
        ref={focusHere}
        className="input narrow"
        list={list}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={!fits}
        value={pool}
        onChange={(event) => setPool(event.target.value)}
      />
      <datalist id={list}>
        {pools.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      <button className="btn sm pri" disabled={!fits || save.isPending}>
        Save
      </button>
      <button type="button" className="btn sm" onClick={onEnd}>
        Keep as it is
      </button>
      {!fits && <span className="stop">small letters, digits, - and _</span>}
      {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
    </form>
  )
}
