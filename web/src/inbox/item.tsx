/** One gate in the list: what would happen, what kind it is, for which work, how long it waits. */
import { Link } from '@tanstack/react-router'
import type { GateItem } from '@viewportai/core/view/shapes'
import { Icon } from '../look/icon.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { outcomeWords, verdictWords } from '../decide/words.ts'
import { itemIcon, kindWord } from './kinds.ts'

export const InboxItem = ({ item }: { item: GateItem }) => {
  const closed = item.state === 'closed'
  const voted = !closed && item.myVerdict !== null
  return (
    <li>
      <Link
        to="/inbox/$gate"
        params={{ gate: item.gate }}
        className={`item${closed || voted ? ' old' : ''}`}
        data-gate={item.gate}
      >
        <Icon name={itemIcon(item)} />
        <span className="t">
          <Revealed text={item.verb} code={item.kind === 'command'} />
        </span>
        <span className="age">
          <When at={closed ? (item.closedAt ?? item.openedAt) : item.openedAt} as="age" />
        </span>
        <span className="sub">
          <span className="kind">{closed ? (outcomeWords[item.outcome ?? ''] ?? 'Closed') : kindWord[item.kind]}</span>
          <span className="cut">
            <Revealed text={[item.source, item.round > 1 ? `round ${item.round}` : item.workflow].join(' · ')} />
          </span>
          {voted && <span className="right nw done">you {verdictWords[item.myVerdict!] ?? 'voted'}</span>}
          {item.rehearsal && <span className="right nw dim">rehearsal</span>}
          {!closed && !voted && item.tainted && <span className="right nw taint">tainted</span>}
        </span>
      </Link>
    </li>
  )
}
