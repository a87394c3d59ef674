/** The change of a run: its diff, checked in this browser, and merging exactly what was seen. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { changeDigest } from '@viewportai/core/gate/subject'
import { useBody } from '../body/use-body.ts'
import { disagreement } from '../decide/seen.ts'
import { patchOf } from '../diff/patch-of.ts'
import { PlainDiff } from '../diff/plain-diff.tsx'
import { FilesTable } from '../inbox/files-table.tsx'
import { bytes } from '../look/amounts.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { ChangeStanding } from './change-standing.tsx'

type Run = AnswerOf<'run', Response>

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
      {run.change && <ChangeStanding change={run.change} seen={seen} />}
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
