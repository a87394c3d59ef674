/**
 * How does a matched event become a run, when only so many of its kind may go on at once?
 * Starts of one limit are decided one after the other, whichever replica they come to; those without a limit go together.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import { roomFor } from '@viewportai/core/run/room'
import { slotOf } from '@viewportai/core/run/slot'
import type { RunSpec } from '@viewportai/core/run/spec'
import { locks } from '../database/lock.ts'
import type { Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { actIn, type Ask } from '../ledger/act.ts'
import { tellRunners } from '../runs/stop.ts'
import { tellStatus } from '../status/begin.ts'
import { tellWaiting } from '../status/waiting.ts'
import type { StoredVersion } from '../workflows/read.ts'
import type { World } from '../workflows/world.ts'
import { cameToNothing, judgeStarts, restsUntil, startedAs, type Act, type Judged } from './breaker.ts'
import { dropWaiting } from './left-queue.ts'
import { specOf, type Inputs } from './spec.ts'

/** One workflow that an event starts. */
export type Starting = {
  readonly delivery: string
  readonly event: TriggerEvent
  readonly stored: StoredVersion
  readonly trigger: number
  readonly inputs: Inputs
  /** By what its event is known, where another connection may tell of it as well. */
  readonly told?: readonly string[]
  /** The sample that it is started with, where it is a rehearsal. */
  readonly rehearsal?: string
}
/** What came of it. `chain`: how many runs woke each other before it, where that was counted. */
export type Started = { readonly starting: Starting; readonly chain?: number } &
  /** `held`: a breaker tripped; the run waits for a person before anything begins, and why. */
  (
    | { readonly state: 'started'; readonly run: string; readonly number: number; readonly held?: string }
    /** A breaker tripped before: nothing starts until then (ms). */
    | { readonly state: 'rests'; readonly until: number }
    /** A start of the same act did it, by this delivery. `number`: of its run; null: that waits for its turn. */
    | { readonly state: 'same'; readonly of: Act; readonly delivery: string; readonly number: number | null }
    | { readonly state: 'queued' }
    /** It waited, and a newer one of the same batch took its place: why, as the end of a sentence. */
    | { readonly state: 'dropped'; readonly why: string }
    | { readonly state: 'skipped' }
    | { readonly state: 'refused'; readonly refusal: Refusal }
  )

type Ready = { starting: Starting; spec: RunSpec; slot: string | null; judged: Judged; run?: string | null }

/** Starts, queues, replaces or skips, in the order given. `mayWait` false: nothing is queued, what finds no room is skipped. */
export const startIn = async (
  tx: Tx,
  startings: readonly Starting[],
  world: World,
  mayWait = true,
): Promise<Started[]> => {
  const specs = startings.map((starting) => specOf(starting, world))
  const sound = startings.filter((_, at) => !isRefusal(specs[at]!))
  const judged = await judgeStarts(
    tx,
    sound.map(({ delivery, event, stored, rehearsal, told }) => ({
      delivery,
      event,
      told: told ?? [],
      ...(rehearsal !== undefined && { rehearsal }),
      workflow: stored.workflow,
      name: stored.name,
      compiled: stored.compiled,
    })),
  )
  const prepared = startings.map((starting, at): Ready | Started => {
    const spec = specs[at]!
    if (isRefusal(spec)) return { starting, state: 'refused', refusal: spec }
    const said = judged[sound.indexOf(starting)]!
    if (said.is === 'rests') return { starting, state: 'rests', until: said.until }
    if (said.is === 'same') {
      const { of, delivery, number } = said.as
      return { starting, state: 'same', of, delivery, number }
    }
    // What waits for a person takes no place of its limit from those that need not.
    return { starting, spec, slot: said.is === 'trips' ? null : slotOf(spec), judged: said }
  })
  const free = prepared.filter((one): one is Ready => 'spec' in one && one.slot === null)
  const limited = prepared.filter((one): one is Ready => 'spec' in one && one.slot !== null)
  const started = new Map<Starting, Started>()
  for (const one of await startAll(tx, free)) started.set(one.starting, one)
  await lockSlots(
    tx,
    limited.map((one) => one.slot!),
  )
  // What waits since a moment ago has no verdict yet that could say that it was dropped.
  const drops = (slot: string, why: string): void => {
    for (const { starting, slot: its } of limited)
      if (its === slot && started.get(starting)?.state === 'queued')
        started.set(starting, { starting, state: 'dropped', why })
  }
  for (const one of limited) started.set(one.starting, await startLimited(tx, one, mayWait, drops))
  for (const { starting, judged: said } of [...free, ...limited])
    if (!isUnderWay(started.get(starting)!)) await cameToNothing(tx, said)
  const begun = new Map(
    [...free, ...limited].flatMap(({ starting, judged: said }) =>
      'start' in said && said.start !== null ? [[said.start, started.get(starting)!]] : [],
    ),
  )
  return prepared.map((one, at) => {
    const said = judged[sound.indexOf(startings[at]!)]
    const chain = said && 'chain' in said ? { chain: said.chain } : {}
    if ('spec' in one) return { ...started.get(one.starting)!, ...chain }
    const as = one.state === 'same' && said?.is === 'same' ? said.as : null
    const first = as ? begun.get(as.start) : undefined
    return first === undefined ? { ...one, ...chain } : sameAs(one.starting, as!.of, first)
  })
}

const isUnderWay = ({ state }: Started): boolean => state === 'started' || state === 'queued' || state === 'dropped'

/** What is said of an event whose act another one of the same batch told before it: what became of that one. */
const sameAs = (starting: Starting, of: Act, first: Started): Started =>
  isUnderWay(first)
    ? {
        starting,
        state: 'same',
        of,
        delivery: first.starting.delivery,
        number: first.state === 'started' ? first.number : null,
      }
    : { ...first, starting }

/**
 * Starts one whose turn has come; the caller holds its slot and has seen that there is room. `start`: the row that was counted when it
 * came, so that what its run wakes is the next link of the same chain. `run`: the id that it was promised; null: none.
 */
export const startNow = async (
  tx: Tx,
  starting: Starting,
  world: World,
  { start, run }: { readonly start: number | null; readonly run: string | null },
): Promise<Started> => {
  const until = await restsUntil(tx, starting.stored.workflow, starting.event)
  if (until !== null) return { starting, state: 'rests', until }
  const spec = specOf(starting, world)
  return isRefusal(spec)
    ? { starting, state: 'refused', refusal: spec }
    : (await startAll(tx, [{ starting, spec, slot: null, judged: { is: 'goes', start }, run }]))[0]!
}

const startAll = async (tx: Tx, ready: readonly Ready[]): Promise<Started[]> => {
  if (ready.length === 0) return []
  const asks = ready.map(({ starting, spec, judged, run }): Ask => ({
    run: run ?? freshId('run'),
    command: {
      do: 'start',
      by: byOf(starting.event),
      spec,
      delivery: starting.delivery,
      tainted: starting.event.outsideText,
      ...(judged.is === 'trips' && { held: judged.held }),
    },
  }))
  const acted = await actIn(tx, asks)
  for (const [at, { run, refusal }] of acted.entries())
    if (refusal === null) await startedAs(tx, ready[at]!.judged, run)
  await tellStatus(tx, acted)
  return acted.map(({ run, state, refusal }, at): Started =>
    refusal
      ? { starting: ready[at]!.starting, state: 'refused', refusal }
      : {
          starting: ready[at]!.starting,
          state: 'started',
          run,
          number: state!.number,
          ...(state!.held && { held: state!.held.why }),
        },
  )
}

/** Who started it, in the first fact. */
const byOf = ({ actor }: TriggerEvent): Actor =>
  actor.person === null
    ? { kind: 'outside', id: actor.id, name: actor.name }
    : { kind: 'person', id: actor.person, name: actor.name }

/** Held until the transaction ends; taken in one order, so that two batches never wait for each other. */
export const lockSlots = async (tx: Tx, slots: readonly string[]): Promise<void> => {
  for (const slot of [...new Set(slots)].sort())
    await tx.query({ name: 'slot lock', text: `select pg_advisory_xact_lock(hashtextextended($1, ${locks.slots}))` }, [
      `${tx.workspace} ${slot}`,
    ])
}

const taken = {
  name: 'slot taken',
  text: `select (select count(*) from vp.runs where workspace = $1 and slot = $2 and finished_at is null) as running, (select count(*) from vp.queued_starts where workspace = $1 and slot = $2) as queued`,
}
const oldest = {
  name: 'slot oldest',
  text: 'select run from vp.runs where workspace = $1 and slot = $2 and finished_at is null and cancelling_at is null order by started_at, run limit 1',
}

/** How the reason begins for which a run is stopped to make room. */
export const replacedWords = 'Replaced by a newer event'

/** `drops`: told of a slot in which all that waited was dropped, and why. */
const startLimited = async (
  tx: Tx,
  ready: Ready,
  mayWait: boolean,
  drops: (slot: string, why: string) => void,
): Promise<Started> => {
  const { starting } = ready
  const slot = ready.slot!
  const concurrency = starting.stored.compiled.concurrency!
  const { limit } = concurrency
  const { running, queued } = (await tx.query<{ running: number; queued: number }>(taken, [tx.workspace, slot]))
    .rows[0]!
  const found = roomFor(concurrency, { running, waiting: queued })
  if (found === 'start') return (await startAll(tx, [ready]))[0]!
  if (found === 'skip') return { starting, state: 'skipped' }
  if (found === 'replace') {
    const why = `a newer event (${starting.event.subject.label}) replaced it while it waited`
    await dropWaiting(tx, { slot }, why)
    drops(slot, why)
    const old = (await tx.query<{ run: string }>(oldest, [tx.workspace, slot])).rows[0]
    const reason = `${replacedWords} (${starting.event.subject.label}).`
    if (old) {
      await actIn(tx, [{ run: old.run, command: { do: 'cancel', by: { kind: 'system' }, reason } }])
      await tellRunners(tx, old.run, reason)
    }
    if (running < limit || (await tx.query<{ running: number }>(taken, [tx.workspace, slot])).rows[0]!.running < limit)
      return (await startAll(tx, [ready]))[0]!
  }
  if (!mayWait) return { starting, state: 'skipped' }
  const run = freshId('run')
  const { rowCount } = await tx.query(
    'insert into vp.queued_starts (workspace, slot, delivery, workflow, version, trigger, start, run) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing',
    [
      tx.workspace,
      slot,
      starting.delivery,
      starting.stored.workflow,
      starting.stored.version,
      starting.trigger,
      ready.judged.is === 'goes' ? ready.judged.start : null,
      run,
    ],
  )
  const { event, delivery, stored } = starting
  if (rowCount === 1) await tellWaiting(tx, run, { event, delivery, compiled: stored.compiled })
  return { starting, state: 'queued' }
}
