/** Keeping a try as a workflow: a name, what it will say, and one press that saves and enables it. The repository gets no file of it. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { keepWorkflow, type Kept } from '@viewportai/core/try/furnish'
import { keptSource, workflowName } from '@viewportai/core/try/workflow-source'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { useCompiled } from '../workflows/compiled.ts'
import { Readiness } from '../workflows/readiness.tsx'
import { SummaryFacts } from '../workflows/summary.tsx'

type Workflow = AnswerOf<'workflow', Response>

/** `workflow`: of the try. `repository`: null, where the run has none to name. */
export const KeepForm = ({ workflow, repository }: { workflow: string; repository: string | null }) => {
  const answer = useQuery(questions.workflow(workflow))
  const me = useQuery(questions.me())
  return (
    <Held answer={me} what="its workflow">
      {({ person }) =>
        person.role === 'admin' ? (
          <Held answer={answer} what="its workflow">
            {(found) => <Keep tried={found} repository={repository ?? found.name} />}
          </Held>
        ) : (
          <p className="mute">Only a workspace admin may save a workflow.</p>
        )
      }
    </Held>
  )
}

const Keep = ({ tried, repository }: { tried: Workflow; repository: string }) => {
  const [typed, setTyped] = useState('')
  const taken = useQuery(questions.workflows()).data?.workflows
  const name = workflowName(typed)
  const source = keptSource(tried.source, name || 'fix-bug', repository)
  const compiled = useCompiled(source)
  const look = useLookAgain('workflow')
  const save = useMutation({ mutationFn: () => keepWorkflow(api, source, 'Made from a try'), onSettled: look })
  const exists = taken?.some((one) => one.name === name) ?? false
  if (save.data) return <Saved kept={save.data} />
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (name !== '' && !exists && compiled.ok) save.mutate()
      }}
    >
      <div>
        <label htmlFor="workflow-name">Name</label>
        <input
          id="workflow-name"
          className="input mono"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder="fix-bug"
          maxLength={80}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={exists}
          aria-describedby="workflow-name-note"
        />
        <p id="workflow-name-note" className={exists ? 'wrong' : 'limit'}>
          {exists
            ? `there is a workflow ${name} already`
            : name !== '' && name !== typed
              ? `it is called ${name}`
              : 'small letters, digits and -'}
        </p>
      </div>
      {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
      <div>
        <button className="btn pri" disabled={name === '' || exists || !compiled.ok || save.isPending || !taken}>
          {name === '' || exists ? 'Save and enable it' : `Save and enable ${name}`}
        </button>
      </div>
      {compiled.ok ? (
        <div>
          <SummaryFacts summary={compiled.summary} />
        </div>
      ) : (
        <Notice tone="stop" title={`It does not compile: ${compiled.errors[0]?.message ?? ''}`}>
          <Link to="/workflows/$workflow" params={{ workflow: tried.name }}>
            Mend {tried.name}
          </Link>
          , then keep it.
        </Notice>
      )}
      <details>
        <summary>The file</summary>
        <pre className="cmd">{source}</pre>
      </details>
    </form>
  )
}

const Saved = ({ kept }: { kept: Kept }) =>
  kept.ready ? (
    <Notice
      tone="done"
      title={`${kept.name} v${kept.version} is saved and enabled`}
      actions={
        <Link className="btn sm" to="/workflows/$workflow" params={{ workflow: kept.name }}>
          Open {kept.name}
        </Link>
      }
    >
      Start it by hand from its page, or give it a trigger there.
    </Notice>
  ) : (
    <>
      <Notice
        tone="wait"
        title={`${kept.name} v${kept.version} is saved, and not enabled: something that it names is missing`}
      />
      <Readiness missing={kept.missing} resolved={[]} />
    </>
  )
