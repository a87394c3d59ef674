/** A change that somebody asked for on the why page of a delivery: put into the draft, each choice in words. It is saved like any other, and can be taken back. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { Sentence } from '../look/sentence.tsx'
import type { WorkflowDraft, WorkflowView } from './use-draft.ts'

export type Wanted = 'match' | 'never'
export type Asked = { delivery: string; wanted: Wanted }
type Words = { asked: string; saved: string; back: string; cannot: string }
const words: Readonly<Record<Wanted, Words>> = {
  match: {
    asked: 'So that this delivery starts it',
    saved: 'the next one like this delivery starts it',
    back: 'the next one like this delivery does not start it',
    cannot: 'No change is made here',
  },
  never: {
    asked: 'So that nothing like this delivery starts it again',
    saved: 'nothing like this delivery starts it any more',
    back: 'the next one like this delivery starts it again',
    cannot: 'Nothing was changed',
  },
}

export const Proposal = ({
  view,
  draft,
  asked,
  admin,
}: {
  view: WorkflowView
  draft: WorkflowDraft
  asked: Asked
  /** May the reader save? */
  admin: boolean
}) => {
  const answer = useQuery(questions.proposal(asked.delivery, view.name, asked.wanted))
  const put = useRef(false)
  const [opened] = useState({ version: view.version, source: view.source })
  const first = answer.data?.changes[0]
  const untouched = !draft.changed
  // The first is put into the draft once; what one writes after that is one's own.
  useEffect(() => {
    if (put.current || !first || !untouched || answer.data?.version !== draft.version) return
    put.current = true
    draft.setSource(first.source)
  }, [first, untouched, answer.data?.version, draft])
  const says = words[asked.wanted]
  const back = (
    <Link className="btn sm" to="/deliveries/$delivery" params={{ delivery: asked.delivery }}>
      The delivery
    </Link>
  )
  if (view.version !== opened.version)
    return draft.changed ? null : (
      <Saved view={view} opened={opened} says={says}>
        {admin && view.source !== opened.source && (
          <button
            type="button"
            className="btn sm"
            disabled={draft.saving}
            onClick={() => draft.bringBack(opened.source, view.version)}
          >
            Undo: v{view.version + 1} says what v{opened.version} said
          </button>
        )}
        {back}
      </Saved>
    )
  if (answer.isError) return <ProblemNotice problem={asProblem(answer.error)} actions={back} />
  if (!answer.data) return null
  const { changes, cannot, version } = answer.data
  if (cannot !== null)
    return (
      <Notice tone="wait" title={says.cannot} actions={back}>
        <Sentence text={cannot} />
      </Notice>
    )
  if (draft.version !== version) return null
  return (
    <Notice tone="plain" title={says.asked} actions={back}>
      <span className="choices" role="radiogroup" aria-label={says.asked}>
        {[...changes, { source: opened.source, words: 'Leave it as it is.' }].map((change) => (
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

/** What the version that was saved does now. */
const Saved = ({
  view,
  opened,
  says,
  children,
}: {
  view: WorkflowView
  opened: { version: number; source: string }
  says: Words
  children: ReactNode
}) =>
  view.source === opened.source ? (
    <Notice
      tone="plain"
      title={`v${view.version} says what v${opened.version} said: ${says.back}`}
      actions={children}
    />
  ) : (
    <Notice tone="done" title={`v${view.version} is saved: ${says.saved}`} actions={children}>
      {view.enabled
        ? 'It holds from now on; runs that began before finish on theirs.'
        : 'It holds once the workflow is enabled.'}
    </Notice>
  )
