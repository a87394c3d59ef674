/** A draft over what came in: what it would have started beside the version in force, whom it would have asked, what that would cost. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { askedAbout, backtestNotes, heldBack, isQuestion, outcomeWords } from '@viewportai/core/api/backtest-words'
import { longBacktest } from '@viewportai/core/api/long-backtest'
import { useState } from 'react'
import { apiUntil } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { counted } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { useLater } from '../look/later.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

type Tested = AnswerOf<'backtest', Response>
const limits = [1_000, 10_000, 100_000] as const

export const BacktestSection = ({ source, compiled }: { source: string; compiled: boolean }) => {
  const still = useLater(source, 600)
  const [limit, setLimit] = useState<number>(10_000)
  const [sofar, setSofar] = useState<Tested | null>(null)
  const answer = useQuery({
    queryKey: ['workflow', 'backtest', still, limit],
    queryFn: ({ signal }) =>
      longBacktest(
        (piece) => apiUntil(signal).backtest({ body: piece }),
        { source: still, limit },
        (known) => {
          if (!signal.aborted) setSofar(known)
          return !signal.aborted
        },
      ),
    enabled: compiled && still === source,
    staleTime: Number.POSITIVE_INFINITY, // what came in meanwhile is looked at when one asks again
    retry: false,
    placeholderData: (before) => before,
  })
  const looking = answer.isFetching || (compiled && still !== source)
  const found = answer.data ?? sofar
  return (
    <section aria-label="Backtest" aria-busy={looking}>
      <h2 className="b">
        Backtest <span className="mute">nothing is started, no model is asked</span>
      </h2>
      <div className="field">
        <label className="dim" htmlFor="limit">
          Over the last
        </label>
        <select
          id="limit"
          className="select narrow"
          value={limit}
          onChange={(event) => setLimit(Number(event.target.value))}
        >
          {limits.map((most) => (
            <option key={most} value={most}>
              {most.toLocaleString('en')} events
            </option>
          ))}
        </select>
        <button type="button" className="btn sm" disabled={!compiled || looking} onClick={() => void answer.refetch()}>
          Look again
        </button>
        {looking && (
          <output className="limit">
            {sofar === null || still !== source
              ? 'Looking…'
              : `${sofar.events.toLocaleString('en')} of ${limit.toLocaleString('en')} looked at, ${sofar.draft.starts} would start`}
          </output>
        )}
      </div>
      {!compiled ? (
        <p className="mute">It is asked when the text compiles.</p>
      ) : answer.isError ? (
        <ProblemNotice problem={asProblem(answer.error)} />
      ) : (
        found && (
          <div className={looking ? 'older' : undefined}>
            <Result tested={found} />
          </div>
        )
      )}
    </section>
  )
}

const Result = ({ tested }: { tested: Tested }) =>
  tested.since === null ? (
    <p className="mute">
      Nothing has come in yet, so there is nothing to look back at. A sample event shows what would happen.
    </p>
  ) : (
    <>
      <table className="sides">
        <thead>
          <tr>
            <th>
              {counted(tested.events, 'event')} since <When at={tested.since} as="moment" />
            </th>
            <th className="num">This text</th>
            <th className="num">{tested.version === null ? '' : `v${tested.version}`}</th>
          </tr>
        </thead>
        <tbody>
          <Side words="would have started" draft={tested.draft.starts} current={tested.current?.starts} strong />
          {tested.beside && (
            <Side words="only this one" draft={tested.beside.onlyDraft} current={tested.beside.onlyCurrent} />
          )}
          {heldBack(tested).map(({ words, draft, current }) => (
            <Side key={words} words={words} draft={draft} current={current ?? undefined} />
          ))}
          <Side words="near misses" draft={tested.draft.nearMisses} current={tested.current?.nearMisses} />
          {tested.spend && (
            <Side
              words={`about, in dollars (a run cost ${money(tested.spend.medianUsd)}, median of ${tested.spend.runs}, ${money(tested.spend.leastUsd)} to ${money(tested.spend.mostUsd)})`}
              draft={money(tested.spend.projectedUsd)}
              current={tested.current ? money(tested.current.starts * tested.spend.medianUsd) : undefined}
            />
          )}
        </tbody>
      </table>
      {tested.spend !== null && tested.spend.unknown > 0 && (
        <p className="mute">
          What {counted(tested.spend.unknown, 'more run')} of it cost is not known, and not counted here.
        </p>
      )}
      {tested.spend === null && (
        <p className="mute">What it would have cost is not known: no run of it has a known cost yet.</p>
      )}
      {tested.missedBy.length > 0 && (
        <p className="dim">
          Near misses failed only on{' '}
          {tested.missedBy
            .slice(0, 5)
            .map(({ condition, times }) => `${condition} (${times})`)
            .join(', ')}
          .
        </p>
      )}
      <Asked tested={tested} />
      {backtestNotes(tested).map((note) => (
        <p key={note} className="mute">
          {note}
        </p>
      ))}
      {tested.rows.length > 0 && <Rows tested={tested} />}
    </>
  )

/** Whom it would have asked, and about what, with how often. */
const Asked = ({ tested }: { tested: Tested }) => {
  if (tested.asked.length === 0)
    return tested.draft.starts > 0 ? <p className="dim">Nobody would have been asked.</p> : null
  return (
    <table className="sides">
      <thead>
        <tr>
          <th>Asked, and at what</th>
          <th className="num">This text</th>
          <th className="num">{tested.version === null ? '' : `v${tested.version}`}</th>
        </tr>
      </thead>
      <tbody>
        {tested.asked.map((row) => (
          <Side
            key={`${row.gate} ${row.approvers.join(' ')}`}
            words={askedWords(row)}
            draft={row.times}
            current={row.current ?? undefined}
          />
        ))}
      </tbody>
    </table>
  )
}

/** A question is told by what it asks, not by the name it has inside. */
const askedWords = (row: Tested['asked'][number]): string => {
  const [who, about] = [row.approvers.map(approverWords).join(', '), askedAbout(row)]
  if (isQuestion(row.gate)) return `${who}: ${about}`
  return `${who} at ${row.gate}${about === null ? '' : ` (${about})`}`
}

/** `team:payments` is "team payments", as people say it. */
const approverWords = (approver: string): string => approver.replace(':', ' ')

const money = (usd: number): string => `$${usd.toFixed(2)}`

const Side = ({
  words,
  draft,
  current,
  strong = false,
}: {
  words: string
  draft: number | string
  current: number | string | undefined
  strong?: boolean
}) => (
  <tr>
    <th scope="row" className={strong ? 'm' : 'dim'}>
      {words}
    </th>
    <td className={`num ${strong ? 'm' : ''}`}>{draft.toLocaleString('en')}</td>
    <td className="num dim">{current === undefined ? '' : current.toLocaleString('en')}</td>
  </tr>
)

/** What people are to look at is amber: it nearly starts, or waits for somebody. */
const toneOf = (outcome: Tested['rows'][number]['draft']): 'done' | 'wait' | 'idle' =>
  outcome === 'starts' ? 'done' : outcome === 'near_miss' || outcome === 'held' || outcome === 'waits' ? 'wait' : 'idle'

const shownAtFirst = 12

const Rows = ({ tested }: { tested: Tested }) => {
  const [all, setAll] = useState(false)
  const rows = all ? tested.rows : tested.rows.slice(0, shownAtFirst)
  return (
    <>
      <ul className="tested">
        {rows.map((row) => (
          <li
            key={row.delivery}
            className={
              row.current !== null && (row.draft === 'starts') !== (row.current === 'starts') ? 'odd' : undefined
            }
          >
            <Dot tone={toneOf(row.draft)} />
            <Link className="cut" to="/deliveries/$delivery" params={{ delivery: row.delivery }}>
              <span className="mute">
                <Revealed text={row.label} />
              </span>{' '}
              <Revealed text={row.title} />
            </Link>
            <span className="nw">
              {outcomeWords[row.draft]}
              {row.current !== null && row.current !== row.draft && (
                <span className="mute">
                  , v{tested.version}: {outcomeWords[row.current]}
                </span>
              )}
            </span>
            {row.draft !== 'starts' && (
              <span className="mute line">
                <Revealed text={row.why} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {tested.rows.length > rows.length && (
        <button type="button" className="btn sm" onClick={() => setAll(true)}>
          Show {tested.rows.length - rows.length} more
        </button>
      )}
      {all && tested.rowsLeftOut > 0 && <p className="mute">{tested.rowsLeftOut} more are only counted.</p>}
    </>
  )
}
