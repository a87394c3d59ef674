/**
 * What left the runner for this run: by place, by kind, by how much it gives away.
 * The runner tells it from its own ledger when somebody asks; nothing of it is kept here, so it is asked once and on request.
 */
import { useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { questions } from '../api/queries.ts'
import { asProblem } from '../api/problem.ts'
import { Held } from '../frame/held.tsx'
import { bytes, counted } from '../look/amounts.ts'
import { Notice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

type Run = AnswerOf<'run', Response>
type Left = AnswerOf<'egress', Response>
type Row = Left['rows'][number]

const placeWords: Readonly<Record<Row['place'], string>> = {
  'control plane': 'This Viewport',
  model: 'Model provider',
  git: 'Git remote',
  host: 'Host a step reached',
}
const levelWords: Readonly<Record<Row['level'], string>> = {
  metadata: 'ids, counts, digests',
  paths: 'paths, refs, hosts',
  asked: 'commands to decide on',
  excerpt: 'short texts',
  full: 'its bytes',
}
const order = ['control plane', 'model', 'git', 'host'] as const

export const LeftOfRun = ({ run }: { run: Run }) => {
  const answer = useQuery(questions.egress(run.run))
  const askAgain = (
    <button type="button" className="btn sm" disabled={answer.isFetching} onClick={() => void answer.refetch()}>
      {answer.isFetching ? 'Asking' : 'Ask again'}
    </button>
  )
  const problem = answer.isError ? asProblem(answer.error) : null
  if (problem?.code === 'body_away')
    return (
      <Notice tone="wait" title={<>{runnerOf(run)} keeps this list and does not answer</>} actions={askAgain} alert>
        {typeof problem.facts['seenAt'] === 'number' && (
          <>
            It has not answered since <When at={problem.facts['seenAt']} as="moment" />.{' '}
          </>
        )}
        On that machine <code>vpd egress {run.run}</code> shows the same.
      </Notice>
    )
  return (
    <Held answer={answer} what="what left">
      {(left) =>
        left.messages === 0 ? <Nothing left={left} /> : <Whole run={run.run} left={left} askAgain={askAgain} />
      }
    </Held>
  )
}

const runnerOf = (run: Run): string => run.runsOn?.name ?? 'The runner'

const Nothing = ({ left }: { left: Left }) => (
  <p className="mute">
    {left.runner === ''
      ? 'Nothing left a machine: no runner has taken the run.'
      : `Nothing about this run has left ${left.runner}.`}
  </p>
)

const Whole = ({ run, left, askAgain }: { run: string; left: Left; askAgain: React.ReactNode }) => {
  const places = order.flatMap((place) =>
    [...new Set(left.rows.filter((row) => row.place === place).map((row) => row.to))].map((to) => ({ place, to })),
  )
  return (
    <div className="left">
      <div className="leftsum">
        <p>
          <b>{left.runner}</b> sent {counted(left.messages, 'message')}, {bytes(left.bytes)}, to{' '}
          {counted(places.length, 'place')}.
        </p>
        {askAgain}
      </div>
      <p className="mute">
        From its own ledger, by its clock: names and sizes, no values. <code>vpd egress {run}</code> shows the same
        there.
      </p>
      {left.kept > 0 && (
        <Notice tone="plain" title={`${counted(left.kept, 'short text')} stayed on the runner`}>
          This workspace or {left.runner} lets metadata leave alone. On that machine{' '}
          <code>vpd egress {run} --kept</code> shows them.
        </Notice>
      )}
      {places.map(({ place, to }) => (
        <Place
          key={`${place} ${to}`}
          place={place}
          to={to}
          rows={left.rows.filter((row) => row.place === place && row.to === to)}
        />
      ))}
    </div>
  )
}

const Place = ({ place, to, rows }: { place: Row['place']; to: string; rows: readonly Row[] }) => (
  <section aria-label={`${placeWords[place]}, ${to}`}>
    <h2 className="h">
      {placeWords[place]}{' '}
      <span className="mute mono">
        <Revealed text={to} code />
      </span>
      <span className="right mute num">{bytes(rows.reduce((sum, row) => sum + row.bytes, 0))}</span>
    </h2>
    <table>
      <thead>
        <tr>
          <th>What</th>
          <th>Gives away</th>
          <th className="num">Times</th>
          <th className="num">Size</th>
          <th className="num hide-s">Last</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.what} ${row.level}`}>
            <td>
              <Fields row={row} />
            </td>
            <td className={row.level === 'full' || row.level === 'excerpt' ? '' : 'dim'}>{levelWords[row.level]}</td>
            <td className="num">{row.messages.toLocaleString('en')}</td>
            <td className="num nw">{bytes(row.bytes)}</td>
            <td className="num nw dim hide-s">
              <When at={row.last} as="second" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

const named = (what: string): string => what.replace(/^body /, '').replaceAll('_', ' ')

/** The name of a message; which of its fields, where there is more to say than the name. */
const Fields = ({ row }: { row: Row }) => {
  if (row.level === 'full' || row.fields.every(({ field }) => field === row.what))
    return <Revealed text={named(row.what)} />
  return (
    <details className="leftfields">
      <summary>
        <Revealed text={named(row.what)} />
      </summary>
      <ul className="mono">
        {row.fields.map(({ field, count, bytes: size, kept }) => (
          <li key={field}>
            <Revealed text={field} code />
            <span className="mute">
              {count > 1 ? ` ×${count.toLocaleString('en')}` : ''} · {bytes(size)}
              {kept > 0 && ` · ${kept === count ? 'kept' : `${kept} kept`} on the runner`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
