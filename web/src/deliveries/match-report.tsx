/** One workflow's answer to an event. The row that explains the outcome is tinted, the rest is quiet. */
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { Revealed } from '../text/revealed.tsx'

type Delivery = AnswerOf<'delivery', Response>
type Line = Delivery['lines'][number]

/** Every condition, and who may start it when that is none of them. A workflow that listens to something else was asked nothing. */
const rowsOf = (line: Line): Line['conditions'] =>
  line.conditions.length === 0 || line.conditions.some((row) => row.field === 'started by')
    ? line.conditions
    : [
        ...line.conditions,
        { field: 'started by', expected: 'may start it', found: line.actor.why, pass: line.actor.pass },
      ]

export const MatchReport = ({ line, runs }: { line: Line; runs: Delivery['runs'] }) => {
  const rows = rowsOf(line)
  const passed = rows.filter((row) => row.pass).length
  const run = runs.find((one) => one.run === line.run)
  return (
    <section className="wf" aria-label={line.name}>
      <header>
        <Dot tone={line.matched ? 'done' : line.near ? 'wait' : 'idle'} />
        <h2 className="b">
          <Link to="/workflows/$workflow" params={{ workflow: line.name }}>
            {line.name}
          </Link>{' '}
          <span className="mute">v{line.version}</span>
        </h2>
        {line.matched ? (
          <span className="done">
            started{' '}
            {run && (
              <Link className="link" to="/runs/$run" params={{ run: String(run.number) }}>
                run {run.number}
              </Link>
            )}
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
    </section>
  )
}

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
