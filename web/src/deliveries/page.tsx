/** Deliveries: what came in, and what it started. */
import './deliveries.css'
import '../inbox/inbox.css'
import '../board/board.css'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { counted } from '../look/amounts.ts'
import { Dot, type Tone } from '../look/dot.tsx'
import { Filter } from '../look/filter.tsx'
import { useLater } from '../look/later.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { Sources } from './sources.tsx'

type Item = AnswerOf<'deliveries', Response>['deliveries'][number]

export const DeliveriesPage = () => {
  const { q: written = '' } = useSearch({ strict: false }) as { q?: string }
  const q = useLater(written, 200)
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const [sources, setSources] = useState(false)
  useRowKeys(list, 'a.dlv')
  const answer = useInfiniteQuery({
    queryKey: ['deliveries', q],
    queryFn: ({ pageParam }) => api.deliveries({ query: { q: q || undefined, before: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.older ?? undefined,
    placeholderData: (before) => before,
  })
  const rows = answer.data?.pages.flatMap((page) => page.deliveries) ?? []
  const empty = answer.data && rows.length === 0
  return (
    <Page
      title="Deliveries"
      top={<h1>Deliveries</h1>}
      tools={
        <>
          <button type="button" className="btn sm" aria-expanded={sources} onClick={() => setSources(!sources)}>
            Sources
          </button>
          <Filter
            value={written}
            what="deliveries"
            onChange={(value) => void navigate({ to: '/deliveries', search: value ? { q: value } : {}, replace: true })}
          />
        </>
      }
    >
      <div ref={list} className="scroll fill">
        {(sources || (empty && written === '')) && <Sources admin={admin} />}
        {answer.isError && !answer.data ? (
          <ProblemNotice problem={asProblem(answer.error)} />
        ) : !answer.data ? (
          <Skeleton what="deliveries" />
        ) : empty ? (
          <div className="first">
            <h2 className="verb">{written ? 'No delivery fits' : 'Nothing came in yet'}</h2>
            <p className="lead">
              Every event that reaches this workspace is kept here with the report of every workflow: which conditions
              it met, and which not.
            </p>
          </div>
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
        )}
        {answer.hasNextPage && (
          <button
            type="button"
            className="fresh"
            disabled={answer.isFetchingNextPage}
            onClick={() => void answer.fetchNextPage()}
          >
            Older deliveries
          </button>
        )}
      </div>
    </Page>
  )
}

const tones: Readonly<Record<Item['state'], Tone>> = {
  stored: 'run',
  processed: 'done',
  refused: 'stop',
  failed: 'stop',
}

const Row = ({ item }: { item: Item }) => (
  <Link className="dlv" to="/deliveries/$delivery" params={{ delivery: item.id }}>
    <div className="cut">
      <div className="m cut">
        <Revealed text={item.title || item.event} />
      </div>
      <p className="cut">
        by <Revealed text={item.actor} />
      </p>
    </div>
    <p className="cut">
      {item.tool} <span className="mute">{item.event}</span>
      <br />
      <span className="mute">
        {item.source}
        {item.repeats > 0 ? ` · came ${counted(item.repeats + 1, 'time')}` : ''}
      </span>
    </p>
    <div className="row-of cut">
      <Dot tone={item.state === 'processed' && item.matched === 0 ? 'idle' : tones[item.state]} />
      <span className={`cut ${item.state === 'refused' || item.state === 'failed' ? 'stop' : ''}`}>{item.verdict}</span>
    </div>
    <div className="num mute">
      <When at={item.at} as="age" />
    </div>
  </Link>
)
