/** One run as a row: source → result and title, its state in words, the pipeline as a sentence, cost, age. */
import { Link } from '@tanstack/react-router'
import type { BoardRow } from '@viewportai/core/view/shapes'
import { shortCost, cost } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { Pipe } from '../look/pipe.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

/** `mine`: the gate waits for the one who looks, so the row leads straight to it. */
export const RunRow = ({ row, mine }: { row: BoardRow; mine: boolean }) => {
  const inside = (
    <>
      <div className="cut">
        <div className="src">
          <span className="cut">
            <Revealed text={row.source} />
          </span>
          <Icon name="arrow" small />
          {row.result}
          {row.tainted && <span className="sr">, tainted by outside text</span>}
        </div>
        <div className="ttl cut" title={row.title}>
          {row.rehearsal && <span className="m">Rehearsal · </span>}
          <Revealed text={row.title} />
        </div>
      </div>
      <div className={`st ${row.state.tone}`}>
        <Dot tone={row.state.tone} live={row.state.tone === 'run'} />
        <span title={row.why ?? row.state.words}>{row.state.words}</span>
      </div>
      <div className="pc">
        <Pipe chips={row.chips} />
        <div className={`ctx cut${row.why ? ' wait' : ''}`}>
          {row.why ? (
            row.why
          ) : row.context.length > 0 ? (
            <>
              context <span>{row.context.join(' · ')}</span>
            </>
          ) : (
            <>
              run {row.number} · {row.workflow}
            </>
          )}
        </div>
      </div>
      <div className="num" title={cost(row.usage)}>
        {shortCost(row.usage)}
      </div>
      <div className="num mute">
        <When at={row.finishedAt ?? row.waitingSince ?? row.startedAt} as="age" />
      </div>
    </>
  )
  return mine && row.gate ? (
    <Link className="row" data-run={row.run} to="/inbox/$gate" params={{ gate: row.gate }}>
      {inside}
    </Link>
  ) : (
    <Link className="row" data-run={row.run} to="/runs/$run" params={{ run: String(row.number) }}>
      {inside}
    </Link>
  )
}

/** The head over rows. Screen readers have the words in each row. */
export const RowHead = () => (
  <div className="row cols" aria-hidden="true">
    <span>Source, result</span>
    <span>State</span>
    <span>Pipeline and context</span>
    <span className="num">Cost</span>
    <span className="num">Age</span>
  </div>
)
