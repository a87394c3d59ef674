/**
 * By which recorded events is a workflow started?
 * A draft, beside the version that is in force now: each event is held against both, and what a start hangs on is kept, so that starts can be played
 * one after the other (told-backtest.ts). No model is asked and nothing is started.
 */
import { beginningOf } from '../event/beginning.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { slotOf } from '../run/slot.ts'
import { atEachPlace } from '../workflow/at-place.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { askedOf, textAsks, type AskedOf, type TextAsks } from './asked-of.ts'
import { headOf } from './head.ts'
import type { InputValue } from './inputs.ts'
import {
  matchPrepared,
  prepareWorkflows,
  type MatchAnswer,
  type PreparedWorkflows,
  type WorkflowEntry,
} from './match.ts'
import { rulesOf, type Came, type Going, type Real, type Rules, type Startable } from './play-starts.ts'
import type { People } from './rows.ts'

/** An event that came in, and what is known to have come of it for the workflow that is looked at. */
export type Recorded = {
  readonly delivery: string
  /** When it came, and when it was decided on (ms). */
  readonly at: number
  readonly decidedAt: number
  readonly event: TriggerEvent
  /** What a person gave who started by hand. */
  readonly inputs?: Readonly<Record<string, InputValue>>
  /** The same had come before by another delivery, which was decided on. */
  readonly duplicate?: boolean
  /** By what the event is known, where another connection may tell of it as well. */
  readonly told?: string | null
  readonly chain?: number | null
  /** What came of it, where it was decided by the very version in force. */
  readonly known?: Came | null
  /** The run of this workflow, in whatever version, that it began. */
  readonly real?: Real | null
}

/** What a start of one version hangs on. `place` null: its rows would have asked where to. `known`: it needs no playing. */
export type Side = {
  readonly slot: string | null
  readonly place: number | null
  readonly text: TextAsks | null
  readonly known: Came | null
}
/** An event that starts either version. */
export type Starting = Pick<
  Startable,
  'delivery' | 'at' | 'came' | 'subject' | 'begins' | 'told' | 'chain' | 'mayWait' | 'real'
> & {
  readonly draft: Side | null
  readonly current: Side | null
}
/** How an event fits a version. `elsewhere`: the version does not listen to this kind of event at all. */
export type Fit = 'fits' | 'near_miss' | 'no' | 'elsewhere'
/** One event that either version is started by, or nearly. `why`: of the draft. */
export type FitRow = {
  readonly delivery: string
  readonly at: number
  readonly tool: string
  readonly event: string
  readonly label: string
  readonly title: string
  readonly actor: string
  readonly draft: Fit
  /** Of the version in force; null: there is none. */
  readonly current: Fit | null
  readonly why: string
}

/** What was found over some events, before it is played. Those that follow each other can be joined. */
export type Found = {
  /** Events that were looked at, and those of a kind that the draft listens to. */
  readonly events: number
  readonly listened: number
  /** How many rows there would be, and some of them, those that came last first. */
  readonly telling: number
  readonly rows: readonly FitRow[]
  readonly nearMisses: { readonly draft: number; readonly current: number }
  /** Of near misses of the draft: the one condition that failed, how often; the most frequent first. */
  readonly missedBy: readonly { readonly condition: string; readonly times: number }[]
  readonly starting: readonly Starting[]
  readonly draft: { readonly rules: Rules; readonly asked: AskedOf }
  /** null: there is no version in force. */
  readonly current: { readonly rules: Rules; readonly asked: AskedOf } | null
  /** Runs of the workflow that went on when the oldest of the events came. */
  readonly going: { readonly draft: readonly Going[]; readonly current: readonly Going[] }
}

/** Told of one event after the other, so that whoever tells may let others in between, or stop: `found` is of those told so far. */
export type Backtesting = { readonly add: (one: Recorded) => void; readonly found: () => Found }

type Beside = {
  readonly draft: Compiled
  readonly current: Compiled | null
  /** Handles of today; who an actor was, and how far trusted, stands in each event. */
  readonly people?: People
  /** The thing that an event is about, as a breaker counts it. */
  readonly subjectOf?: (event: TriggerEvent) => string | null
  /** Of each place of a version, the agents by step as they would be pinned. */
  readonly agentsAt?: (place: Compiled) => Readonly<Record<string, string>>
}

export const backtesting = ({
  draft,
  current,
  people = new Map(),
  subjectOf = () => null,
  agentsAt = () => ({}),
}: Beside): Backtesting => {
  const [drafted, held] = [versionOf(draft, agentsAt), current && versionOf(current, agentsAt)]
  // Held against an event together: most of what they ask is the same, and is answered once.
  const prepared = listening({ draft, ...(current && { current }) })
  // Both say by the same key which starts share a limit: it is made once.
  const sharesSlots = current !== null && draft.concurrency?.key === current.concurrency?.key
  const missed = new Map<string, number>()
  const near = { draft: 0, current: 0 }
  const rows: FitRow[] = []
  const starting: Starting[] = []
  let [looked, listened] = [0, 0]
  const add = (one: Recorded): void => {
    looked++
    const { event } = one
    const { answers } = matchPrepared(event, prepared, people, one.inputs)
    const [now, then] = [answerIn(answers, 'draft'), answerIn(answers, 'current')]
    if (now) listened++
    const side = drafted.side({ ...one, known: null }, now)
    const other = held && held.side(one, then, sharesSlots ? (side?.slot ?? undefined) : undefined)
    // Nobody is to be told twice what nearly started something.
    const [nearly, nearlyThen] = one.duplicate === true ? [false, false] : [isNear(now), isNear(then) && !other]
    if (nearly) {
      near.draft++
      const { condition } = now!.rows.find((row) => !row.pass)!
      missed.set(condition, (missed.get(condition) ?? 0) + 1)
    }
    if (nearlyThen) near.current++
    if (!side && !other && !nearly && !nearlyThen) return
    if (side || other)
      starting.push({
        delivery: one.delivery,
        at: one.decidedAt,
        came: one.at,
        subject: subjectOf(event),
        begins: beginningOf(event),
        told: one.told ?? null,
        chain: one.chain ?? null,
        mayWait: !askedForByHand.has(event.tool),
        real: one.real ?? null,
        draft: side,
        current: other,
      })
    rows.push({
      delivery: one.delivery,
      at: one.at,
      tool: event.tool,
      event: event.event,
      label: event.subject.label,
      title: event.subject.title,
      actor: event.actor.name,
      draft: side ? 'fits' : nearly ? 'near_miss' : now ? 'no' : 'elsewhere',
      current: held ? (other ? 'fits' : nearlyThen ? 'near_miss' : then ? 'no' : 'elsewhere') : null,
      why: now?.why ?? 'It does not listen to this.',
    })
  }
  const found = (): Found => ({
    events: looked,
    listened,
    telling: rows.length,
    rows,
    nearMisses: near,
    missedBy: mostFirst(missed),
    starting,
    draft: { rules: rulesOf(draft), asked: askedOf(draft) },
    current: current && { rules: rulesOf(current), asked: askedOf(current) },
    going: { draft: [], current: [] },
  })
  return { add, found }
}

/** Whoever starts by hand is told at once that there is no room. */
const askedForByHand: ReadonlySet<string> = new Set(['manual', 'api'])

const isNear = (answer: MatchAnswer | null): boolean => answer?.outcome === 'near_miss'

export const mostFirst = (missed: ReadonlyMap<string, number>): { condition: string; times: number }[] =>
  [...missed]
    .map(([condition, times]) => ({ condition, times }))
    .toSorted((a, b) => b.times - a.times || (a.condition < b.condition ? -1 : 1))

const answerIn = (answers: readonly MatchAnswer[], version: string): MatchAnswer | null =>
  answers.find(({ id }) => id === version) ?? null

type Version = {
  /** What its start hangs on, or null: it does not start. `slot`: where it is known already. */
  readonly side: (one: Recorded, answer: MatchAnswer | null, slot?: string) => Side | null
}

const versionOf = (compiled: Compiled, agentsAt: (place: Compiled) => Readonly<Record<string, string>>): Version => {
  const places = atEachPlace(compiled)
  const agents = places.map(agentsAt)
  const texts = new Map<string, TextAsks[]>()
  const textAt = (tool: string, place: number): TextAsks => {
    let held = texts.get(tool)
    if (held === undefined) texts.set(tool, (held = textAsks(tool, places, agents)))
    return held[place]!
  }
  return {
    side: ({ event, inputs = {}, duplicate, known = null }, answer, slot) => {
      if (answer?.outcome !== 'starts' && known === null) return null
      const route = answer?.route
      const among = route ? (route.chosen === null ? route.among : [route.chosen]) : [0]
      const cannot = among.every((at) => writesFork(event, places[at]!))
      const workflow = { id: compiled.name, name: compiled.name, version: 1, digest: '', compiled }
      return {
        slot: slot ?? slotOf({ event, inputs, branch: '', workflow }),
        place: route ? route.chosen : 0,
        text: event.outsideText ? textAt(event.tool, among[0]!) : null,
        known: known ?? (duplicate === true ? 'duplicate' : cannot ? 'refused' : null),
      }
    },
  }
}

/** In which slot a run that went on is, by what this version says. */
export const slotIn = (
  compiled: Compiled,
  { event, inputs }: { event: TriggerEvent; inputs: Readonly<Record<string, InputValue>> },
): string | null =>
  slotOf({
    event,
    inputs,
    branch: '',
    workflow: { id: compiled.name, name: compiled.name, version: 1, digest: '', compiled },
  })

/** What strangers pushed to a fork may be read, and never built on. */
const writesFork = (event: TriggerEvent, { repos }: Compiled): boolean =>
  repos.some((use) => use.fromEvent && use.access === 'write' && headOf(event, use.name)?.fork === true)

/** As if they were enabled: the question is what they would do then. By the ids that are given here, which are also in the answers. */
const listening = (versions: Readonly<Record<string, Compiled>>): PreparedWorkflows =>
  prepareWorkflows(
    Object.entries(versions).map(([id, compiled]): WorkflowEntry => ({
      id,
      name: compiled.name,
      version: 1,
      enabled: true,
      compiled,
    })),
  )
