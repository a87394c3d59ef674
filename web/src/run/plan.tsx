/** The plan of a run, as it was approved or proposed last. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { PathList } from '../text/path-list.tsx'
import { Preview } from './preview.tsx'

export const PlanOfRun = ({ run }: { run: AnswerOf<'run', Response> }) => {
  if (!run.plan) return <p className="mute">This run has no plan{run.finishedAt === null ? ' yet' : ''}.</p>
  return (
    <>
      <Preview run={run.run} body={run.plan} />
      {run.plannedFiles && run.plannedFiles.length > 0 && (
        <>
          <h2 className="h">
            Files it may touch <span className="mute">{run.plannedFiles.length}</span>
          </h2>
          <PathList paths={run.plannedFiles} />
        </>
      )}
    </>
  )
}
