/**
 * Whose turn has come?
 * A start that waited begins when a run of its limit has ended, in the order of arrival. Who may start is asked again at that
 * moment: a right that was taken away meanwhile starts nothing.
 */
import { match } from '@viewportai/core/match/match'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { FastifyBaseLogger } from 'fastify'
import { isPassing } from '../database/away.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import type { PersonView } from '../people/read.ts'
import type { Stuck } from '../stuck.ts'
import type { StoredVersion } from '../workflows/read.ts'
import { readWorld, type World } from '../workflows/world.ts'
import { accountsIn, entryOf, handlesOf, peopleBy } from './entries.ts'
import { leftQueue, toldOf } from './left-queue.ts'
import type { ByAccount } from './read-event.ts'
import { lockSlots, startNow } from './start.ts'
import { restWords } from './verdict.ts'

type Row = {
  position: number
  slot: string
  delivery: string
  trigger: number
  start: number | null
  event: TriggerEvent
} & StoredVersion

/** Slots in which a start waits and a place seems free: what the oldest one's version says about the limit, and how many go on. */
const slots = {
  name: 'queue slots',
  text: `select q.slot, v.compiled #>> '{concurrency,limit}' as limit, (select count(*) from vp.runs r where r.workspace = $1 and r.slot = q.slot and r.finished_at is null) as running
    from (select distinct on (slot) slot, workflow, version from vp.queued_starts where workspace = $1 order by slot, position) q
    join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version order by q.slot`,
}
const next = {
  name: 'queue next',
  text: `select q.position, q.slot, q.delivery, q.trigger, q.start, d.trigger_event as event, w.workflow, w.name, v.version, w.version as current, v.digest, w.enabled, w.team, '' as source, v.compiled
    from vp.queued_starts q join vp.deliveries d on d.workspace = $1 and d.delivery = q.delivery join vp.workflows w on w.workspace = $1 and w.workflow = q.workflow
    join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version
    where q.workspace = $1 and q.slot = $2 order by q.position limit 1`,
}
const running = {
  name: 'queue running',
  text: 'select count(*) as running from vp.runs where workspace = $1 and slot = $2 and finished_at is null',
}

type QueueOptions = { readonly db: Database; readonly log: FastifyBaseLogger }

/** Starts what may start now, slot by slot and each start in a transaction of its own. Only webhooks wait; they have no inputs. */
export const drainQueue = async ({ db, log }: QueueOptions, workspace: string): Promise<void> => {
  const waiting = await inWorkspace(
    db,
    workspace,
    async (tx) => (await tx.query<{ slot: string; limit: string | null; running: number }>(slots, [workspace])).rows,
  )
  for (const { slot, limit, running: now } of waiting) {
    if (now >= Number(limit ?? Infinity)) continue
    while (await startHead({ db, log }, workspace, slot)) {
      // the next one of the slot
    }
  }
}

/** False: the slot is full or empty. One that cannot be worked on leaves the queue, and its delivery says so: those behind it go on. */
const startHead = async ({ db, log }: QueueOptions, workspace: string, slot: string): Promise<boolean> => {
  let head: Row | undefined
  try {
    return await repeatedly(() =>
      inWorkspace(db, workspace, async (tx) => {
        head = undefined
        await lockSlots(tx, [slot])
        const world = await readWorld(tx)
        head = (await tx.query<Row>(next, [workspace, slot])).rows[0]
        return head !== undefined && (await startOne(tx, head, world))
      }),
    )
  } catch (error) {
    if (head === undefined || isPassing(error)) throw error
    const { position, delivery, name } = head
    await inWorkspace(db, workspace, async (tx) => {
      if (await leftQueue(tx, position))
        await toldOf(tx, delivery, `${name} could not start; the log of the server says why.`, null)
    })
    log.error({ err: error, workspace, delivery, workflow: name }, 'A start that waited could not be worked on.')
    return true
  }
}

const startOne = async (tx: Tx, row: Row, world: World): Promise<boolean> => {
  const { running: now } = (await tx.query<{ running: number }>(running, [tx.workspace, row.slot])).rows[0]!
  if (now >= row.compiled.concurrency!.limit) return false
  if (!(await leftQueue(tx, row.position))) return true // dropped a moment ago
  // Whoever disables a workflow drops what waits; this one was put there at the same moment.
  if (!row.enabled) {
    await toldOf(tx, row.delivery, `${row.name} did not start: it is not enabled any more.`, null, 'ignored')
    return true
  }
  const event = refreshed(row.event, world.people, peopleBy(await accountsIn(tx), world.people))
  const [answer] = match(event, [entryOf(row)], handlesOf(world.people)).answers
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
    await toldOf(tx, row.delivery, words, null)
    return true
  }
  const started = await startNow(
    tx,
    { delivery: row.delivery, event, stored: row, trigger: row.trigger, inputs: {} },
    world,
    row.start,
  )
  if (started.state === 'started')
    await toldOf(tx, row.delivery, `${row.name} started run ${started.number}.`, started.run)
  else if (started.state === 'refused')
    await toldOf(tx, row.delivery, `${row.name} could not start: ${started.refusal.words}`, null)
  else if (started.state === 'rests')
    await toldOf(tx, row.delivery, `${restWords(row.name, started.until)}.`, null, 'ignored')
  return true
}

/** Looks after every workspace in which starts wait. */
export const sweepQueue = (options: QueueOptions, stuck: Stuck): Promise<number> =>
  stuck.each<{ workspace: string }>('queued starts', {
    limit: Infinity,
    find: async () => (await options.db.app.query('select starts_waiting as workspace from vp.starts_waiting()')).rows,
    name: ({ workspace }) => workspace,
    one: ({ workspace }) => drainQueue(options, workspace),
  })

/** The event with its person's trust and teams as they are now, by the account that did it. */
const refreshed = (event: TriggerEvent, people: readonly PersonView[], byAccount: ByAccount): TriggerEvent => {
  const { actor } = event
  if (actor.person === null) return event
  const left = !people.some((one) => one.id === actor.person && one.active)
  const now = actor.id === actor.person ? people.find((one) => one.id === actor.person) : byAccount(actor.id)
  return left || !now
    ? { ...event, actor: { ...actor, trust: left ? 'outsider' : 'unknown', teams: [] } }
    : {
        ...event,
        actor: { ...actor, person: 'person' in now ? now.person : now.id, name: now.name, teams: [...now.teams] },
      }
}
