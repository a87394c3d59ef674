/** One run: what happened, what happens now, what it made, and the proof. */
import './run.css'
import '../inbox/inbox.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { lazy, Suspense, useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { ContextOfRun } from './context-table.tsx'
import { RunHead } from './head.tsx'
import { RunNotices } from './notices.tsx'
import { RunTabs, tabLabel, type Show } from './tabs.tsx'
import { Ledger } from './ledger.tsx'
import { LeftOfRun } from './left.tsx'
import { hasLog, LogPane } from './log.tsx'
import { Receipts } from './receipts.tsx'
import { RunSide } from './side.tsx'
import { StopRun } from './stop.tsx'
import { Timeline } from './timeline.tsx'

const ChangeOfRun = lazy(() => import('./change.tsx').then((module) => ({ default: module.ChangeOfRun })))
const PlanOfRun = lazy(() => import('./plan.tsx').then((module) => ({ default: module.PlanOfRun })))

type Run = AnswerOf<'run', Response>
export const RunPage = () => {
  const { run: id } = useParams({ strict: false })
  const search = useSearch({ strict: false }) as { show?: Show; step?: string }
  const answer = useQuery(questions.run(id ?? ''))
  const timeline = useQuery(questions.timeline(id ?? ''))
  const [stopping, setStopping] = useState(false)
  const run = answer.data
  return (
    <Page
      title={run ? `Run ${run.number}` : 'Run'}
      back="/runs"
      top={
        <>
          <Link to="/runs" className="dim">
            Runs
          </Link>
          <span className="sep">/</span>
          <strong>{run?.number ?? '…'}</strong>
        </>
      }
      tools={
        run?.canCancel && !stopping ? (
          <button type="button" className="btn sm" onClick={() => setStopping(true)}>
            Stop
          </button>
        ) : null
      }
      notices={
        run && (
          <>
            {stopping && <StopRun run={run.run} onLeave={() => setStopping(false)} />}
            <RunNotices run={run} />
          </>
        )
      }
    >
      <Held answer={answer} what="the run">
        {(found) => <Whole run={found} items={timeline.data?.items ?? []} show={search.show} step={search.step} />}
      </Held>
    </Page>
  )
}

const Whole = ({
  run,
  items,
  show,
  step,
}: {
  run: Run
  items: Parameters<typeof Timeline>[0]['items']
  show: Show
  step: string | undefined
}) => {
  const shownStep =
    run.steps.find((one) => one.id === step) ?? run.steps.find((one) => one.live) ?? run.steps.findLast(hasLog)
  const whole = show !== undefined && show !== 'log' && show !== 'about'
  const live = run.finishedAt === null
  return (
    <div className="runpage scroll">
      <RunHead run={run} step={shownStep?.id} />
      <RunTabs run={run.number} show={show} step={step} />
      <div
        className={`runbody${whole ? ' whole' : ''}${show === 'log' ? ' log-on' : ''}${show === 'about' ? ' about' : ''}`}
      >
        {whole ? (
          <ScrollArea className="runpane" label={tabLabel(show)}>
            <Suspense fallback={<Skeleton what="it" />}>
              <Pane run={run} show={show} />
            </Suspense>
          </ScrollArea>
        ) : (
          <>
            {show !== 'about' && <TimelineOrNot show={show} run={run} items={items} live={live} />}
            {show !== 'about' && <LogPane key={`${shownStep?.id} ${shownStep?.attempt}`} run={run} step={shownStep} />}
          </>
        )}
        <RunSide run={run} />
      </div>
    </div>
  )
}

const TimelineOrNot = ({
  show,
  run,
  items,
  live,
}: {
  show: Show
  run: Run
  items: Parameters<typeof Timeline>[0]['items']
  live: boolean
}) => (
  <div className={show === 'log' ? 'hide-s scroll' : 'scroll'}>
    <Timeline run={run.run} items={items} delivery={run.delivery} live={live} />
  </div>
)

const Pane = ({ run, show }: { run: Run; show: Show }) => {
  switch (show) {
    case 'plan':
      return <PlanOfRun run={run} />
    case 'diff':
      return <ChangeOfRun run={run} />
    case 'context':
      return <ContextOfRun run={run} />
    case 'receipts':
      return <Receipts run={run} />
    case 'left':
      return <LeftOfRun run={run} />
    case 'facts':
      return <Ledger run={run.run} />
    default:
      return null
  }
}
