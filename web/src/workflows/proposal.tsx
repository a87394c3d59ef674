/** A change that somebody asked for on the why page of a delivery: put into the draft, each choice in words. It is saved like any other. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { Sentence } from '../look/sentence.tsx'
import type { WorkflowDraft, WorkflowView } from './use-draft.ts'

export type Wanted = 'match' | 'never'
export type Asked = { delivery: string; wanted: Wanted }

export const Proposal = ({ view, draft, asked }: { view: WorkflowView; draft: WorkflowDraft; asked: Asked }) => {
  const answer = useQuery(questions.proposal(asked.delivery, view.name, asked.wanted))
  const put = useRef(false)
  const [opened] = useState(view.version)
  const first = answer.data?.changes[0]
  const untouched = !draft.changed
  // The first is put into the draft once; what one writes after that is one's own.
  useEffect(() => {
    if (put.current || !first || !untouched || answer.data?.version !== draft.version) return
    put.current = true
    draft.setSource(first.source)
  }, [first, untouched, answer.data?.version, draft])
  const back = (
    <Link className="btn sm" to="/deliveries/$delivery" params={{ delivery: asked.delivery }}>
      The delivery
    </Link>
  )
  if (answer.isError) return <ProblemNotice problem={asProblem(answer.error)} actions={back} />
  if (!answer.data) return null
  const { changes, cannot, version } = answer.data
  if (view.version !== opened) return null // saved: what was asked for is in it
  const title =
    asked.wanted === 'match' ? 'So that this delivery starts it' : 'So that nothing like this delivery starts it again'
  if (cannot !== null)
    return (
      <Notice
        tone="wait"
        title={asked.wanted === 'match' ? 'No change is made here' : 'Nothing was changed'}
        actions={back}
      >
        <Sentence text={cannot} />
      </Notice>
    )
  if (draft.version !== version) return null
  return (
    <Notice tone="plain" title={title} actions={back}>
      <span className="choices" role="radiogroup" aria-label={title}>
        {changes.map((change) => (
          <label key={change.source}>
            <input
              type="radio"
              name="change"
              checked={draft.source === change.source}
              onChange={() => draft.setSource(change.source)}
            />
            <span>
              <Sentence text={change.words} />
            </span>
          </label>
        ))}
      </span>
    </Notice>
  )
}
