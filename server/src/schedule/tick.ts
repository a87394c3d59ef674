/**
 * What happens when a schedule comes due?
 * An event like any other: it leaves a delivery with its report, and starts its own workflow. The delivery, the run and the next moment
 * are one transaction, so that a moment starts work once, whichever replica looks and whatever dies.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { fieldsFor } from '@viewportai/core/event/fields'
import { match, startsOf } from '@viewportai/core/match/match'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { entryOf, handlesOf } from '../deliveries/entries.ts'
import { startIn } from '../deliveries/start.ts'
import { finishAll } from '../deliveries/verdict.ts'
import { freshId } from '../fresh-id.ts'
import { repeatedly } from '../ledger/act.ts'
import type { Stuck } from '../stuck.ts'
import { inside, workOff } from '../work-off.ts'
import { versionById, type StoredVersion } from '../workflows/read.ts'
import { readWorld } from '../workflows/world.ts'
import { scheduleOf, type Schedule } from './plan.ts'
import { lastTime, nextTime } from './times.ts'

type Due = { workspace: string; workflow: string; trigger: number }

/** This late (ms) a moment was missed: nobody looked after the clock meanwhile. */
const lateMillis = 90_000

/** Starts what has come due. */
export const sweepSchedules = (db: Database, stuck: Stuck, each = 50): Promise<number> =>
  workOff<Due>(stuck, 'schedule', {
    each,
    find: async (most, but) =>
      (await db.app.query<Due>('select workspace, workflow, trigger from vp.schedules_due($1, $2)', [most, but])).rows,
    name: ({ workflow, trigger }) => `${workflow} ${trigger}`,
    room: inside,
    one: ({ workspace, workflow, trigger }) =>
      repeatedly(() => inWorkspace(db, workspace, (tx) => tick(tx, workflow, trigger))),
  })

const held = {
  name: 'schedule hold',
  text: 'select next_at as "nextAt", vp.now_ms() as now from vp.schedules where workspace = $1 and workflow = $2 and trigger = $3 and next_at <= vp.now_ms() for update skip locked',
}
const moved = {
  name: 'schedule move',
  text: 'update vp.schedules set next_at = $4 where workspace = $1 and workflow = $2 and trigger = $3',
}

const tick = async (tx: Tx, workflow: string, trigger: number): Promise<void> => {
  const row = (await tx.query<{ nextAt: number; now: number }>(held, [tx.workspace, workflow, trigger])).rows[0]
  if (!row) return // another replica has it
  const stored = await versionById(tx, workflow)
  const written = stored?.compiled.triggers[trigger]
  if (!stored?.enabled || written?.tool !== 'schedule') {
    await tx.query('delete from vp.schedules where workspace = $1 and workflow = $2 and trigger = $3', [
      tx.workspace,
      workflow,
      trigger,
    ])
    return
  }
  const schedule = scheduleOf(written)
  const { cron, timezone, missed } = schedule
  const last = lastTime(cron, timezone, row.nextAt - 1, row.now) ?? row.nextAt
  const next = nextTime(cron, timezone, row.now)
  if (next === null)
    await tx.query('delete from vp.schedules where workspace = $1 and workflow = $2 and trigger = $3', [
      tx.workspace,
      workflow,
      trigger,
    ])
  else await tx.query(moved, [tx.workspace, workflow, trigger, next])
  // That earlier moments passed says nothing of this one.
  const late = row.now - last > lateMillis
  const skips = missed === 'skip'
  await begin(tx, {
    stored,
    trigger,
    schedule,
    at: last,
    skipped: late && skips,
    passed: !late && skips && last > row.nextAt,
  })
}

type Moment = {
  readonly stored: StoredVersion
  readonly trigger: number
  readonly schedule: Schedule
  readonly at: number
  /** Nothing starts: nobody looked after the clock when it came. */
  readonly skipped: boolean
  /** It starts, and earlier ones were skipped. */
  readonly passed: boolean
}

const begin = async (tx: Tx, moment: Moment): Promise<void> => {
  const { stored, trigger, at, skipped, passed } = moment
  const delivery = freshId('dlv')
  const { rowCount } = await tx.query(
    `insert into vp.deliveries (workspace, delivery, source, provider_id, tool) values ($1, $2, 'schedule', $3, 'schedule') on conflict (workspace, source, provider_id) do nothing`,
    [tx.workspace, delivery, `${stored.workflow} ${trigger} ${at}`],
  )
  if (rowCount === 0) return // this moment was taken before
  const event = eventOf(moment)
  if (skipped) {
    finishAll(tx, [
      {
        delivery,
        event,
        skipped: `${stored.name} was not started: its moment passed while nobody looked after the clock (missed: skip).`,
      },
    ])
    return
  }
  const world = await readWorld(tx)
  const report = match(event, [entryOf(stored)], handlesOf(world.people))
  const starting = startsOf(report).map((start) => ({ delivery, event, stored, trigger: start.trigger, inputs: {} }))
  const note = passed
    ? 'Moments before it passed while nobody looked after the clock, and started nothing (missed: skip).'
    : null
  finishAll(tx, [{ delivery, event, note, report, started: await startIn(tx, starting, world) }])
}

const eventOf = ({ stored, trigger, schedule, at }: Moment): TriggerEvent => ({
  tool: 'schedule',
  event: 'tick',
  id: `${stored.workflow}:${trigger}:${at}`,
  at,
  actor: { id: `schedule:${stored.workflow}`, name: 'The schedule', trust: 'source', person: null, teams: [] },
  subject: { label: 'Schedule', title: `${stored.name}, ${localTime(at, schedule.timezone)}`, url: null },
  fields: fieldsFor('schedule', 'tick', { ...schedule }),
  text: stored.compiled.description ?? '',
  outsideText: false, // nobody outside wrote any of it
})

/** `Mon 30 Nov 2026, 09:00 Europe/Berlin`. */
const localTime = (at: number, timezone: string): string =>
  `${new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)} ${timezone}`
