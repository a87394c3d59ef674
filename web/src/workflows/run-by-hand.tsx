/** Starting a run by hand: what should be done, and the inputs that the workflow declares. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import { useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { freshRequest } from './fresh-request.ts'
import { InputField } from './input-field.tsx'
import { inputsFrom, type Inputs } from './inputs.ts'

export const RunByHand = ({
  name,
  compiled,
  may,
  why,
}: {
  name: string
  compiled: Compiled
  may: boolean
  why: string
}) => {
  const declared: Inputs = compiled.triggers.find((trigger) => trigger.tool === 'manual')?.inputs ?? {}
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [values, setValues] = useState<Record<string, string>>({})
  const request = useRef(freshRequest())
  const look = useLookAgain('run')
  const navigate = useNavigate()
  const inputs = inputsFrom(declared, values)
  const start = useMutation({
    mutationFn: () =>
      api.startRun({
        body: { workflow: name, title: title.trim(), text, inputs: inputs.values, request: request.current },
      }),
    onSuccess: (run) => {
      request.current = freshRequest()
      void look()
      void navigate({ to: '/runs/$run', params: { run: String(run.number) } })
    },
  })
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (title.trim() !== '' && inputs.missing.length === 0 && may) start.mutate()
      }}
    >
      {!may && <p className="mute">{why}</p>}
      <div>
        <label htmlFor="title">What should be done</label>
        <input
          id="title"
          className="input"
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          placeholder="Fix double-charge on checkout retry"
        />
      </div>
      <div>
        <label htmlFor="text">Everything the agent should know about it</label>
        <textarea
          id="text"
          className="area"
          maxLength={200_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="The report, steps to see it, what is expected"
        />
      </div>
      {Object.entries(declared).map(([input, declaration]) => (
        <InputField
          key={input}
          name={input}
          declared={declaration}
          value={values[input]}
          wrong={inputs.wrong.includes(input)}
          onChange={(value) => setValues({ ...values, [input]: value })}
        />
      ))}
      {start.isError && <ProblemNotice problem={asProblem(start.error)} />}
      <div>
        <button
          className="btn pri"
          disabled={
            !may || title.trim() === '' || inputs.missing.length > 0 || inputs.wrong.length > 0 || start.isPending
          }
        >
          Start {name}
        </button>
      </div>
    </form>
  )
}
