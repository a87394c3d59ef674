/** What a reader of a run should know first: it waits for them, nothing can take it, how it ended. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { isTryName } from '@viewportai/core/try/workflow-source'
import { questions } from '../api/queries.ts'
import { Notice } from '../look/notice.tsx'
import { isKept, Kept } from '../text/kept.tsx'
import { Revealed } from '../text/revealed.tsx'

type Run = AnswerOf<'run', Response>

export const RunNotices = ({ run }: { run: Run }) => (
  <>
    {run.gate && <Waits gate={run.gate} />}
    {run.why && run.finishedAt === null && (
      <Notice tone="wait" title={run.why}>
        {run.unfit.length > 1 &&
          run.unfit.map(({ runner, lacks }, at) => (
            <span key={runner}>
              {at > 0 && <br />}
              <b>{runner}</b>: <Revealed text={lacks.join(', ')} />
            </span>
          ))}
      </Notice>
    )}
    {run.budgetWarnings.map((warning) => (
      <Notice key={warning} tone="wait" title={warning} />
    ))}
    {run.finishedAt !== null && isTryName(run.workflow) && <TryEnded run={run} />}
    {run.outcomeWhy && run.outcome !== 'succeeded' && (
      <Notice tone="stop" title={`The run ended: ${run.outcome}`}>
        {isKept(run.outcomeWhy) ? <Kept run={run.run} runner={run.runsOn?.name} /> : <Revealed text={run.outcomeWhy} />}
      </Notice>
    )}
    {!isKept(run.outcomeWhy) && isKept(...run.steps.map((step) => step.why)) && (
      <Notice tone="plain" title="Why a step failed stays on its runner">
        <Kept run={run.run} runner={run.runsOn?.name} />
      </Notice>
    )}
  </>
)

/** A try goes on where its branch and its workflow are. */
const TryEnded = ({ run }: { run: Run }) =>
  run.outcome === 'succeeded' ? (
    <Notice
      tone="done"
      title="The approved change is a branch of your repository"
      actions={
        <Link className="btn sm" to="/try/$run" params={{ run: String(run.number) }}>
          Merge it, or make this a workflow
        </Link>
      }
    />
  ) : (
    <Notice
      tone="plain"
      title="No branch was pushed; the repository is as it was"
      actions={
        <Link className="btn sm" to="/try" search={{ task: run.title }}>
          Try again
        </Link>
      }
    />
  )

/** Only the card knows whether the one who looks may decide: a team's member may be excluded. */
const Waits = ({ gate }: { gate: string }) => {
  const card = useQuery(questions.gate(gate)).data
  if (!card?.may.decide) return null
  return (
    <Notice
      tone="wait"
      title="It waits for your decision"
      actions={
        <Link className="btn sm" to="/inbox/$gate" params={{ gate }}>
          Open the card
        </Link>
      }
    />
  )
}
