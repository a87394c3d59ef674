/** The inbox: every open gate that you may decide, and the one that is open now. */
import './inbox.css'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useNow } from '../api/clock.ts'
import { Page } from '../frame/page.tsx'
import { asProblem } from '../api/problem.ts'
import { useKeys } from '../keys/use-keys.ts'
import { shortAge } from '../look/ages.ts'
import { waitingCount } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { useWide } from '../look/wide.ts'
import { EmptyInbox } from './empty.tsx'
import { Gate } from './gate.tsx'
import { InboxList } from './list.tsx'
import { useInbox } from './use-inbox.ts'

export const InboxPage = () => {
  const { gate } = useParams({ strict: false })
  const inbox = useInbox(gate)
  const wide = useWide(960)
  const navigate = useNavigate()
  const split = useRef<HTMLDivElement>(null)
  const at = inbox.walk.findIndex((item) => item.gate === gate)
  const go = (to: number) => {
    const item = inbox.walk[to]
    if (item) void navigate({ to: '/inbox/$gate', params: { gate: item.gate } })
  }
  const inItem = (target: EventTarget | null) =>
    target instanceof Element && target.closest('.gate') !== null && target.closest('.decide') === null
  const step = (by: 1 | -1) => (event: KeyboardEvent) => {
    if (inItem(event.target)) return // the item has its own steps
    event.preventDefault()
    const to = at < 0 ? 0 : Math.min(inbox.walk.length - 1, Math.max(0, at + by))
    go(to)
    split.current?.querySelector<HTMLElement>(`.list [data-gate="${inbox.walk[to]?.gate ?? ''}"]`)?.focus()
  }
  useKeys({
    j: step(1),
    k: step(-1),
    Enter: (event) => {
      if (
        !(event.target instanceof Element) ||
        event.target.closest('a, button, summary, input')?.matches(':not(.item)')
      )
        return
      if (gate === undefined) return
      event.preventDefault()
      split.current?.querySelector<HTMLElement>('.gate-head')?.focus()
    },
    Escape: () => {
      if (document.activeElement instanceof HTMLElement && document.activeElement.matches('input, textarea')) return
      if (!wide && gate !== undefined) void navigate({ to: '/inbox' })
      else split.current?.querySelector<HTMLElement>('.item[aria-current]')?.focus()
    },
  })
  // What waits is opened by itself; what was decided only when someone asks for it.
  const first = (inbox.open[0] ?? inbox.later[0])?.gate
  useEffect(() => {
    if (wide && gate === undefined && first !== undefined)
      void navigate({ to: '/inbox/$gate', params: { gate: first }, replace: true })
  }, [wide, gate, first, navigate])

  const empty = inbox.answer.data !== undefined && inbox.walk.length === 0 && gate === undefined
  return (
    <Page
      title="Inbox"
      top={
        <Top
          total={inbox.answer.data ? inbox.total : null}
          oldest={Math.min(...inbox.open.filter((item) => item.state === 'open').map((item) => item.openedAt))}
          at={at}
          of={inbox.walk.length}
          inItem={gate !== undefined}
        />
      }
    >
      {inbox.answer.isError && !inbox.answer.data ? (
        <ProblemNotice problem={asProblem(inbox.answer.error)} />
      ) : empty ? (
        <EmptyInbox />
      ) : (
        <div className={`split${gate === undefined ? '' : ' has-item'}`} ref={split}>
          {inbox.answer.data ? <InboxList inbox={inbox} /> : <Skeleton what="the inbox" />}
          {gate !== undefined && <Gate key={gate} id={gate} />}
          {gate === undefined && inbox.answer.data && first === undefined && (
            <ScrollArea label="Nothing awaits you" className="hide-narrow">
              <EmptyInbox />
            </ScrollArea>
          )}
        </div>
      )}
    </Page>
  )
}

const Top = ({
  total,
  oldest,
  at,
  of,
  inItem,
}: {
  /** null: not known yet, which is not none */
  total: number | null
  oldest: number
  at: number
  of: number
  inItem: boolean
}) => {
  const now = useNow()
  return (
    <>
      {inItem && (
        <Link to="/inbox" className="back link only-narrow">
          <Icon name="left" />
          Inbox
        </Link>
      )}
      {inItem ? <strong className="hide-narrow">Inbox</strong> : <h1>Inbox</h1>}
      {total !== null && (
        <span className="count">
          <Dot tone={total > 0 ? 'wait' : 'idle'} />
          {waitingCount(total)} awaiting you
        </span>
      )}
      {Number.isFinite(oldest) && <span className="mute hide-s">oldest {shortAge(oldest, now)}</span>}
      {inItem && at >= 0 && (
        <span className="mute nw only-narrow">
          {at + 1} of {of}
        </span>
      )}
    </>
  )
}
