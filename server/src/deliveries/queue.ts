/**
 * Whose turn has come?
 * A start that waited begins when a run of its limit has ended, in the order of arrival. Who may start is asked again at that
 * moment: a right that was taken away meanwhile starts nothing, also one at a tool, which is asked (still-may.ts).
 */
import { match } from '@viewportai/core/match/match'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { FastifyBaseLogger } from 'fastify'
import { isPassing } from '../database/away.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import type { PersonView } from '../people/read.ts'
import type { Stuck } from '../stuck.ts'
import { inside, workOff } from '../work-off.ts'
import type { StoredVersion } from '../workflows/read.ts'
import { readWorld, type World } from '../workflows/world.ts'
import { accountIn, entryOf, handlesOf, peopleBy } from './entries.ts'
import type { FetchOptions } from './fetch-again.ts'
import { leftQueue, toldOf, waitsWith } from './left-queue.ts'
import type { ByAccount } from './read-event.ts'
import type { Silences } from './silences.ts'
import { lockSlots, startNow } from './start.ts'
import {
  askStanding,
  isAskedAgain,
  leftForLater,
  patienceWords,
  postponed,
  standingNow,
  type Asking,
  type Standing,
} from './still-may.ts'
import { restWords } from './verdict.ts'

type Row = {
  position: number
  slot: string
  delivery: string
  trigger: number
  start: number | null
  run: string | null
  event: TriggerEvent
} & StoredVersion

/** Slots in which a start waits and a place seems free: what the oldest one's version says about the limit, and how many go on. */
const slots = {
  name: 'queue slots',
  text: `select q.slot, v.compiled #>> '{concurrency,limit}' as limit, (select count(*) from vp.runs r where r.workspace = $1 and r.slot = q.slot and r.finished_at is null) as running
    from (select distinct on (slot) slot, workflow, version from vp.queued_starts where workspace = $1 and (ask_at is null or ask_at <= vp.now_ms()) order by slot, position) q
    join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version order by q.slot`,
}
const next = {
  name: 'queue next',
  text: `select q.position, q.slot, q.delivery, q.trigger, q.start, q.run, d.trigger_event as event, w.workflow, w.name, v.version, w.version as current, v.digest, w.enabled, w.team, '' as source, v.compiled
    from vp.queued_starts q join vp.deliveries d on d.workspace = $1 and d.delivery = q.delivery join vp.workflows w on w.workspace = $1 and w.workflow = q.workflow
    join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version
    where q.workspace = $1 and q.slot = $2 and (q.ask_at is null or q.ask_at <= vp.now_ms()) order by q.position limit 1`,
}
const running = {
  name: 'queue running',
  text: 'select count(*) as running from vp.runs where workspace = $1 and slot = $2 and finished_at is null',
}

type QueueOptions = { readonly log: FastifyBaseLogger } & FetchOptions
/** How whoever's start waits stands at its tool, by the place in the queue. */
type Asked = Map<number, Standing>

/**
 * Starts what may start now, slot by slot and each start in a transaction of its own. Only webhooks wait; they have no inputs. `asking`: whoever did it is asked about at the tool, last
 * of all, so that what needs no answer waits for none; null: nobody is asked.
 */
export const drainQueue = async (options: QueueOptions, workspace: string, asking: Asking | null): Promise<void> => {
  const waiting = await inWorkspace(
    options.db,
    workspace,
    async (tx) => (await tx.query<{ slot: string; limit: string | null; running: number }>(slots, [workspace])).rows,
  )
  const toAsk: { readonly slot: string; readonly head: Head }[] = []
  for (const { slot, limit, running: now } of waiting) {
    if (now >= Number(limit ?? Infinity)) continue
    const head = await startUntilAsked(options, workspace, slot, new Map())
    if (head !== null) toAsk.push({ slot, head })
  }
  if (asking === null) return
  for (const { slot, head: first } of toAsk) {
    const asked: Asked = new Map()
    for (let head: Head | null = first; head !== null; head = await startUntilAsked(options, workspace, slot, asked))
      asked.set(head.position, await askStanding(options, workspace, head.delivery, asking))
  }
}

/** Starts what may start in a slot. What its tool must be asked about first, or null: nothing more can begin. */
const startUntilAsked = async (
  options: QueueOptions,
  workspace: string,
  slot: string,
  asked: Asked,
): Promise<Head | null> => {
  let head: Next = 'next'
  while (head === 'next') head = await startHead(options, workspace, slot, asked)
  return head === 'none' ? null : head
}

type Head = Pick<Row, 'position' | 'delivery'>
/** `none`: the slot is full, or nothing in it can begin. A row: its tool is asked first about whoever did it. */
type Next = 'next' | 'none' | Head

/** One that cannot be worked on leaves the queue, and its delivery says so: those behind it go on. */
const startHead = async ({ db, log }: QueueOptions, workspace: string, slot: string, asked: Asked): Promise<Next> => {
  let head: Row | undefined
  try {
    return await repeatedly(() =>
      inWorkspace(db, workspace, async (tx): Promise<Next> => {
        head = undefined
        await lockSlots(tx, [slot])
        const world = await readWorld(tx)
        head = (await tx.query<Row>(next, [workspace, slot])).rows[0]
        return head === undefined ? 'none' : startOne(tx, head, world, asked.get(head.position))
      }),
    )
  } catch (error) {
    if (head === undefined || isPassing(error)) throw error
    const { position, delivery, name } = head
    const of = head // another may be tried meanwhile
    await inWorkspace(db, workspace, async (tx) => {
      if (await leftQueue(tx, position))
        await toldOf(tx, of, `${name} could not start; the log of the server says why.`, null)
    })
    log.error({ err: error, workspace, delivery, workflow: name }, 'A start that waited could not be worked on.')
    return 'next'
  }
}

const startOne = async (tx: Tx, row: Row, world: World, standing: Standing | undefined): Promise<Next> => {
  const { running: now } = (await tx.query<{ running: number }>(running, [tx.workspace, row.slot])).rows[0]!
  if (now >= row.compiled.concurrency!.limit) return 'none'
  // Whoever disables a workflow drops what waits; this one was put there at the same moment.
  if (!row.enabled) {
    await dropped(tx, row, `${row.name} did not start: it is not enabled any more.`, 'ignored')
    return 'next'
  }
  const asks = isAskedAgain(row.event)
  if (asks && standing === undefined) return row
  if (asks && 'why' in standing!) return waitOrDrop(tx, row, standing.why, standing.askAt ?? null)
  if (asks && 'later' in standing!) {
    await leftForLater(tx, row.position)
    return 'next'
  }
  const { name } = row.event.actor
  if (asks && 'never' in standing!)
    return refused(tx, row, `nobody can ask any more whether ${name} may still start it. ${standing.never}`)
  const byAccount = peopleBy(await accountIn(tx, row.event.actor.id), world.people)
  const actor = asks && 'row' in standing! ? standingNow(standing, byAccount) : null
  if (typeof actor === 'string')
    return refused(tx, row, `nobody can ask any more whether ${name} may still start it. ${actor}`)
  const event = actor === null ? refreshed(row.event, world.people, byAccount) : { ...row.event, actor }
  const [answer] = match(event, [entryOf(row)], handlesOf(world.people)).answers
  if (answer?.mayStart !== true)
    return refused(
      tx,
      row,
      `${answer?.rows.find((one) => !one.pass && one.about === 'actor')?.why ?? 'it may not any more'}.`,
    )
  if (!(await leftQueue(tx, row.position))) return 'next' // dropped a moment ago
  const started = await startNow(
    tx,
    { delivery: row.delivery, event, stored: row, trigger: row.trigger, inputs: {} },
    world,
    row,
  )
  if (started.state === 'started') await toldOf(tx, row, `${row.name} started run ${started.number}.`, started.run)
  else if (started.state === 'refused')
    await toldOf(tx, row, `${row.name} could not start: ${started.refusal.words}`, null)
  else if (started.state === 'rests') await toldOf(tx, row, `${restWords(row.name, started.until)}.`, null, 'rests')
  return 'next'
}

/** False: it was dropped a moment ago. */
const dropped = async (
  tx: Tx,
  row: Row,
  words: string,
  outcome: 'refused' | 'ignored' = 'refused',
): Promise<boolean> => {
  const left = await leftQueue(tx, row.position)
  if (left) await toldOf(tx, row, words, null, outcome)
  return left
}

/** Nobody who may start it stands behind it any more, and the workspace's facts say so. `why`: a sentence's end, or several sentences. */
const refused = async (tx: Tx, row: Row, why: string): Promise<Next> => {
  const { delivery, workflow, version } = row
  const words = `${row.name} did not start: ${why}`
  if (await dropped(tx, row, words))
    record(tx, {
      type: 'refusal.recorded',
      by: { kind: 'system' },
      data: { code: 'not_allowed', words, about: { delivery, workflow, version } },
    })
  return 'next'
}

/** Its tool could not be asked: it waits, and says so, for as long as that is worth. */
const waitOrDrop = async (tx: Tx, row: Row, why: string, askAt: number | null): Promise<Next> => {
  const who = row.event.actor.name
  const until = await postponed(tx, row.position, askAt)
  if (until === null)
    return refused(tx, row, `for ${patienceWords} nobody could ask whether ${who} may still start it. ${why}`)
  await waitsWith(
    tx,
    row.delivery,
    `${row.name} waits: its turn has come, and whether ${who} may still start it could not be asked. ${why} It is asked again until ${new Date(until).toISOString()}.`,
  )
  return 'next'
}

const workspacesWaiting = async ({ db }: Pick<QueueOptions, 'db'>): Promise<{ workspace: string }[]> =>
  (await db.app.query<{ workspace: string }>('select starts_waiting as workspace from vp.starts_waiting()')).rows

/** Looks after every workspace in which starts wait; what needs a tool's word first is left to `sweepAsked`. */
export const sweepQueue = (options: QueueOptions, stuck: Stuck): Promise<number> =>
  workOff<{ workspace: string }>(stuck, 'queued starts', {
    each: 1,
    find: () => workspacesWaiting(options),
    name: () => '',
    room: inside,
    one: async ({ workspace }) => void (await drainQueue(options, workspace, null)),
  })

/** Workspaces whose tools are asked at once: an open question costs next to nothing, and each may take its whole time. */
const asked = { atOnce: 50, ofOne: 1 }

/** The same for starts of which a tool must be asked first, in many workspaces at once: nobody waits long for the provider of somebody else. */
export const sweepAsked = (options: QueueOptions, stuck: Stuck, silences: Silences): Promise<number> =>
  workOff<{ workspace: string }>(stuck, 'queued starts to ask about', {
    each: 1,
    find: () => workspacesWaiting(options),
    name: () => '',
    room: asked,
    one: ({ workspace }) => drainQueue(options, workspace, { silences, spent: new Map() }),
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
