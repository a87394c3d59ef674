/**
 * What happened outside that may start work?
 * The one form every tool's payload is read into. It never decides whether a run starts: `match` does.
 */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { Cause } from './cause.ts'

/**
 * How far the actor behind an event is trusted, decided by id and never by name.
 * `member`: a person of this workspace. `collaborator`: may write to the repository, no member. `source`: no person, but a signed
 * webhook or a schedule that an admin set up. `self`: a run of this product. `bot`: a program's account. `unknown`: cannot be told.
 */
export const trustLevels = ['member', 'collaborator', 'source', 'outsider', 'bot', 'self', 'unknown'] as const
export type Trust = (typeof trustLevels)[number]

export const EventActor = z.strictObject({
  /** The provider's stable id, e.g. `github:583231`, a webhook's `webhook:src_…`, or a Viewport person `usr_…`. */
  id: z.string().max(200),
  name: z.string().max(200),
  trust: z.enum(trustLevels),
  /** The Viewport person, where the account is mapped to one. */
  person: z.string().nullable(),
  /** Viewport teams (slugs) of that person. */
  teams: z.array(z.string()).max(1_000),
})

export const FieldValue = z.union([
  z.string().max(20_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string().max(2_000), z.number()])).max(500),
])

/** A trigger event: which tool, which event, who, what it is about, and plain fields to match on. */
export const TriggerEvent = z.strictObject({
  tool: z.string().max(40), // manual, webhook, github, linear, slack, ci, schedule …
  event: z.string().max(80), // issue_assigned, requested …
  /** The provider's delivery id: the same id is the same event. */
  id: z.string().max(200),
  at: Millis,
  actor: EventActor,
  /** What it is about: `PAY-1842`, `#support`, `acme/api#1842`; shown as the source on the board. */
  subject: z.strictObject({
    label: z.string().max(120),
    title: z.string().max(300),
    url: z.string().max(2_000).nullable(),
    /** The same thing as its tool names it, so that an action finds it again: `acme/api#1842`, `C024/1700000000.1200`. Only a connected tool says it. */
    ref: z.string().max(500).optional(),
    /** When that thing was made, by its tool's word. It tells what belongs to the making from what happened later; runs are not given it. */
    made: Millis.optional(),
  }),
  /** Flat fields, e.g. { team: "Payments", labels: ["bug"] }. Text from outside stays data. */
  fields: z.record(z.string().max(80), FieldValue),
  /** The text the agent is asked about, snapshotted at match time. */
  text: z.string().max(200_000),
  /** Was any of this text written or edited by someone below member? Then the run starts tainted. */
  outsideText: z.boolean(),
  /** The run whose webhook its sender answered, where it carried that back. */
  cause: Cause.optional(),
})
export type TriggerEvent = z.infer<typeof TriggerEvent>
export type EventActor = z.infer<typeof EventActor>
