/** One column of facts in the past tense. People and agents are avatars, machine facts are dots: a lead finds decisions by shape. */
import { Link } from '@tanstack/react-router'
import type { TimelineItem } from '@viewportai/core/view/shapes'
import { Fragment, lazy, Suspense, useState } from 'react'
import { useNow } from '../api/clock.ts'
import { AgentMark, PersonMark } from '../look/avatar.tsx'
import { shortDate } from '../look/ages.ts'
import { Dot } from '../look/dot.tsx'
import { There } from '../look/there.tsx'
import { When } from '../look/when.tsx'
import { Sentence } from '../look/sentence.tsx'
import { Revealed } from '../text/revealed.tsx'

const Preview = lazy(() => import('./preview.tsx').then((module) => ({ default: module.Preview })))

const bodyWords: Readonly<Record<string, string>> = {
  plan: 'the plan',
  patch: 'the diff',
  log: 'the log',
  output: 'the output',
  transcript: 'the transcript',
  question: 'the question',
}

export const Timeline = ({
  run,
  items,
  delivery,
  live,
}: {
  run: string
  items: readonly TimelineItem[]
  delivery: string | null
  live: boolean
}) => {
  const now = useNow()
  return (
    <ol className="tl scroll" aria-label="Timeline">
      {items.map((item, at) => {
        const day = new Date(item.at).toDateString()
        const newDay = at > 0 && new Date(items[at - 1]!.at).toDateString() !== day
        return (
          <Fragment key={item.seq}>
            {newDay && (
              <li className="day">
                <span>{shortDate(item.at, now)}</span>
              </li>
            )}
            <Told run={run} item={item} delivery={at === 0 ? delivery : null} last={live && at === items.length - 1} />
          </Fragment>
        )
      })}
    </ol>
  )
}

const Told = ({
  run,
  item,
  delivery,
  last,
}: {
  run: string
  item: TimelineItem
  delivery: string | null
  last: boolean
}) => {
  const [open, setOpen] = useState(false)
  const tone =
    item.mark === 'person' && (item.tone === 'wait' || item.tone === 'stop')
      ? item.tone
      : item.tone === 'stop'
        ? 'stop'
        : ''
  return (
    <li className={item.indent ? 'kid' : undefined}>
      <When at={item.at} as="second" />
      {item.mark === 'agent' ? (
        <AgentMark name={item.name} />
      ) : item.mark === 'person' ? (
        <PersonMark name={item.name} />
      ) : (
        <Dot tone={item.tone} live={last && item.tone === 'run'} />
      )}
      <div className="e">
        <div>
          <b className={`m ${tone}`}>
            <Revealed text={item.bold} />
          </b>
          <Revealed text={item.rest} />
        </div>
        {(item.evidence ?? item.gate ?? item.body ?? item.url ?? delivery) && (
          <p>
            {item.evidence && (
              <>
                <Sentence text={item.evidence} />{' '}
              </>
            )}
            <span className="acts">
              {delivery && (
                <Link className="link" to="/deliveries/$delivery" params={{ delivery }}>
                  Why it started
                </Link>
              )}
              {item.gate && (
                <Link className="link" to="/inbox/$gate" params={{ gate: item.gate }}>
                  Open the card
                </Link>
              )}
              {item.url && <There url={item.url}>See it there</There>}
              {item.body && (
                <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
                  {open ? 'Hide' : 'Show'} {bodyWords[item.body.kind] ?? 'it'}
                </button>
              )}
            </span>
          </p>
        )}
        {open && item.body && (
          <Suspense fallback={<p>Asking for it</p>}>
            <Preview run={run} body={item.body} />
          </Suspense>
        )}
      </div>
    </li>
  )
}
