/**
 * Does the same thing start a workflow again and again, or do runs wake each other?
 * Counted in the transaction that starts: what cannot be counted starts nothing. The first start too many waits for a person, those after it rest.
 */
import { sha256Hex } from '@viewportai/core/digest/canonical'
import { beginningMillis, beginningOf, isSameBeginning, type Beginning } from '@viewportai/core/event/beginning'
import { onBranch } from '@viewportai/core/event/on-branch'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { FactOf } from '@viewportai/core/run/facts'
import { breakerOf, tripsBreaker, type Breaker } from '@viewportai/core/workflow/breaker'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import { locks } from '../database/lock.ts'
import type { Tx } from '../database/tenant.ts'
import { loadRun } from '../ledger/read.ts'

/** A start that is about to happen. */
type About = {
  readonly delivery: string
  readonly event: TriggerEvent
  /** By what the event is known, where another connection may tell of it as well; empty: only one can. */
  readonly told: readonly string[]
  readonly workflow: string
  readonly name: string
  readonly compiled: Compiled
  /** A sample may be tried as often as anybody likes. */
  readonly rehearsal?: string
}

/** Of what two starts are the same: how a thing was made, or the very event that two connections tell of. */
export type Act = 'making' | 'event'
/** A start of the same act. `number`: of its run; null: it has none yet. */
export type Same = {
  readonly of: Act
  readonly start: number
  readonly delivery: string
  readonly number: number | null
}

/**
 * `goes`: it starts. `trips`: it starts held, and a person is asked. `rests`: nothing starts until then (ms). `same`: a start of
 * the same act did this already. `start`: the row that was counted, null where nothing is counted. `chain`: how many runs woke each other before it.
 */
export type Judged =
  | { readonly is: 'goes'; readonly start: number | null; readonly chain?: number }
  | {
      readonly is: 'trips'
      readonly start: number
      readonly chain: number
      readonly held: FactOf<'run.held'>
      readonly rest: Rest
    }
  | { readonly is: 'rests'; readonly until: number; readonly chain?: number }
  | { readonly is: 'same'; readonly as: Same }
type Rest = { readonly workflow: string; readonly subject: string; readonly until: number }

/**
 * Only a connected tool says what a thing is; a person who starts by hand and the clock are no echo. What a run set off, and nobody says about what, is
 * counted in its chain alone: each is a thing of its own.
 */
export const subjectOf = (event: TriggerEvent): string | null => {
  const { tool, id, subject, actor, cause } = event
  if (subject.ref === undefined && cause === undefined) return null
  const own = actor.trust === 'self' ? onBranch(event) : null
  // Each build of a run's branch is of another commit; what starts again and again is the branch.
  const thing = own?.ref ? `${own.repo}@${own.ref}` : (subject.ref ?? id)
  return sha256Hex(`${tool} ${thing}`).slice(0, 32)
}

/** Whoever is not known to be a person may be a program that answers a program. */
const machine = new Set<TriggerEvent['actor']['trust']>(['self', 'bot', 'source', 'unknown'])

/** May a run have set this off? A push and a build follow from the run that wrote the commit, whoever's token tells them. */
export const mayFollow = (event: TriggerEvent): boolean => machine.has(event.actor.trust) || onBranch(event) !== null

/** In the order given, each counting those before it. Two batches with one subject wait for each other. */
export const judgeStarts = async (tx: Tx, all: readonly About[]): Promise<Judged[]> => {
  const names = all.flatMap(({ event, workflow }) => {
    const subject = subjectOf(event)
    return subject === null ? [] : [`${tx.workspace} ${workflow} ${subject}`]
  })
  for (const name of [...new Set(names)].toSorted())
    await tx.query(
      { name: 'breaker lock', text: `select pg_advisory_xact_lock(hashtextextended($1, ${locks.breakers}))` },
      [name],
    )
  const judged: Judged[] = []
  const resting = new Map<string, number>() // what tripped a moment ago has no row yet
  for (const about of all) {
    const subject = subjectOf(about.event)
    const until = resting.get(`${about.workflow} ${subject}`)
    const said: Judged = subject === null ? { is: 'goes', start: null } : await judge(tx, about, subject, until ?? null)
    if (said.is === 'trips') resting.set(`${about.workflow} ${subject}`, said.rest.until)
    judged.push(said)
  }
  return judged
}

const counted = {
  name: 'breaker counted',
  text: `select vp.now_ms() as now,
      (select count(*) from vp.starts where workspace = $1 and workflow = $2 and subject = $3 and counts and at > vp.now_ms() - $4) as starts,
      (select coalesce((select max(s.chain) from vp.starts s where s.workspace = $1 and s.run = t.run and s.counts), 0)
        from vp.touched t where t.workspace = $1 and (t.tool, t.ref) in (($5, $6), ('git', $8)) and t.at > vp.now_ms() - 86400000 order by t.at desc limit 1) as chain,
      (select coalesce(max(s.chain), 0) from vp.starts s where s.workspace = $1 and s.run = $7 and s.counts) as caused,
      b.run, b.until
    from (values (1)) one left join vp.breakers b on b.workspace = $1 and b.workflow = $2 and b.subject = $3`,
}
type Counted = {
  now: number
  starts: number
  chain: number | null
  caused: number
  run: string | null
  until: number | null
}

/** `until`: it rests, as one of the same batch tripped. */
const judge = async (tx: Tx, about: About, subject: string, until: number | null): Promise<Judged> => {
  const { event, workflow, compiled } = about
  const limits = breakerOf(compiled)
  const begins = about.rehearsal === undefined ? beginningOf(event) : null
  // Before anything is counted: what was started already is no start too many.
  const as =
    (about.told.length > 0 ? await startedByEvent(tx, { workflow, subject, told: about.told }) : null) ??
    (begins && (await startedByMaking(tx, { workflow, subject, begins })))
  if (as) return { is: 'same', as }
  if (until !== null) return { is: 'rests', until }
  const told = onBranch(event)
  const ask = [
    tx.workspace,
    workflow,
    subject,
    limits.withinSeconds * 1_000,
    event.tool,
    event.subject.ref ?? null,
    event.cause?.run ?? null,
    told?.commit ?? null,
  ]
  let found = (await tx.query<Counted>(counted, ask)).rows[0]!
  if (found.run !== null && (await wasLetGo(tx, found.run))) {
    await forget(tx, workflow, subject)
    found = (await tx.query<Counted>(counted, ask)).rows[0]!
  }
  const touched = mayFollow(event) && found.chain !== null ? found.chain + 1 : 0
  // Whoever carries a cause back is a program, whatever account it names; of a run elsewhere its own word counts.
  const caused = event.cause ? Math.max(found.caused + 1, event.cause.depth) : 0
  const chain = Math.max(touched, caused)
  if (found.until !== null && found.until > found.now) return { is: 'rests', until: found.until, chain }
  const why = tripped(about, limits, found.starts, chain)
  const { rows } = await tx.query<{ start: number }>(
    'insert into vp.starts (workspace, workflow, subject, chain, delivery, made, actor, told) values ($1, $2, $3, $4, $5, $6, $7, $8) returning start',
    [
      tx.workspace,
      workflow,
      subject,
      chain,
      about.delivery,
      begins?.made ?? null,
      begins?.by ?? null,
      about.told.length > 0 ? about.told : null,
    ],
  )
  const { start } = rows[0]!
  return why === null
    ? { is: 'goes', start, chain }
    : {
        is: 'trips',
        start,
        chain,
        held: why,
        rest: { workflow, subject, until: found.now + limits.cooldownSeconds * 1_000 },
      }
}

const ofMaking = {
  name: 'starts of making',
  text: `select s.start, s.delivery, s.made, s.actor as by, r.number from vp.starts s left join vp.runs r on r.workspace = $1 and r.run = s.run
    where s.workspace = $1 and s.workflow = $2 and s.subject = $3 and s.made between $4 and $5 order by s.start`,
}
type OfMaking = Beginning & Omit<Same, 'of'>

/** The start by which this making of a thing started the workflow before, or null. Whoever asks holds the lock of the subject. */
const startedByMaking = async (
  tx: Tx,
  { workflow, subject, begins }: { readonly workflow: string; readonly subject: string; readonly begins: Beginning },
): Promise<Same | null> => {
  const around = [begins.made - beginningMillis, begins.made + beginningMillis]
  const { rows } = await tx.query<OfMaking>(ofMaking, [tx.workspace, workflow, subject, ...around])
  const found = rows.find((row) => isSameBeginning(row, begins))
  return found ? { of: 'making', start: found.start, delivery: found.delivery, number: found.number } : null
}

const ofEvent = {
  name: 'starts of event',
  text: `select s.start, s.delivery, r.number from vp.starts s left join vp.runs r on r.workspace = $1 and r.run = s.run
    where s.workspace = $1 and s.workflow = $2 and s.subject = $3 and s.told && $4 order by s.start limit 1`,
}

/**
 * The start by which this very event started the workflow before, as another connection told of it, or null. Kept by workflow, so that whoever may sign for
 * one connection takes no event from another: without a start of its own, which is seen, nothing is held back.
 */
const startedByEvent = async (
  tx: Tx,
  {
    workflow,
    subject,
    told,
  }: { readonly workflow: string; readonly subject: string; readonly told: readonly string[] },
): Promise<Same | null> => {
  const { rows } = await tx.query<Omit<Same, 'of'>>(ofEvent, [tx.workspace, workflow, subject, told])
  return rows[0] ? { of: 'event', ...rows[0] } : null
}

/** A start that was counted began nothing, and waits for nothing: another event of the same act is judged for itself. */
export const cameToNothing = async (tx: Tx, judged: Judged): Promise<void> => {
  if (judged.is === 'goes' && judged.start !== null)
    await tx.query('update vp.starts set made = null, told = null where workspace = $1 and start = $2', [
      tx.workspace,
      judged.start,
    ])
}

/** Until when (ms) the workflow rests for what this event is about, or null: one that waited for its turn asks once more when it has come. */
export const restsUntil = async (tx: Tx, workflow: string, event: TriggerEvent): Promise<number | null> => {
  const subject = subjectOf(event)
  if (subject === null) return null
  const { rows } = await tx.query<{ run: string; until: number }>(resting, [tx.workspace, workflow, subject])
  return rows[0] === undefined || (await wasLetGo(tx, rows[0].run)) ? null : rows[0].until
}
const resting = {
  name: 'breaker resting',
  text: 'select run, until from vp.breakers where workspace = $1 and workflow = $2 and subject = $3 and until > vp.now_ms()',
}

const tripped = ({ event, name }: About, limits: Breaker, starts: number, chain: number): FactOf<'run.held'> | null => {
  const about = event.subject.label.slice(0, 120)
  const limit = tripsBreaker(limits, starts, chain)
  if (limit === 'chain')
    return {
      limit: 'chain',
      why: `${chain} runs woke each other before this event about ${about}; ${name} lets at most ${limits.chain} do so.`,
    }
  return limit === 'starts'
    ? {
        limit: 'starts',
        why: `${about} started ${name} ${starts === 1 ? 'once' : `${starts} times`} within ${within(limits.withinSeconds)}, as often as it may by itself.`,
      }
    : null
}

/** "60 minutes", "1 minute". */
const within = (seconds: number): string =>
  seconds === 60 ? '1 minute' : seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`

/** Did a person let the run that waited begin? Then it is counted from there. */
const wasLetGo = async (tx: Tx, run: string): Promise<boolean> => {
  const state = await loadRun(tx, run)
  return state !== null && state.held === null && state.finished?.outcome !== 'rejected'
}

const forget = async (tx: Tx, workflow: string, subject: string): Promise<void> => {
  await tx.query('delete from vp.breakers where workspace = $1 and workflow = $2 and subject = $3', [
    tx.workspace,
    workflow,
    subject,
  ])
  // Not erased: what was told of its making then may be told once more, and has started.
  await tx.query('update vp.starts set counts = false where workspace = $1 and workflow = $2 and subject = $3', [
    tx.workspace,
    workflow,
    subject,
  ])
}

/** The run of a start that was counted; one that tripped makes its workflow rest for this subject. */
export const startedAs = async (tx: Tx, judged: Judged, run: string): Promise<void> => {
  if (judged.is === 'rests' || judged.is === 'same' || judged.start === null) return
  await tx.query('update vp.starts set run = $3 where workspace = $1 and start = $2', [tx.workspace, judged.start, run])
  if (judged.is !== 'trips') return
  const { workflow, subject, until } = judged.rest
  await tx.query(
    `insert into vp.breakers (workspace, workflow, subject, run, until) values ($1, $2, $3, $4, $5)
     on conflict (workspace, workflow, subject) do update set run = excluded.run, until = excluded.until`,
    [tx.workspace, workflow, subject, run, until],
  )
}
