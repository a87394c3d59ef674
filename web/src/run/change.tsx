/** The change of a run: its diff, checked in this browser, and merging exactly what was seen. */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { changeDigest } from '@viewportai/core/gate/subject'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { useBody } from '../body/use-body.ts'
import { disagreement } from '../decide/seen.ts'
import { patchOf } from '../diff/patch-of.ts'
import { PlainDiff } from '../diff/plain-diff.tsx'
import { FilesTable } from '../inbox/files-table.tsx'
import { Badge } from '../look/badge.tsx'
import { bytes } from '../look/amounts.ts'
import { focusHere } from '../look/focus-here.ts'
import { Digest } from '../look/digest.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { AgentText } from '../text/markdown.tsx'
import { Revealed } from '../text/revealed.tsx'

type Run = AnswerOf<'run', Response>
type Change = NonNullable<Run['change']>

export const ChangeOfRun = ({ run }: { run: Run }) => {
  const change = run.change?.change ?? run.latest
  const evidence = useBody(run.run, run.change?.patch ?? run.patch)
  const shown = evidence.state === 'here' ? evidence.shown : null
  const patch = shown && patchOf(shown.bytes)
  if (!change) return <p className="mute">Nothing was changed yet.</p>
  const why = evidence.state === 'here' ? patch && disagreement(change, patch) : null
  // The digest is made from the bytes that were shown; it must be the one the change has.
  const seen =
    evidence.state === 'here' && !why
      ? changeDigest({ base: change.base, tree: change.tree, patch: evidence.shown.digest })
      : null
  return (
    <div className="rundiff">
      {run.change && <Merge change={run.change} seen={seen} />}
      <FilesTable
        files={change.files}
        planned={run.plannedFiles}
        guarded={[]}
        read={[]}
        onOpen={(path) =>
          [...document.querySelectorAll('.diff')]
            .find((file) => file.getAttribute('aria-label') === `Diff of ${path}`)
            ?.scrollIntoView({ block: 'start' })
        }
      />
      <h2 className="h">
        Diff{' '}
        <span className="mute">
          base <code>{change.base.slice(0, 6)}</code> · tree <code>{change.tree.slice(0, 6)}</code>
        </span>
        {evidence.state === 'here' && !why && <span className="right done">verified in this browser</span>}
      </h2>
      {why && <p className="stop">What came does not fit: {why}.</p>}
      {evidence.state === 'loading' && (
        <p className="mute">
          Checking {bytes(evidence.checked)} of {bytes(evidence.of)} in this browser
        </p>
      )}
      {evidence.state === 'wrong' && (
        <p className="stop">The bytes that came are not the ones the run names: {evidence.why}.</p>
      )}
      {evidence.state === 'away' && (
        <ProblemNotice
          problem={evidence.problem}
          actions={
            <button type="button" className="btn sm" onClick={evidence.again}>
              Ask now
            </button>
          }
        />
      )}
      {evidence.state === 'none' && <p className="mute">The run names no patch for it.</p>}
      {patch && <PlainDiff patch={patch} />}
    </div>
  )
}

const short = (ref: string): string => ref.replace(/^refs\/heads\//, '')
const stateTones = { open: 'wait', merging: 'run', merged: 'done', abandoned: 'stop' } as const

const Merge = ({ change, seen }: { change: Change; seen: string | null }) => {
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
          Merged as <code>{change.mergeCommit.slice(0, 12)}</code>
        </p>
      )}
      {change.failure && (
        <p className="stop">
          It was not merged: <Revealed text={change.failure.summary} /> <Revealed text={change.failure.check} />
        </p>
      )}
      {problem && <ProblemNotice problem={asProblem(problem)} />}
      {change.state === 'open' && (
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
          {saying ? (
            <>
              <label className="sr" htmlFor="why">
                {saying === 'close' ? 'Why' : 'What should be changed'}
              </label>
              <input
                id="why"
                className="input why"
                ref={focusHere}
                placeholder={saying === 'close' ? 'Why it is closed' : 'What should be changed'}
                maxLength={2_000}
                value={why}
                onChange={(event) => setWhy(event.target.value)}
                onKeyDown={(event) => event.key === 'Escape' && setSaying(null)}
              />
              {saying === 'close' ? (
                <button type="button" className="btn no" disabled={abandon.isPending} onClick={() => abandon.mutate()}>
                  Close without merging
                </button>
              ) : (
                <button
                  type="button"
                  className="btn"
                  disabled={!fits || review.isPending || why.trim() === ''}
                  onClick={() => seen && review.mutate(seen)}
                >
                  Send it back
                </button>
              )}
            </>
          ) : (
            <>
              <button type="button" className="btn" disabled={!fits} onClick={() => setSaying('review')}>
                Ask for changes
              </button>
              <button type="button" className="btn" onClick={() => setSaying('close')}>
                Close without merging
              </button>
            </>
          )}
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
        </div>
      )}
    </section>
  )
}
