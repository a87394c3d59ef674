/** How the change of a run stands, and what a person may do about it: merge exactly what was seen, ask for changes, close it. */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { Badge } from '../look/badge.tsx'
import { Digest } from '../look/digest.tsx'
import { FieldLine } from '../look/field-line.tsx'
import { focusHere } from '../look/focus-here.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { AgentText } from '../text/markdown.tsx'
import { Revealed } from '../text/revealed.tsx'

type Change = NonNullable<AnswerOf<'run', Response>['change']>

const short = (ref: string): string => ref.replace(/^refs\/heads\//, '')
const stateTones = { open: 'wait', merging: 'run', merged: 'done', abandoned: 'stop' } as const

export const ChangeStanding = ({ change, seen }: { change: Change; seen: string | null }) => {
  const [saying, setSaying] = useState<'close' | 'review' | null>(null)
  const [why, setWhy] = useState('')
  const look = useLookAgain('run')
  const merge = useMutation({
    mutationFn: (digest: string) => api.mergeChange({ params: { change: change.id }, body: { digest } }),
    onSettled: look,
  })
  const abandon = useMutation({
    mutationFn: () => api.abandonChange({ params: { change: change.id }, body: { why } }),
    onSettled: look,
  })
  const review = useMutation({
    mutationFn: (digest: string) =>
      api.reviewChange({ params: { change: change.id }, body: { digest, comment: why, lines: [] } }),
    onSettled: look,
    onSuccess: () => setSaying(null),
  })
  const fits = seen !== null && seen === change.digest
  const problem = merge.error ?? abandon.error ?? review.error
  return (
    <section aria-label="Change">
      <h2 className="h">
        Change {change.number} <Badge tone={stateTones[change.state]}>{change.state}</Badge>
        <span className="mute">
          <code>{short(change.ref)}</code> into <code>{short(change.into)}</code> of {change.repo}
        </span>
      </h2>
      <p className="dim">
        <Revealed text={change.title} />
      </p>
      {change.body && <AgentText text={change.body} />}
      {change.mergeCommit && (
        <p className="done">
          Merged as <code>{change.mergeCommit.slice(0, 12)}</code>.{' '}
          <span className="mute">
            No forge tells of this repository, so nobody looks whether it is taken back later.
          </span>
        </p>
      )}
      {change.failure && (
        <p className="stop">
          It was not merged: <Revealed text={change.failure.summary} /> <Revealed text={change.failure.check} />
        </p>
      )}
      {problem && <ProblemNotice problem={asProblem(problem)} />}
      {change.state === 'open' && saying !== null && (
        <form
          className="form appears"
          aria-label={saying === 'review' ? 'Ask for changes' : 'Close without merging'}
          onSubmit={(event) => {
            event.preventDefault()
            if (saying === 'close') abandon.mutate()
            else if (fits && why.trim() !== '') review.mutate(seen)
          }}
        >
          <FieldLine
            label={saying === 'review' ? 'What should be changed' : 'Why it is closed'}
            says={
              saying === 'review'
                ? 'The step that made it goes on with this, and the new result is asked about again.'
                : 'It stands on the run. The branch stays where it is.'
            }
          >
            {(id) => (
              <textarea
                id={id}
                ref={focusHere}
                className="area"
                maxLength={2_000}
                value={why}
                onChange={(event) => setWhy(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Escape') setSaying(null)
                  if (event.key === 'Enter' && (event.metaKey || event.ctrlKey))
                    event.currentTarget.form?.requestSubmit()
                }}
              />
            )}
          </FieldLine>
          <div className="field">
            {saying === 'close' ? (
              <button className="btn no" disabled={abandon.isPending}>
                Close without merging
              </button>
            ) : (
              <button className="btn pri" disabled={!fits || review.isPending || why.trim() === ''}>
                Send it back
              </button>
            )}
            <button type="button" className="btn" onClick={() => setSaying(null)}>
              Leave it open
            </button>
            <Binding change={change} seen={seen} fits={fits} />
          </div>
        </form>
      )}
      {change.state === 'open' && saying === null && (
        <div className="field">
          {change.mergeGate === null && (
            <button
              type="button"
              className="btn pri"
              disabled={!fits || merge.isPending}
              onClick={() => seen && merge.mutate(seen)}
            >
              {change.failure ? 'Merge again into' : 'Merge into'} {short(change.into)}
            </button>
          )}
          <button type="button" className="btn" disabled={!fits} onClick={() => setSaying('review')}>
            Ask for changes
          </button>
          <button type="button" className="btn" onClick={() => setSaying('close')}>
            Close without merging
          </button>
          <Binding change={change} seen={seen} fits={fits} />
        </div>
      )}
    </section>
  )
}

/** What a click here is bound to, or what it waits for. */
const Binding = ({ change, seen, fits }: { change: Change; seen: string | null; fits: boolean }) => (
  <span className={seen !== null && !fits ? 'stop' : 'mute'}>
    {change.mergeGate !== null ? (
      `The workflow asks at ${change.mergeGate} before it merges.`
    ) : seen === null ? (
      'Merging waits until the diff is checked here.'
    ) : fits ? (
      <>
        Binds to <Digest of={change.digest} />
      </>
    ) : (
      'The diff that is shown is not the one of this change.'
    )}
  </span>
)
