/** The list of the inbox: what holds a run first, then what can wait, then what you decided today. */
import type { GateItem } from '@viewportai/core/view/shapes'
import { waitingCount } from '../look/amounts.ts'
import { InboxItem } from './item.tsx'
import type { useInbox } from './use-inbox.ts'

export const InboxList = ({ inbox }: { inbox: ReturnType<typeof useInbox> }) => (
  <div className="list scroll">
    {inbox.fresh > 0 && (
      <button type="button" className="fresh" onClick={inbox.showFresh}>
        {inbox.fresh} new
      </button>
    )}
    <Group title="Holds a run" items={inbox.open} />
    <Group title="Can wait" items={inbox.later} />
    <Group title="Decided by you today" items={inbox.decided} />
    {inbox.total > inbox.open.length + inbox.later.length + inbox.fresh && (
      <p className="group mute">{waitingCount(inbox.total)} items in all; the newest hundred are shown</p>
    )}
  </div>
)

const Group = ({ title, items }: { title: string; items: readonly GateItem[] }) =>
  items.length === 0 ? null : (
    <section aria-label={title}>
      <h2 className="group">
        {title}
        <span className="mute">{items.length}</span>
      </h2>
      <ul>
        {items.map((item) => (
          <InboxItem key={item.gate} item={item} />
        ))}
      </ul>
    </section>
  )
