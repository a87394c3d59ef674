/** One workflow's answer to an event. The row that explains the outcome is tinted, the rest is quiet. */
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { Dot, type Tone } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { RouteRows } from './route-rows.tsx'
import { Revealed } from '../text/revealed.tsx'

type Delivery = AnswerOf<'delivery', Response>
type Line = Delivery['lines'][number]

/** Every condition, and who may start it when that is none of them. A workflow that listens to something else was asked nothing. */
const rowsOf = (line: Line): Line['conditions'] =>
  line.conditions.length === 0 || line.conditions.some((row) => row.field === 'started by')
    ? line.conditions
    : [
        ...line.conditions,
        { field: 'started by', expected: 'may start it', found: line.actor.why, pass: line.actor.pass, why: null },
      ]

const toneOf = ({ matched, near, run: began }: Line, run: Delivery['runs'][number] | undefined): Tone => {
  if (!matched) return near ? 'wait' : 'idle'
  if (began === null) return 'idle'
  return run?.waits ? 'wait' : 'done'
}

export const MatchReport = ({ line, runs, delivery }: { line: Line; runs: Delivery['runs']; delivery: string }) => {
  const rows = rowsOf(line)
  const passed = rows.filter((row) => row.pass).length
  const run = runs.find((one) => one.run === line.run)
  return (
    <section className="wf" aria-label={line.name}>
      <header>
        <Dot tone={toneOf(line, run)} />
        <h2 className="b">
          <Link to="/workflows/$workflow" params={{ workflow: line.name }}>
            {line.name}
          </Link>{' '}
          <span className="mute">v{line.version}</span>
        </h2>
        {line.matched && line.run === null ? (
          <span className="dim">fits, and began nothing: the verdict says why</span>
        ) : line.matched ? (
          <span className={run?.waits ? 'wait' : 'done'}>
            started{' '}
            {run && (
              <Link className="link" to="/runs/$run" params={{ run: String(run.number) }}>
                run {run.number}
              </Link>
            )}
            {run?.waits && ', which waits for a person'}
          </span>
        ) : (
          <span className={line.near ? 'wait' : 'dim'}>
            {line.near ? 'near miss, one condition' : rows.length === 0 ? 'was not asked' : 'did not match'}
          </span>
        )}
        {rows.length === 0 ? (
          <span className="mute">
            <Revealed text={line.why} />
          </span>
        ) : (
          <span className="right mute">
            {passed} of {rows.length}
          </span>
        )}
      </header>
      {rows.length > 0 && <Conditions line={line} rows={rows} />}
      {line.route && <RouteRows route={line.route} />}
      <ChangeIt line={line} delivery={delivery} />
    </section>
  )
}

/** The way to the workflow's text with the change in it. Who may start it is not for a click to widen, and is said instead. */
const ChangeIt = ({ line, delivery }: { line: Line; delivery: string }) => {
  const kept = line.conditions.length > 0 && !line.actor.pass
  return (
    <p className="change-it">
      {kept ? (
        <span className="mute">
          No click makes it match: {line.actor.why.startsWith('is ') && 'whoever did it '}
          <Revealed text={line.actor.why} />. Who may start it stands in the workflow, for an admin to write.
        </span>
      ) : (
        <Link
          className="btn sm"
          to="/workflows/$workflow"
          params={{ workflow: line.name }}
          search={{ delivery, wanted: line.matched ? 'never' : 'match' }}
          aria-label={`${line.matched ? 'Never match again' : 'Make it match'}: ${line.name}`}
        >
          {line.matched ? 'Never match again' : 'Make it match'}
        </Link>
      )}
    </p>
  )
}

/** Workflows that listen to something else: asked nothing, so a line each, folded. */
export const Elsewhere = ({ lines, delivery }: { lines: readonly Line[]; delivery: string }) => (
  <details className="wf elsewhere">
    <summary>
      <Dot tone="idle" />
      <span className="m cut">
        {lines
          .slice(0, 4)
          .map((line) => line.name)
          .join(', ')}
        {lines.length > 4 ? ` and ${lines.length - 4} more` : ''}
      </span>
      <span className="dim">{lines.length === 1 ? 'listens' : 'listen'} to something else</span>
    </summary>
    <ul>
      {lines.slice(0, 200).map((line) => (
        <li key={line.workflow}>
          <Link className="m" to="/workflows/$workflow" params={{ workflow: line.name }}>
            {line.name}
          </Link>{' '}
          <span className="mute">
            v{line.version} · <Revealed text={line.why} />
          </span>
          <ChangeIt line={line} delivery={delivery} />
        </li>
      ))}
    </ul>
    {lines.length > 200 && <p className="mute">{lines.length - 200} more are not shown.</p>}
  </details>
)

const Conditions = ({ line, rows }: { line: Line; rows: Line['conditions'] }) => (
  <>
    <p className="why">
      <Revealed text={line.why} />
    </p>
    <table>
      <thead>
        <tr>
          <th>Condition</th>
          <th>Expected</th>
          <th>Found</th>
          <th className="num">Result</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.field} className={!row.pass && line.near ? 'odd' : undefined}>
            <td>{row.field}</td>
            <td className="mono dim">
              <Revealed text={row.expected} code />
            </td>
            <td className="mono">
              <Revealed text={row.found} code />
              {!row.pass && row.why && (
                <div className="hint">
                  <Revealed text={row.why} />
                </div>
              )}
            </td>
            <td className="num nw">
              <Icon name={row.pass ? 'check' : 'x'} small className={row.pass ? 'done' : 'stop'} />{' '}
              <span className={`word ${row.pass ? 'dim' : 'stop m'}`}>{row.pass ? 'pass' : 'fail'}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
)
