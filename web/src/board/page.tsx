/** The board: every run of the day in order of need. Waiting for a person, running, finished. */
import './board.css'
import '../inbox/inbox.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { BoardRow } from '@viewportai/core/view/shapes'
import { useRef, useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { inWords } from '../look/amounts.ts'
import { Dot, type Tone } from '../look/dot.tsx'
import { Filter } from '../look/filter.tsx'
import { groupCount } from './group-count.ts'
import { RowHead, RunRow } from './row.tsx'
import { useBoard } from './use-board.ts'

export const BoardPage = () => {
  const { q = '' } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [walking, setWalking] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const board = useBoard(walking)
  const me = useQuery(questions.me()).data
  useRowKeys(list, 'a.row')
  const counts = board.answer.data?.counts
  return (
    <Page
      title="Board"
      top={
        <>
          <h1>Board</h1>
          <span className="sep hide-s">/</span>
          <span className="dim hide-s cut">{me?.workspace.name}</span>
          {counts && <Counts counts={counts} />}
        </>
      }
      tools={
        <Filter
          value={q}
          what="the board"
          onChange={(value) => void navigate({ to: '/board', search: value ? { q: value } : {}, replace: true })}
        />
      }
    >
      <Held answer={board.answer} what="the board">
        {() => (
          <div
            ref={list}
            className="boardlist scroll"
            onFocus={() => setWalking(true)}
            onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || setWalking(false)}
          >
            {board.fresh > 0 && (
              <button type="button" className="fresh" onClick={board.showFresh}>
                {board.fresh} new
              </button>
            )}
            {board.rows.length === 0 ? (
              <EmptyBoard />
            ) : (
              <Groups rows={matching(board.rows, q)} me={me?.person.id} all={board.rows} given={board.answer.data} />
            )}
          </div>
        )}
      </Held>
    </Page>
  )
}

const Counts = ({ counts }: { counts: { waiting: number; running: number; done: number; refused: number } }) => {
  const shown: [tone: Tone, n: number, words: string][] = [
    ['run', counts.running, 'running'],
    ['wait', counts.waiting, counts.waiting === 1 ? 'at a gate' : 'at gates'],
    ['done', counts.done, 'done today'],
    ['stop', counts.refused, 'refused today'],
  ]
  return (
    <>
      {shown.map(([tone, n, words]) => (
        <span key={words} className={`count${tone === 'wait' ? '' : ' hide-s'}`}>
          <Dot tone={n > 0 ? tone : 'idle'} />
          {n} {words}
        </span>
      ))}
    </>
  )
}

const matching = (rows: readonly BoardRow[], q: string): BoardRow[] => {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) =>
    words.every((word) =>
      `${row.source} ${row.title} ${row.workflow} ${row.result} ${row.state.words} ${row.number} ${row.chips.map((chip) => chip.name).join(' ')}`
        .toLowerCase()
        .includes(word),
    ),
  )
}

const groups = [
  { group: 'waiting', title: 'Waiting for a person', tone: 'wait' },
  { group: 'running', title: 'Running', tone: 'run' },
  { group: 'finished', title: 'Finished today', tone: 'done' },
] as const

type Given = ReturnType<typeof useBoard>['answer']['data']
const Groups = ({
  rows,
  me,
  all,
  given,
}: {
  rows: readonly BoardRow[]
  me: string | undefined
  all: readonly BoardRow[]
  given: Given
}) => (
  <>
    <RowHead />
    {rows.length === 0 && <p className="group">None of {all.length} runs fits the filter</p>}
    {groups.map(({ group, title, tone }) => {
      const inside = rows.filter((row) => row.group === group)
      if (inside.length === 0) return null
      const here = (given?.rows ?? all).filter((row) => row.group === group).length
      const total = Math.max(here, given?.counts[group] ?? 0)
      return (
        <section key={group} aria-label={title}>
          <h2 className="group">
            <Dot tone={tone} />
            {title}
            <span className="mute">
              {groupCount(inside.length, here, total)}
              {here === total && note(group, inside, me)}
            </span>
          </h2>
          {inside.map((row) => (
            <RunRow key={row.run} row={row} mine={me !== undefined && row.awaits.includes(me)} />
          ))}
        </section>
      )
    })}
  </>
)

const note = (group: BoardRow['group'], rows: readonly BoardRow[], me: string | undefined): string => {
  if (group === 'finished') {
    const refused = rows.filter((row) => row.state.tone === 'stop').length
    return refused > 0 ? ` · ${rows.length - refused} done, ${refused} refused or failed` : ''
  }
  const mine = group === 'waiting' && me !== undefined ? rows.filter((row) => row.awaits.includes(me)).length : 0
  return mine > 0 ? ` · ${inWords(mine)} ${mine === 1 ? 'is' : 'are'} yours` : ''
}

const EmptyBoard = () => (
  <div className="first">
    <h2 className="verb">No run yet</h2>
    <p className="lead">
      Every run stands here as a row that reads as a sentence: what started it, how far it is, who it waits for. Start
      one by hand, or let an event start it.
    </p>
    <pre className="cmd">{'viewport run WORKFLOW --title "What should be done"'}</pre>
    <p className="lead">
      <Link className="link" to="/workflows">
        Choose a workflow
      </Link>
    </p>
  </div>
)
