/**
 * Which workflows does an event start, and why not the others?
 * Answers for every workflow, by ids and trust, never by names. It never starts anything.
 */
import { z } from 'zod'
import { trustLevels, type TriggerEvent } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { askedBy, nothingShared, type Asked, type Shared } from './asked.ts'
import type { InputValue } from './inputs.ts'
import { routeOf, RouteSeen } from './route.ts'
import { MatchRow } from './row.ts'
import { failuresOf, rowsFor, type People } from './rows.ts'
import { nothingSeen, type Seen } from './seen.ts'
import { whyOf } from './why.ts'

const ref = { id: z.string(), name: z.string(), version: z.int().positive(), enabled: z.boolean() }

/** One workflow that listens to this event, each condition explained. `trigger`: the index of the trigger that came nearest. */
const MatchAnswer = z.strictObject({
  ...ref,
  outcome: z.enum(['starts', 'near_miss', 'no']),
  trigger: z.int().nonnegative(),
  mayStart: z.boolean(),
  passed: z.int().nonnegative(),
  total: z.int().positive(),
  rows: z.array(MatchRow),
  why: z.string(),
  /** Where it goes, for one that starts and has a route. */
  route: RouteSeen.optional(),
})
export type MatchAnswer = z.infer<typeof MatchAnswer>

/** The "why" page of one event. Written when the event arrives; later edits do not change it. */
export const MatchReport = z.strictObject({
  event: z.strictObject({ tool: z.string(), event: z.string(), id: z.string(), at: z.int(), label: z.string() }),
  actor: z.strictObject({
    id: z.string(),
    name: z.string(),
    trust: z.enum(trustLevels),
    person: z.string().nullable(),
  }),
  /** Text from outside the workspace is in it: a run starts tainted. */
  tainted: z.boolean(),
  /** Workflows that listen to this tool and event: those that start, then near misses, then the others, by name. */
  answers: z.array(MatchAnswer),
  /** Workflows that listen elsewhere, compactly: what they listen to (`tool.event`). */
  elsewhere: z.array(z.strictObject({ ...ref, listens: z.array(z.string()) })),
})
export type MatchReport = z.infer<typeof MatchReport>
type Elsewhere = MatchReport['elsewhere'][number]

export type WorkflowEntry = { id: string; name: string; version: number; enabled: boolean; compiled: Compiled }

type Listener = { readonly entry: WorkflowEntry; readonly triggers: readonly { index: number; asked: Asked }[] }
/** Those that listen to one kind of event, by name, and how many places what they share takes while one is looked at. */
type Listeners = { readonly all: readonly Listener[]; readonly places: { fields: number; shared: number } }
/** Workflows by what they listen to. Made once per change of the workflows; an event then only looks at its own listeners. */
export type PreparedWorkflows = {
  readonly byEvent: ReadonlyMap<string, Listeners>
  readonly all: readonly Elsewhere[]
  readonly elsewhere: Map<string, Elsewhere[]>
}

export const prepareWorkflows = (workflows: readonly WorkflowEntry[]): PreparedWorkflows => {
  const byEvent = new Map<string, { all: Listener[]; shared: Shared }>()
  const all = workflows.map((entry): Elsewhere => {
    const listens = [...new Set(entry.compiled.triggers.map(keyOf))]
    for (const key of listens) {
      let held = byEvent.get(key)
      if (held === undefined) byEvent.set(key, (held = { all: [], shared: nothingShared() }))
      const { shared } = held
      const triggers = entry.compiled.triggers.flatMap((trigger, index) =>
        keyOf(trigger) === key ? [{ index, asked: askedBy(trigger, shared) }] : [],
      )
      held.all.push({ entry, triggers })
    }
    return { id: entry.id, name: entry.name, version: entry.version, enabled: entry.enabled, listens }
  })
  const listeners = [...byEvent].map(([key, { all: listening, shared }]): [string, Listeners] => [
    key,
    {
      all: listening.toSorted((a, b) => byName(a.entry, b.entry)),
      places: { fields: shared.fields.size, shared: shared.shared },
    },
  ])
  return { byEvent: new Map(listeners), all, elsewhere: new Map() }
}

type Inputs = Readonly<Record<string, InputValue>>
/** `people`: handle (as in `user:dana`) -> person id; a handle that is not in it admits nobody. `inputs`: what a person gave, for a route by them. */
export const match = (
  event: TriggerEvent,
  workflows: readonly WorkflowEntry[],
  people: People = new Map(),
  inputs: Inputs = {},
): MatchReport => matchPrepared(event, prepareWorkflows(workflows), people, inputs)

export const matchPrepared = (
  event: TriggerEvent,
  prepared: PreparedWorkflows,
  people: People = new Map(),
  inputs: Inputs = {},
): MatchReport => {
  const key = keyOf(event)
  const answers: Record<MatchAnswer['outcome'], MatchAnswer[]> = { starts: [], near_miss: [], no: [] }
  const here = prepared.byEvent.get(key)
  if (here) {
    const seen = nothingSeen(event, here.places)
    for (const listener of here.all) {
      const answer = answerOf(listener, people, seen, inputs)
      answers[answer.outcome].push(answer)
    }
  }
  return {
    event: { tool: event.tool, event: event.event, id: event.id, at: event.at, label: shown(event.subject.label, 120) },
    actor: {
      id: event.actor.id,
      name: shown(event.actor.name, 200),
      trust: event.actor.trust,
      person: event.actor.person,
    },
    tainted: event.outsideText,
    answers: [...answers.starts, ...answers.near_miss, ...answers.no],
    elsewhere: elsewhereOf(key, prepared),
  }
}

/** What the event starts: workflow ids with the trigger that fitted. */
export const startsOf = (report: MatchReport): { id: string; version: number; trigger: number }[] =>
  report.answers
    .filter((answer) => answer.outcome === 'starts')
    .map(({ id, version, trigger }) => ({ id, version, trigger }))

const byName = (a: WorkflowEntry, b: WorkflowEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1
const keyOf = ({ tool, event }: { tool: string; event: string }): string => `${tool}.${event}`
const shown = (text: string, most: number): string => revealed(text).replace(/\s+/g, ' ').slice(0, most).toWellFormed()

const answerOf = ({ entry, triggers }: Listener, people: People, seen: Seen, inputs: Inputs): MatchAnswer => {
  const { index, asked } = triggers.length === 1 ? triggers[0]! : nearestOf(triggers, people, seen)
  const rows = rowsFor(asked, entry, people, seen)
  let [failures, mayStart] = [0, true]
  for (const row of rows)
    if (!row.pass) {
      failures++
      if (row.about !== null) mayStart = false
    }
  const { id, name, version, enabled, compiled } = entry
  const answer: MatchAnswer = {
    id,
    name,
    version,
    enabled,
    outcome: failures === 0 ? 'starts' : failures === 1 ? 'near_miss' : 'no',
    trigger: index,
    mayStart,
    passed: rows.length - failures,
    total: rows.length,
    rows,
    why: whyOf(rows, failures, asked, seen),
  }
  if (failures === 0 && compiled.route) answer.route = routeOf(compiled.route, seen.event, inputs)
  return answer
}

/** The first of those of which fewest conditions fail. Rows are made for that one alone. */
const nearestOf = (triggers: Listener['triggers'], people: People, seen: Seen): Listener['triggers'][number] => {
  let [nearest, least] = [triggers[0]!, Infinity]
  for (const one of triggers) {
    const failures = failuresOf(one.asked, people, seen)
    if (failures < least) [nearest, least] = [one, failures]
    if (least === 0) break
  }
  return nearest
}

const elsewhereOf = (key: string, prepared: PreparedWorkflows): Elsewhere[] => {
  const held = prepared.elsewhere.get(key)
  if (held) return held
  const here = new Set((prepared.byEvent.get(key)?.all ?? []).map(({ entry }) => entry.id))
  const others = prepared.all.filter(({ id }) => !here.has(id))
  // Outside senders choose event names: remember the answer only for those somebody listens to.
  if (here.size > 0) prepared.elsewhere.set(key, others)
  return others
}
