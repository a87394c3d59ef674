/** The log pane: own scroll, follows until the reader scrolls up, says where the bytes come from. */
import { memo, useLayoutEffect, useRef, useState } from 'react'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useKeys } from '../keys/use-keys.ts'
import { bytes, counted } from '../look/amounts.ts'
import { Filter } from '../look/filter.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { LazyRows } from '../look/lazy-rows.tsx'
import { wordsOf, type Line } from '../text/ansi.ts'
import { Revealed } from '../text/revealed.tsx'
import type { Block, LogLines } from './log-lines.ts'
import { useLog, type LogView } from './use-log.ts'

type Run = AnswerOf<'run', Response>
export type Step = Run['steps'][number]

/** Can this step have a log to show? */
export const hasLog = (step: Step): boolean => step.log !== null || step.live

export const LogPane = ({ run, step }: { run: Run; step: Step | undefined }) => {
  const view = useLog(run.run, step && hasLog(step) ? step.id : null, step?.attempt ?? 1, step?.live ?? false)
  const [follow, setFollow] = useState(true)
  const [find, setFind] = useState('')
  const pane = useRef<HTMLElement>(null)
  useKeys({ f: () => setFollow(!follow) })
  useLayoutEffect(() => {
    const element = pane.current
    if (element && follow) element.scrollTop = element.scrollHeight
  })
  const scrolled = () => {
    const element = pane.current
    if (element) setFollow(element.scrollHeight - element.scrollTop - element.clientHeight < 40)
  }
  return (
    <section className="log" aria-label={step ? `Log of ${step.label}` : 'Log'}>
      <header>
        <b className="m cut">{step ? step.label : 'Log'}</b>
        {step?.detail && <span className="mute cut">{step.detail}</span>}
        {step && step.attempt > 1 && <span className="mute">attempt {step.attempt}</span>}
        {step?.live && <span className="badge run">{view.state === 'coming' ? 'live' : 'connecting'}</span>}
        <span className="right" />
        {step?.live && (
          <>
            <button type="button" className="link" aria-pressed={follow} onClick={() => setFollow(!follow)}>
              {follow ? 'following' : 'follow'}
            </button>
            <kbd>f</kbd>
          </>
        )}
        <Filter value={find} onChange={setFind} what="lines of the log" />
      </header>
      <ScrollArea className="lines" area={pane} onScroll={scrolled} label="Lines of the log">
        <Lines log={view.log} find={find} live={step?.live ?? false} />
        <Missing view={view} step={step} />
      </ScrollArea>
      <footer>
        <span className="cut">
          <From run={run} step={step} view={view} />
        </span>
      </footer>
    </section>
  )
}

const Lines = ({ log, find, live }: { log: LogLines; find: string; live: boolean }) => {
  const words = find.toLowerCase()
  const open = words ? null : log.open
  const last = log.blocks.length - 1
  return (
    <>
      {log.blocks.map((block, at) =>
        words ? (
          <LogBlock key={block.from} block={block} find={words} />
        ) : (
          <LazyRows key={block.from} rows={block.lines.length} rowHeight={20} wanted={at === last}>
            {() => <LogBlock block={block} find="" />}
          </LazyRows>
        ),
      )}
      {open && <LogLine line={open} number={log.count + 1} live={live} />}
    </>
  )
}

const LogBlock = memo(({ block, find }: { block: Block; find: string }) => (
  <>
    {block.lines.map((line, at) =>
      find && !wordsOf(line).toLowerCase().includes(find) ? null : (
        <LogLine key={at} line={line} number={block.from + at + 1} live={false} />
      ),
    )}
  </>
))

/** What vpd's own lines begin with; runners let no program write it. */
const ownMark = '◆'

const LogLine = ({ line, number, live }: { line: Line; number: number; live: boolean }) => (
  <div
    className={`l${line.over ? ' over' : ''}${live ? ' live' : ''}${line.spans[0]?.text.startsWith(ownMark) ? ' own' : ''}`}
  >
    <i>{number}</i>
    <span>
      {line.spans.map((span, at) => (
        <span key={at} className={span.tone === 'plain' ? undefined : `a-${span.tone}`}>
          <Revealed text={span.text} />
        </span>
      ))}
    </span>
  </div>
)

const Missing = ({ view, step }: { view: LogView; step: Step | undefined }) => {
  if (!step) return <p className="empty">No step has begun.</p>
  if (!hasLog(step))
    return (
      <p className="empty">{step.startedAt === null ? `${step.label} has not begun.` : `${step.label} left no log.`}</p>
    )
  if (view.state === 'away' && view.problem)
    return (
      <output className="empty wait">
        {view.problem.message} {view.problem.next}{' '}
        <button type="button" className="link" onClick={view.again}>
          Ask now
        </button>
      </output>
    )
  if (view.state === 'asking') return <p className="empty">Asking for the log</p>
  if (view.log.bytes === 0)
    return <p className="empty">{view.state === 'ended' ? 'It wrote nothing.' : 'Nothing was written yet.'}</p>
  return null
}

const From = ({ run, step, view }: { run: Run; step: Step | undefined; view: LogView }) => {
  const { log } = view
  if (!step || log.bytes === 0) return null
  const where =
    step.log?.home === 'stored' ? 'stored with the run' : `from ${run.runsOn?.name ?? 'the runner'}, in transit only`
  const whole = step.log && log.digest
  return (
    <>
      {bytes(log.bytes)}, {where}
      {whole ? (
        log.digest === step.log!.digest ? (
          <span className="done">, checked</span>
        ) : (
          <span className="stop">, not the bytes the run names</span>
        )
      ) : (
        ''
      )}
      {log.dropped > 0 && `, ${counted(log.dropped, 'control sequence')} left out`}
    </>
  )
}
