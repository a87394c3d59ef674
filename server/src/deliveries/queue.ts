/**
 * Whose turn has come?
 * A start that waited begins when a run of its limit has ended, in the order of arrival. Who may start is asked again at that
 * moment: a right that was taken away meanwhile starts nothing.
 */
import { match } from '@viewportai/core/match/match'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import type { PersonView } from '../people/read.ts'
import type { StoredVersion } from '../workflows/read.ts'
import { readWorld } from '../workflows/world.ts'
import { entryOf, handlesOf } from './entries.ts'
import { lockSlots, startNow } from './start.ts'

type Row = { position: number; slot: string; delivery: string; trigger: number; event: TriggerEvent } & StoredVersion

const slots = {
  name: 'queue slots',
  text: 'select distinct slot from vp.queued_starts where workspace = $1 order by slot limit 200',
}
const next = {
  name: 'queue next',
  text: `select q.position, q.slot, q.delivery, q.trigger, d.trigger_event as event, w.workflow, w.name, v.version, w.version as current, v.digest, w.enabled, w.team, '' as source, v.compiled
    from vp.queued_starts q join vp.deliveries d on d.workspace = $1 and d.delivery = q.delivery join vp.workflows w on w.workspace = $1 and w.workflow = q.workflow
    join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version
    where q.workspace = $1 and q.slot = $2 order by q.position limit 1`,
}
const running = {
  name: 'queue running',
  text: 'select count(*) as running from vp.runs where workspace = $1 and slot = $2 and finished_at is null',
}

/** Starts what may start now, slot by slot. Only webhooks wait; they have no inputs. */
export const drainQueue = async (tx: Tx): Promise<void> => {
  const waiting = (await tx.query<{ slot: string }>(slots, [tx.workspace])).rows.map((row) => row.slot)
  if (waiting.length === 0) return
  await lockSlots(tx, waiting)
  const world = await readWorld(tx)
  for (const slot of waiting) {
    for (;;) {
      const row = (await tx.query<Row>(next, [tx.workspace, slot])).rows[0]
      if (!row) break
      const { running: now } = (await tx.query<{ running: number }>(running, [tx.workspace, slot])).rows[0]!
      if (now >= row.compiled.concurrency!.limit) break
      await tx.query('delete from vp.queued_starts where workspace = $1 and position = $2', [
        tx.workspace,
        row.position,
      ])
      const event = refreshed(row.event, world.people)
      const [answer] = match(event, [{ ...entryOf(row), enabled: true }], handlesOf(world.people)).answers
      if (answer?.mayStart !== true) {
        const words = `${row.name} did not start: ${answer?.rows.find((one) => !one.pass && one.about === 'actor')?.why ?? 'it may not any more'}.`
        record(tx, {
          type: 'refusal.recorded',
          by: { kind: 'system' },
          data: {
            code: 'not_allowed',
            words,
            about: { delivery: row.delivery, workflow: row.workflow, version: row.version },
          },
        })
        await told(tx, row.delivery, words, null)
        continue
      }
      const started = await startNow(
        tx,
        { delivery: row.delivery, event, stored: row, trigger: row.trigger, inputs: {} },
        world,
      )
      if (started.state === 'started')
        await told(tx, row.delivery, `${row.name} started run ${started.number}.`, started.run)
      else if (started.state === 'refused')
        await told(tx, row.delivery, `${row.name} could not start: ${started.refusal.words}`, null)
    }
  }
}

/** Looks after every workspace in which starts wait. */
export const sweepQueue = async (db: Database): Promise<number> => {
  const { rows } = await db.app.query<{ workspace: string }>(
    'select starts_waiting as workspace from vp.starts_waiting()',
  )
  for (const { workspace } of rows) await repeatedly(() => inWorkspace(db, workspace, drainQueue))
  return rows.length
}

/** The event with its person's trust and teams as they are now. */
const refreshed = (event: TriggerEvent, people: readonly PersonView[]): TriggerEvent => {
  if (event.actor.person === null) return event
  const person = people.find((one) => one.id === event.actor.person)
  return {
    ...event,
    actor: {
      ...event.actor,
      trust: person?.active ? event.actor.trust : 'outsider',
      teams: person?.active ? person.teams : [],
    },
  }
}

const told = async (tx: Tx, delivery: string, words: string, run: string | null): Promise<void> => {
  await tx.query(
    `update vp.deliveries set verdict = $3, runs = case when $4::text is null then runs else runs || $4::text end where workspace = $1 and delivery = $2`,
    [tx.workspace, delivery, words.replaceAll('\0', '\ufffd'), run],
  )
  tx.nudge('delivery', delivery)
}
