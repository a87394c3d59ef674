/** The top of a run: what it is for, how it stands, its steps as a bar. A step leads to its log. */
import { useNavigate } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useNow } from '../api/clock.ts'
import { Badge } from '../look/badge.tsx'
import { duration } from '../look/ages.ts'
import { Icon } from '../look/icon.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import { hasLog, type Step } from './log.tsx'

type Run = AnswerOf<'run', Response>

export const RunHead = ({ run, step }: { run: Run; step: string | undefined }) => {
  const now = useNow()
  const took = (run.finishedAt ?? now) - run.startedAt
  const hidden = hiddenIn(run.title)
  return (
    <header className="runhead">
      <h1 className="verb">
        <Revealed text={run.title} />{' '}
        <Badge {...(run.state.tone === 'idle' ? {} : { tone: run.state.tone })}>{run.state.words}</Badge>
        {run.rehearsal && <Badge icon="note">Rehearsal with a sample event: nothing outside is done</Badge>}
        {run.tainted && (
          <Badge tone="taint" icon="eye">
            Tainted
          </Badge>
        )}
      </h1>
      {hidden && <p className="taint">{hidden}</p>}
      <p className="by">
        <span className="row-of">
          <Revealed text={run.source} /> <Icon name="arrow" small /> {run.result}
        </span>
        <span className="mute">
          {run.workflow} v{run.workflowVersion}
          {run.team ? ` · ${run.team}` : ''} · asked by <Revealed text={run.requester} /> · {duration(took)}
          {run.waitedMillis > 0 ? `, of it ${duration(run.waitedMillis)} waiting for people` : ''}
        </span>
      </p>
      <StepBar run={run} step={step} />
    </header>
  )
}

const spoken = { wait: 'waiting', run: 'running', done: 'done', stop: 'stopped', idle: 'not begun' } as const

const StepBar = ({ run, step }: { run: Run; step: string | undefined }) => {
  const navigate = useNavigate()
  return (
    <ol className="steps" aria-label="Steps">
      {run.steps.map((one) => (
        <li key={one.id} className={`s-${one.tone}`} aria-current={one.id === step ? 'step' : undefined}>
          {hasLog(one) ? (
            <button
              type="button"
              title={title(one)}
              onClick={() =>
                void navigate({
                  to: '/runs/$run',
                  params: { run: String(run.number) },
                  search: (old) => ({ ...old, step: one.id, show: old.show === 'log' ? 'log' : undefined }),
                })
              }
            >
              <StepWords step={one} />
            </button>
          ) : (
            <div title={title(one)}>
              <StepWords step={one} />
            </div>
          )}
        </li>
      ))}
    </ol>
  )
}

/** An action by what it makes: "Change", "Merge". Its full name is in the title. */
const made: Readonly<Record<string, string>> = {
  'git.open_change': 'Change',
  'git.merge': 'Merge',
  'github.open_pr': 'PR',
  'slack.comment': 'Reply',
}
const stepLabel = (step: Step): string => made[step.label] ?? step.label

const title = (step: Step): string => [step.label, step.detail, step.why].filter(Boolean).join(', ')

const StepWords = ({ step }: { step: Step }) => {
  const now = useNow()
  const time =
    step.startedAt === null
      ? ''
      : duration((step.finishedAt ?? (step.live ? now : step.startedAt)) - step.startedAt, true)
  return (
    <>
      <b className="cut">{stepLabel(step)}</b>
      <span className="t cut">
        {[step.detail, step.finishedAt !== null || step.live ? time : ''].filter(Boolean).join(', ') || '\u00a0'}
      </span>
      <span className="sr">{spoken[step.tone]}</span>
    </>
  )
}
