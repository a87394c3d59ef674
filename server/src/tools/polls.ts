/**
 * How does news come from tools that cannot reach us?
 * They are asked regularly: one row per thing that is asked about, with the place to go on from. What is found is stored like a webhook's delivery, in the same
 * transaction as the new place, so that nothing is lost and nothing is taken twice whenever the program dies.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { plain } from '../database/plain.ts'
import { isShared, placesOf } from '../deliveries/bodies.ts'
import { freshId } from '../fresh-id.ts'
import type { Stuck } from '../stuck.ts'
import { workOff } from '../work-off.ts'
import { heardBy, type Silences } from '../deliveries/silences.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { serverOf } from '@viewportai/core/tools/reach'
import { opened, readConnection, type ConnectionRow } from './connections.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import { keepPlaces, withPlaces } from './places.ts'
import { polledBy, type Connection, type Polled, type Tool } from './port.ts'
import { shortName } from './short-name.ts'
import { toolNamed } from './table.ts'
import { withoutSecrets } from './without-secrets.ts'

/** The rows follow the connection's settings: what is new is asked about from now on, what is not named any more is forgotten. Without a tool: all of it. */
export const planPolls = async (tx: Tx, tool: Tool | null, connection: Connection): Promise<void> => {
  const streams = tool?.poll?.streams(connection) ?? []
  await tx.query('delete from vp.polls where workspace = $1 and connection = $2 and not stream = any($3)', [
    tx.workspace,
    connection.id,
    streams,
  ])
  for (const stream of streams)
    await tx.query('insert into vp.polls (workspace, connection, stream) values ($1, $2, $3) on conflict do nothing', [
      tx.workspace,
      connection.id,
      stream,
    ])
}

type PollOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  /** Which connections answer nothing just now: one question finds out for all its streams. */
  readonly silences: Silences
  /** Told that something was stored for this workspace. */
  readonly stored: (workspace: string) => void
}
type Due = { workspace: string; connection: string; stream: string }

/** Asks wherever the time has come. One that fails is put off, longer each time, and says why on its connection. */
export const sweepPolls = (options: PollOptions, stuck: Stuck, each = 20): Promise<number> =>
  workOff<Due>(stuck, 'poll', {
    each,
    find: async (most, but) =>
      (await options.db.app.query<Due>('select workspace, connection, stream from vp.polls_due($1, $2)', [most, but]))
        .rows,
    name: ({ connection, stream }) => `${connection} ${stream}`,
    lane: ({ connection }) => connection,
    one: (due) => pollOne(options, due),
  })

/** Events of a tool that enabled workflows listen to. */
const listenedIn = async (tx: Tx, tool: string): Promise<Set<string>> =>
  new Set(
    (
      await tx.query<{ event: string }>(
        {
          name: 'events listened to',
          text: `select distinct t->>'event' as event from vp.workflows w
            join vp.workflow_versions v on v.workspace = $1 and v.workflow = w.workflow and v.version = w.version
            cross join lateral json_array_elements(v.compiled::json->'triggers') t
            where w.workspace = $1 and w.enabled and t->>'tool' = $2`,
        },
        [tx.workspace, tool],
      )
    ).rows.map((row) => row.event),
  )

const longestPause = 900_000
/** How long one asking may take in all (ms): the other streams of its connection wait for it. */
const patienceMillis = 60_000

const pollOne = async (
  { db, key, outside, silences, stored }: PollOptions,
  { workspace, connection, stream }: Due,
): Promise<void> => {
  const held = await inWorkspace(db, workspace, async (tx) => {
    const row = await readConnection(tx, connection)
    const poll = (
      await tx.query<{ cursor: unknown; failures: number; problem: string | null; asked: boolean; settingsAt: number }>(
        `select p.cursor, p.failures, p.problem, p.asked_at is not null as asked, c.settings_at as "settingsAt"
          from vp.polls p join vp.connections c on c.workspace = $1 and c.connection = $2 where p.workspace = $1 and p.connection = $2 and p.stream = $3`,
        [workspace, connection, stream],
      )
    ).rows[0]
    return row && poll ? { row, poll, listened: await listenedIn(tx, row.tool) } : null
  })
  const tool = held && toolNamed(held.row.tool)
  if (!held || !tool?.poll || held.row.source === null || held.row.held) return
  const { row, poll, listened } = held
  const quiet = silences.until(connection, outside.now())
  if (quiet !== null)
    return inWorkspace(db, workspace, (tx) =>
      leftAlone(tx, { connection, stream }, poll.problem, quiet - outside.now()),
    )
  const asker = withPlaces(opened(key, workspace, row), row)
  const heard = heardBy(bounded(outside, patienceMillis))
  let polled: Polled
  try {
    polled = await tool.poll.ask(asker, stream, poll.cursor, heard.outside, listened)
    silences.answered(connection)
  } catch (error) {
    if (heard.isSilent()) silences.silent(connection, outside.now())
    else silences.answered(connection)
    const pause = Math.min(longestPause, 15_000 * 2 ** Math.min(poll.failures, 6))
    const problem = withoutSecrets(plain((error as Error).message), asker.secrets).slice(0, 500)
    await inWorkspace(db, workspace, async (tx) => {
      if (!(await leadsThere(tx, connection, poll.settingsAt))) return
      if (problem !== poll.problem) tx.nudge('connection', connection)
      await tx.query(
        'update vp.polls set failures = failures + 1, problem = $4, next_at = vp.now_ms() + $5 where workspace = $1 and connection = $2 and stream = $3',
        [workspace, connection, stream, problem, pause],
      )
    })
    return
  }
  const fresh = await inWorkspace(db, workspace, async (tx) => {
    if (!(await leadsThere(tx, connection, poll.settingsAt))) return false // asked anew: it may have been another server
    const { rowCount } = await tx.query(
      `update vp.polls set cursor = $4, failures = 0, problem = $7, asked_at = vp.now_ms(), next_at = vp.now_ms() + $5,
         lost = coalesce($8, lost), lost_at = case when $8::text is null then lost_at else vp.now_ms() end
       where workspace = $1 and connection = $2 and stream = $3 and cursor::text is not distinct from $6`,
      [
        workspace,
        connection,
        stream,
        JSON.stringify(polled.cursor),
        Math.max(1_000, polled.nextMillis),
        poll.cursor === null ? null : JSON.stringify(poll.cursor),
        polled.problem ? plain(polled.problem).slice(0, 500) : null,
        polled.lost ? plain(polled.lost).slice(0, 1_000) : null,
      ],
    )
    if (rowCount === 0) return false // another replica was quicker: what it found is stored
    // That it goes well, or is wrong, is news; that it was asked again is not: whoever looks asks when.
    if (!poll.asked || (polled.problem ?? null) !== poll.problem) tx.nudge('connection', connection)
    if (polled.place) await keepPlaces(tx, connection, [polled.place])
    return store(tx, row.source!, row, polled)
  })
  if (fresh) stored(workspace)
}

/** Not asked, because nothing of its connection answered a moment ago: no failure of its own. Asked again in `pause` (ms). */
const leftAlone = async (
  tx: Tx,
  { connection, stream }: Pick<Due, 'connection' | 'stream'>,
  problem: string | null,
  pause: number,
): Promise<void> => {
  await tx.query(
    'update vp.polls set next_at = greatest(next_at, vp.now_ms() + $4), problem = coalesce(problem, $5) where workspace = $1 and connection = $2 and stream = $3',
    [tx.workspace, connection, stream, pause, 'Nothing of its connection answered a moment ago, so it was not asked.'],
  )
  if (problem === null) tx.nudge('connection', connection)
}

/** Is the connection as it was when it was asked? It stays so until the end of the transaction; like a change of it, this holds the connection first and its askings after it. */
const leadsThere = async (tx: Tx, connection: string, settingsAt: number): Promise<boolean> =>
  (
    await tx.query(
      {
        name: 'connection as asked',
        text: 'select from vp.connections where workspace = $1 and connection = $2 and settings_at = $3 and removed_at is null for no key update',
      },
      [tx.workspace, connection, settingsAt],
    )
  ).rowCount === 1

/** Within a source an id is one thing: what was found says at which server, as others have the same numbers. */
const foundAt = (server: string, id: string): string =>
  shortName(`${polledBy}${server} ${id.slice(polledBy.length)}`, 190)

const store = async (
  tx: Tx,
  source: string,
  { tool, settings }: Pick<ConnectionRow, 'tool' | 'settings'>,
  polled: Polled,
): Promise<boolean> => {
  const server = serverOf(tool, { settings })
  // What moved from one page to the next while it was asked is found on both.
  const found = [...new Map(polled.found.map((one) => [one.id, { ...one, id: foundAt(server, one.id) }])).values()]
  if (found.length === 0) return false
  const bodies = placesOf(found.map((one) => one.body))
  const { rows } = await tx.query<{ fresh: boolean }>(
    'select fresh from vp.deliveries_keep($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, null, null)',
    [
      tx.workspace,
      bodies.once,
      found.map(() => freshId('dlv')),
      found.map(() => source),
      found.map((one) => one.id),
      bodies.places,
      found.map((one, at) => isShared(one.body, bodies.bringing[at]!)),
      found.map(() => 1),
      found.map(() => tool),
      found.map(() => 'application/json'),
      found.map((one) => JSON.stringify(one.headers)),
      'asked',
    ],
  )
  return rows.some((row) => row.fresh)
}
