/**
 * Which runs does a list show, and how many are there?
 * Rows were read from the facts when they were written; here names are put to principals and the reason why nobody takes the work.
 */
import { namedRow, type Names } from '@viewportai/core/view/board-row'
import type { BoardRow } from '@viewportai/core/view/shapes'
import type { Tx } from '../database/tenant.ts'
import { waitingCount, type Viewer } from '../gates/inbox.ts'

type Row = { run: string; shown: BoardRow; why: string | null; started_at: number }

const columns = `n.run, n.shown, n.started_at,
  (select min(w.why) from vp.work w where w.workspace = $1 and w.run = n.run and w.state = 'ready') as why`

const shownRow = (row: Row, names: Names): BoardRow => namedRow({ ...row.shown, why: row.why }, names)

const onBoard = {
  name: 'board',
  text: `(select ${columns}, 1 as part, n.waiting_since as ordered from vp.runs n where n.workspace = $1 and n.status = 'waiting' order by n.updated_at desc limit $2)
    union all (select ${columns}, 2, -n.updated_at from vp.runs n where n.workspace = $1 and n.status = 'running' order by n.updated_at desc limit $2)
    union all (select ${columns}, 3, -n.updated_at from vp.runs n where n.workspace = $1 and n.status = 'finished' and n.updated_at > vp.now_ms() - 86400000 order by n.updated_at desc limit $2)
    order by part, ordered, run`,
}
/** Rows of each group that a board shows. */
const boardRows = 100

/** Runs in order of need: waiting (longest first), running, finished in the last day (newest first). */
export const readBoard = async (tx: Tx, names: Names): Promise<BoardRow[]> => {
  const { rows } = await tx.query<Row>(onBoard, [tx.workspace, boardRows])
  return rows.map((row) => shownRow(row, names))
}

const counted = {
  name: 'board counts',
  text: `select
    (select count(*) from vp.runs where workspace = $1 and status = 'waiting') as waiting,
    (select count(*) from vp.runs where workspace = $1 and status = 'running') as running,
    (select count(*) from vp.runs where workspace = $1 and status = 'finished' and updated_at > vp.now_ms() - 86400000) as finished,
    (select count(*) from vp.runs where workspace = $1 and status = 'finished' and updated_at > vp.now_ms() - 86400000 and outcome = 'succeeded') as done,
    (select count(*) from vp.runs where workspace = $1 and status = 'finished' and updated_at > vp.now_ms() - 86400000 and outcome = 'rejected') as refused`,
}
export type Counts = {
  waiting: number
  running: number
  finished: number
  done: number
  refused: number
  yours: number
}

export const readCounts = async (tx: Tx, viewer: Viewer): Promise<Counts> => {
  const { rows } = await tx.query<Omit<Counts, 'yours'>>(counted, [tx.workspace])
  return { ...rows[0]!, yours: await waitingCount(tx, viewer) }
}

export type Filter = {
  readonly q?: string | undefined
  readonly workflow?: string | undefined
  readonly state?: 'waiting' | 'running' | 'finished' | undefined
  readonly before?: string | undefined
  readonly limit: number
}

const listed = {
  name: 'runs listed',
  text: `select ${columns} from vp.runs n where n.workspace = $1 and (n.started_at, n.run) < ($2, $3)
      and ($4::text is null or n.workflow_name = $4) and ($5::text is null or n.status = $5)
      and ($6::text is null or n.title ilike $6 or n.source ilike $6 or n.workflow_name ilike $6 or n.number::text = $7)
    order by n.started_at desc, n.run desc limit $8`,
}

/** Runs newest first. Null: `before` is not a place in the list. */
export const readRuns = async (
  tx: Tx,
  filter: Filter,
  names: Names,
): Promise<{ rows: BoardRow[]; older: string | null } | null> => {
  const [, at, run] =
    filter.before === undefined
      ? ['', String(Number.MAX_SAFE_INTEGER), '']
      : (/^(\d{1,16})\.(run_\w{1,30})$/.exec(filter.before) ?? [])
  if (at === undefined || run === undefined) return null
  const like = filter.q ? `%${filter.q.replace(/[\\%_]/g, '\\$&')}%` : null
  const { rows } = await tx.query<Row>(listed, [
    tx.workspace,
    Number(at),
    run,
    filter.workflow ?? null,
    filter.state ?? null,
    like,
    filter.q?.replace(/^#/, '') ?? null,
    filter.limit + 1,
  ])
  const page = rows.slice(0, filter.limit)
  const last = page.at(-1)
  return {
    rows: page.map((row) => shownRow(row, names)),
    older: rows.length > page.length && last ? `${last.started_at}.${last.run}` : null,
  }
}
