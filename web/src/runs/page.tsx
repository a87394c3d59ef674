/** All runs, newest first, with a filter. */
import '../board/board.css'
import '../inbox/inbox.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { api } from '../api/call.ts'
import { RowHead, RunRow } from '../board/row.tsx'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { Filter } from '../look/filter.tsx'
import { MoreButton } from '../look/more-button.tsx'
import { useLater } from '../look/later.ts'

const states = [
  [undefined, 'All'],
  ['waiting', 'Waiting'],
  ['running', 'Running'],
  ['finished', 'Finished'],
] as const

export const RunsPage = () => {
  const search = useSearch({ strict: false }) as {
    q?: string
    state?: 'waiting' | 'running' | 'finished'
    workflow?: string
  }
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  const q = useLater(search.q ?? '', 200)
  const runs = useInfiniteQuery({
    queryKey: ['runs', q, search.state, search.workflow],
    queryFn: ({ pageParam }) =>
      api.runs({ query: { q: q || undefined, state: search.state, workflow: search.workflow, before: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.older ?? undefined,
    placeholderData: (before) => before,
  })
  useRowKeys(list, 'a.row')
  const rows = runs.data?.pages.flatMap((page) => page.rows) ?? []
  const filtered = Boolean(search.q ?? search.state ?? search.workflow)
  return (
    <Page
      title="Runs"
      top={
        <>
          <h1>Runs</h1>
          {search.workflow && (
            <Link
              className="badge hide-s"
              to="/runs"
              search={{ ...search, workflow: undefined }}
              title="Show all workflows"
            >
              {search.workflow} ×
            </Link>
          )}
        </>
      }
      tools={
        <Filter
          value={search.q ?? ''}
          what="runs"
          onChange={(value) =>
            void navigate({ to: '/runs', search: { ...search, q: value || undefined }, replace: true })
          }
        />
      }
    >
      <div ref={list} className="boardlist scroll">
        <nav className="tabs" aria-label="State">
          {states.map(([state, label]) => (
            <Link
              key={label}
              to="/runs"
              search={{ ...search, state }}
              activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
              aria-current={search.state === state ? 'page' : undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
        <Held answer={runs} what="runs">
          {() =>
            rows.length === 0 ? (
              <NoRuns filtered={filtered} />
            ) : (
              <>
                <RowHead />
                {rows.map((row) => (
                  <RunRow key={row.run} row={row} mine={false} />
                ))}
                <MoreButton answer={runs}>Older runs</MoreButton>
                <p className="only-s group">
                  <Link className="link" to="/deliveries">
                    Deliveries: what came in and why it did or did not start work
                  </Link>
                </p>
              </>
            )
          }
        </Held>
      </div>
    </Page>
  )
}

const NoRuns = ({ filtered }: { filtered: boolean }) => (
  <div className="first">
    <h2 className="verb">{filtered ? 'No run fits' : 'No run yet'}</h2>
    <p className="lead">
      {filtered ? (
        <Link className="link" to="/runs" search={{}}>
          Show all runs
        </Link>
      ) : (
        <>
          A run starts from an event or by hand.{' '}
          <Link className="link" to="/workflows">
            Choose a workflow
          </Link>
          , or{' '}
          <Link className="link" to="/try">
            try it on your repository
          </Link>
          .
        </>
      )}
    </p>
    {!filtered && <pre className="cmd">{'viewport run WORKFLOW --title "What should be done"'}</pre>}
  </div>
)
