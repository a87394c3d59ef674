/**
 * Which workflows does an event start, and why not the others?
 * Answers for every workflow, by ids and trust, never by names. It never starts anything.
 */
import { z } from 'zod'
import { trustLevels, type TriggerEvent } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'
import type { Compiled, Trigger } from '../workflow/compiled.ts'
import type { InputValue } from './inputs.ts'
import { routeOf, RouteSeen } from './route.ts'
import {
  MatchRow,
  noRowsMade,
  nothingShared,
  rowKeys,
  rowsFor,
  type People,
  type RowKeys,
  type RowsMade,
} from './rows.ts'
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

type Listener = { entry: WorkflowEntry; triggers: { index: number; trigger: Trigger; keys: RowKeys }[] }
/** Workflows by what they listen to, by name. Made once per change of the workflows; an event then only looks at its own listeners. */
export type PreparedWorkflows = {
  byEvent: ReadonlyMap<string, Listener[]>
  all: readonly Elsewhere[]
  elsewhere: Map<string, Elsewhere[]>
}

export const prepareWorkflows = (workflows: readonly WorkflowEntry[]): PreparedWorkflows => {
  const byEvent = new Map<string, Listener[]>()
  const shared = nothingShared()
  const all = workflows.map((entry): Elsewhere => {
    const listens = [...new Set(entry.compiled.triggers.map(keyOf))]
    for (const key of listens) {
      const triggers = entry.compiled.triggers.flatMap((trigger, index) =>
        keyOf(trigger) === key ? [{ index, trigger, keys: rowKeys(trigger, shared) }] : [],
      )
      const listeners = byEvent.get(key)
      if (listeners) listeners.push({ entry, triggers })
      else byEvent.set(key, [{ entry, triggers }])
    }
    return { id: entry.id, name: entry.name, version: entry.version, enabled: entry.enabled, listens }
  })
  for (const listeners of byEvent.values()) listeners.sort((a, b) => byName(a.entry, b.entry))
  return { byEvent, all, elsewhere: new Map() }
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
  const made = noRowsMade()
  const answers: Record<MatchAnswer['outcome'], MatchAnswer[]> = { starts: [], near_miss: [], no: [] }
  for (const listener of prepared.byEvent.get(key) ?? []) {
    const answer = answerOf(event, listener, people, made, inputs)
    answers[answer.outcome].push(answer)
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

const none: MatchRow[] = []

const answerOf = (
  event: TriggerEvent,
  { entry, triggers }: Listener,
  people: People,
  made: RowsMade,
  inputs: Inputs,
): MatchAnswer => {
  let best: { index: number; rows: MatchRow[]; keys: RowKeys; failed: readonly MatchRow[] } | null = null
  for (const { index, trigger, keys } of triggers) {
    const rows = rowsFor(event, trigger, keys, entry, people, made)
    const failed = failedIn(rows)
    if (best === null || failed.length < best.failed.length) best = { index, rows, keys, failed }
  }
  const { index, rows, keys, failed } = best!
  const { id, name, version, enabled, compiled } = entry
  const answer: MatchAnswer = {
    id,
    name,
    version,
    enabled,
    outcome: failed.length === 0 ? 'starts' : failed.length === 1 ? 'near_miss' : 'no',
    trigger: index,
    mayStart: failed.every((row) => row.about === null),
    passed: rows.length - failed.length,
    total: rows.length,
    rows,
    why: whyOf(failed, rows.length, keys.wishes, event),
  }
  if (failed.length === 0 && compiled.route) answer.route = routeOf(compiled.route, event, inputs)
  return answer
}

const failedIn = (rows: readonly MatchRow[]): readonly MatchRow[] => {
  let failed: MatchRow[] = none // most fail nowhere, and get no list of their own
  for (const row of rows) if (!row.pass) failed = failed === none ? [row] : [...failed, row]
  return failed
}

const elsewhereOf = (key: string, prepared: PreparedWorkflows): Elsewhere[] => {
  const held = prepared.elsewhere.get(key)
  if (held) return held
  const here = new Set((prepared.byEvent.get(key) ?? []).map(({ entry }) => entry.id))
  const others = prepared.all.filter(({ id }) => !here.has(id))
  // Outside senders choose event names: remember the answer only for those somebody listens to.
  if (here.size > 0) prepared.elsewhere.set(key, others)
  return others
}
