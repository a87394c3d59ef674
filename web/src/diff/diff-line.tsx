/** One line of a diff: number, sign, text with hidden characters visible, one sentence below when there were some. */
import { memo } from 'react'
import { Icon } from '../look/icon.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import type { ShownRow } from './shown.ts'

const signs = { add: '+', del: '−', ctx: '', note: '' } as const

export const DiffLine = memo(
  ({ row, id, current, onPick }: { row: ShownRow; id: string; current: boolean; onPick: (id: string) => void }) => {
    if (row.kind === 'gap') return <div className="gap">{row.text}</div>
    const ending = row.text.endsWith('\r') // a line that ends like Windows files do: shown, and no alarm
    const text = ending ? row.text.slice(0, -1) : row.text
    const hidden = row.kind === 'note' ? '' : hiddenIn(text, true)
    const tone = hidden ? 'evil' : row.kind
    return (
      <>
        <div className={`ln ${tone}${current ? ' cur' : ''}${row.since === 'gone' ? ' gone' : ''}`} id={id}>
          <button
            type="button"
            className="no"
            tabIndex={current ? 0 : -1}
            onClick={() => onPick(id)}
            aria-label={row.kind === 'note' ? undefined : `Comment on line ${row.new ?? row.old}`}
            disabled={row.kind === 'note' || row.since === 'gone'}
          >
            {row.new ?? row.old}
          </button>
          <span className="sign">{signs[row.kind]}</span>
          <code>
            <Revealed text={text} code={row.kind !== 'note'} />
            {ending && (
              <span className="mute" title="The line ends with a carriage return">
                {' '}
                CR
              </span>
            )}
          </code>
        </div>
        {hidden && (
          <div className="flag">
            <Icon name="eye" />
            {hidden}
          </div>
        )}
      </>
    )
  },
)
