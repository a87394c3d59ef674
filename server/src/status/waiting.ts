/**
 * What does the message of a run say before there is the run: that its start waits for its turn, or that it left the queue without beginning?
 * The run's id is given out when the start begins to wait, so that the same message is the run's own later, by the same mark; there is never a second one.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { runTitle } from '@viewportai/core/match/title'
import type { Effect, StatusKeeper, StatusMarks, Went } from '@viewportai/core/tools/port'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import { statusPlaces } from '@viewportai/core/workflow/status-places'
import type { Tx } from '../database/tenant.ts'
import { opened, readConnections } from '../tools/connections.ts'
import type { Connection } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { isOver, pauseAfter } from './ended.ts'

/** `turn`: it waits. `left`: it left the queue; when its run began, nobody asks any more. */
export type Waiting = 'turn' | 'left'

/** Is a start of this that waits told where it came from? */
export const tellsWaiting = (event: TriggerEvent, compiled: Compiled): boolean =>
  event.subject.ref !== undefined &&
  statusPlaces(compiled).includes(event.tool) &&
  toolNamed(event.tool)?.status?.waits === true

const begin = {
  name: 'run status waits',
  // As for runs: of what came by a connection alone.
  text: `insert into vp.run_statuses (workspace, run, tool, target, delivery, waiting) select $1, $2, $3, $4, $5, 'turn'
    where exists (select from vp.deliveries d join vp.sources s on s.workspace = $1 and s.source = d.source and s.connection is not null and s.kind = $3 where d.workspace = $1 and d.delivery = $5)`,
}

/** Notes that this start waits, in the transaction that puts it into the queue. `run`: what it will be. */
export const tellWaiting = async (
  tx: Tx,
  run: string,
  {
    event,
    delivery,
    compiled,
  }: { readonly event: TriggerEvent; readonly delivery: string; readonly compiled: Compiled },
): Promise<void> => {
  if (tellsWaiting(event, compiled)) await tx.query(begin, [tx.workspace, run, event.tool, event.subject.ref, delivery])
}

const about = {
  name: 'run status waits about',
  text: `select d.trigger_event as event, s.connection from vp.deliveries d left join vp.sources s on s.workspace = $1 and s.source = d.source where d.workspace = $1 and d.delivery = $2`,
}

export type WaitingReady = { readonly effect: Effect; readonly connection: Connection }

/** What is to be shown, by the connection that it came by; null: nothing can be said here any more, or a runner would have to. */
export const waitingReady = async (
  tx: Tx,
  key: Uint8Array,
  of: {
    readonly run: string
    readonly intent: string
    readonly target: string
    readonly delivery: string
    readonly waiting: Waiting
  },
  { marks }: StatusKeeper,
  base: string,
): Promise<WaitingReady | null> => {
  const row = (await tx.query<{ event: TriggerEvent; connection: string | null }>(about, [tx.workspace, of.delivery]))
    .rows[0]
  const connection = row && (await readConnections(tx)).find((one) => one.connection === row.connection)
  if (!connection || connection.held) {
    await tx.query('update vp.run_statuses set held_until = 0, waiting_shown = $3 where workspace = $1 and run = $2', [
      tx.workspace,
      of.run,
      of.waiting,
    ])
    return null
  }
  const page = `${base}/deliveries/${of.delivery}`
  const title = runTitle(row.event)
  const effect = {
    intent: of.intent,
    run: of.run,
    target: of.target,
    params: { text: waitingText(of.waiting, title, page, marks) },
    change: null,
    commit: null,
    repos: [],
    told: {
      title,
      approvedBy: [],
      checks: null,
      source: { label: row.event.subject.label, url: row.event.subject.url },
    },
    page,
    home: null,
  }
  return { effect, connection: opened(key, tx.workspace, connection) }
}

/** In our own words: why it left the queue may name people and workflows, and stands on the delivery's page. */
const waitingText = (waiting: Waiting, title: string, page: string, { quote, link }: StatusMarks): string =>
  waiting === 'turn'
    ? `${quote(title)}: Waits for its turn: as many of its kind go on as may at once.\n\n${link(page, 'See it')}`
    : `${quote(title)}: Was not started.\n\n${link(page, 'See why')}`

/** Keeps how it went. What could not be said here is left: the run, once there is one, tries again in the same message. */
export const waitingEnded = async (
  tx: Tx,
  of: {
    readonly run: string
    readonly waiting: Waiting
    readonly failures: number
    readonly waits: number
    readonly pause: number
  },
  went: Went,
): Promise<void> => {
  const { run, waiting, failures, waits, pause } = of
  const over = went.is === 'done' || isOver(went, failures, waits)
  const why = went.is === 'done' ? null : went.is === 'failed' ? went.summary : went.why
  await tx.query(
    `update vp.run_statuses set held_until = 0, message = coalesce($3, message), waiting_shown = case when $4 then $5 else waiting_shown end, problem = $6,
       failures = case when $4 then 0 else failures + $7 end, waits = case when $4 then 0 else waits + 1 end, next_at = vp.now_ms() + $8,
       done_at = case when $4 and $5 = 'left' then vp.now_ms() end where workspace = $1 and run = $2`,
    [
      tx.workspace,
      run,
      went.is === 'done' ? String(went.receipt.observed['message']).slice(0, 500) : null,
      over,
      waiting,
      why?.slice(0, 500) ?? null,
      went.is === 'later' ? 0 : 1,
      went.is === 'done' || over ? pause : pauseAfter(went, failures, waits),
    ],
  )
}
