/** Deliveries: what came in, and what it started. */
import './deliveries.css'
import '../inbox/inbox.css'
import '../board/board.css'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { now } from '../api/clock.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { counted } from '../look/amounts.ts'
import { Dot, type Tone } from '../look/dot.tsx'
import { Filter } from '../look/filter.tsx'
import { useLater } from '../look/later.ts'
import { MoreButton } from '../look/more-button.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { calledAs } from './called.ts'
import { asked, isNarrowed, outcomeWords, type DeliveryFilter } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import { Sources } from './sources.tsx'

type Item = AnswerOf<'deliveries', Response>['deliveries'][number]

export const DeliveriesPage = () => {
  const search = useSearch({ strict: false }) as DeliveryFilter
  const written = search.q ?? ''
  const q = useLater(written, 200)
  const filter = { ...search, q }
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const [sources, setSources] = useState(false)
  useRowKeys(list, 'a.dlv')
  const answer = useInfiniteQuery({
    queryKey: ['deliveries', filter],
    queryFn: ({ pageParam }) => api.deliveries({ query: { ...asked(filter, now()), before: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.older ?? undefined,
    placeholderData: (before) => before,
  })
  const rows = answer.data?.pages.flatMap((page) => page.deliveries) ?? []
  const empty = answer.data && rows.length === 0
  const narrowed = isNarrowed(search)
  const narrow = (changed: Partial<DeliveryFilter>): void =>
    void navigate({
      to: '/deliveries',
      search: Object.fromEntries(Object.entries({ ...search, ...changed }).filter(([, value]) => value)),
      replace: true,
    })
  return (
    <Page
      title="Deliveries"
      top={<h1>Deliveries</h1>}
      tools={
        <>
          <button type="button" className="btn sm" aria-expanded={sources} onClick={() => setSources(!sources)}>
            Sources
          </button>
          <Filter value={written} what="deliveries" onChange={(value) => narrow({ q: value })} />
        </>
      }
    >
      <div ref={list} className="scroll fill">
        {(sources || (empty && !narrowed)) && <Sources admin={admin} />}
        {(narrowed || !empty) && (
          <FilterBar
            filter={search}
            onChange={narrow}
            onClear={() => void navigate({ to: '/deliveries', search: {} })}
          />
        )}
        <Held answer={answer} what="deliveries">
          {() =>
            empty ? (
              <Nothing narrowed={narrowed} />
            ) : (
              <>
                <div className="dlv cols" aria-hidden="true">
                  <span>What came in</span>
                  <span>From</span>
                  <span>What it started</span>
                  <span className="num">Age</span>
                </div>
                {rows.map((item) => (
                  <Row key={item.id} item={item} />
                ))}
              </>
            )
          }
        </Held>
        <MoreButton answer={answer}>Older deliveries</MoreButton>
      </div>
    </Page>
  )
}

const Nothing = ({ narrowed }: { narrowed: boolean }) => (
  <div className="first">
    <h2 className="verb">{narrowed ? 'No delivery fits' : 'Nothing came in yet'}</h2>
    <p className="lead">
      Every event that reaches this workspace is kept here with the report of every workflow: which conditions it met,
      and which not.{' '}
      {narrowed && (
        <Link className="link" to="/deliveries" search={{}}>
          Show all deliveries
        </Link>
      )}
    </p>
  </div>
)

const tones: Readonly<Record<Item['outcome'], Tone>> = {
  started: 'done',
  nearly: 'wait',
  no_match: 'idle',
  ignored: 'idle',
  refused: 'stop',
  set_aside: 'stop',
  duplicate: 'idle',
  arriving: 'run',
}

/** A run of it waits for a person now. The words of the verdict were written when it arrived, and do not say so. */
const isWaiting = (item: Item): boolean => item.runs.some((run) => run.waits)

/** Waiting for a person is amber wherever it stands. */
const toneOf = (item: Item): Tone => (isWaiting(item) ? 'wait' : tones[item.outcome])

const Row = ({ item }: { item: Item }) => (
  <Link className="dlv" to="/deliveries/$delivery" params={{ delivery: item.id }}>
    <div className="cut">
      <div className="m cut">
        <Revealed text={calledAs(item)} />
      </div>
      {item.actor !== '' && (
        <p className="cut">
          by <Revealed text={item.actor} />
        </p>
      )}
    </div>
    <p className="cut">
      {item.tool} <span className="mute">{item.event}</span>
      <br />
      <span className="mute">
        {[
          // A connection that is called as its tool is said once.
          ...(item.source === item.tool ? [] : [item.source]),
          ...(item.repeats > 0 ? [`came ${counted(item.repeats + 1, 'time')}`] : []),
        ].join(' · ')}
      </span>
    </p>
    <div className="came cut">
      <Dot tone={toneOf(item)} />
      <span className={`cut ${toneOf(item) === 'stop' ? 'stop' : ''}`}>
        <Revealed text={item.verdict || outcomeWords[item.outcome]} />
      </span>
      {isWaiting(item) && <span className="wait waits">waits for a person</span>}
    </div>
    <div className="num mute">
      <When at={item.at} as="age" />
    </div>
  </Link>
)
