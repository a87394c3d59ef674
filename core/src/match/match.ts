/**
 * Which workflows does an event start, and why not the others?
 * Answers for every workflow, by ids and trust, never by names. It never starts anything.
 */
import { z } from 'zod'
import type { Compiled } from '../workflow/compiled.ts'
import { trustLevels, type TriggerEvent } from '../event/trigger-event.ts'

const MatchRow = z.strictObject({
  /** event, a field's name, `started by`, `own events`, `enabled`, `outside text` */
  condition: z.string(),
  expected: z.string(),
  found: z.string(),
  pass: z.boolean(),
  why: z.string().nullable(),
})
const ref = { id: z.string(), name: z.string(), version: z.int().positive(), enabled: z.boolean() }

/** The "why" page of one event. Written when the event arrives; later edits do not change it. */
export const MatchReport = z.strictObject({
  event: z.strictObject({ tool: z.string(), event: z.string(), id: z.string(), at: z.int(), label: z.string() }),
  actor: z.strictObject({ id: z.string(), name: z.string(), trust: z.enum(trustLevels), person: z.string().nullable() }),
  /** Text from outside the workspace is in it: a run starts tainted. */
  tainted: z.boolean(),
  /** Workflows that listen to this tool and event, each condition explained. */
  answers: z.array(z.strictObject({ ...ref, outcome: z.enum(['starts', 'near_miss', 'no']), trigger: z.int().nonnegative(), mayStart: z.boolean(), passed: z.int(), total: z.int(), rows: z.array(MatchRow), why: z.string() })),
  /** Workflows that listen elsewhere, compactly: what they listen to (`tool.event`). */
  elsewhere: z.array(z.strictObject({ ...ref, listens: z.array(z.string()) })),
})
export type MatchReport = z.infer<typeof MatchReport>

export type WorkflowEntry = { id: string; name: string; version: number; enabled: boolean; compiled: Compiled }

/** `people`: handle (as in `user:dana`) -> person id; a handle that is not in it admits nobody. */
export const match = (_event: TriggerEvent, _workflows: readonly WorkflowEntry[], _people: ReadonlyMap<string, string> = new Map()): MatchReport => {
  throw new Error('match is being written')
}
