/** Which routes are about what comes in: sources, deliveries, why they started work, and what a change would have made of them? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { TriggerEvent } from '../event/trigger-event.ts'
import { ways } from '../event/how-came.ts'
import { RouteSeen } from '../match/route.ts'
import { BacktestView } from './backtest.ts'
import { OldHours, oldHoursUsually, OldSecrets } from './old-secrets.ts'
import { routeTable } from './route.ts'

/**
 * What came of a delivery. `nearly`: nothing started, and a workflow missed one condition. `ignored`: nobody can listen to it, or a workflow
 * wanted nothing at this moment. `refused`: it was not taken, or what it matched may not begin. `set_aside`: it could not be worked on.
 */
export const deliveryOutcomes = [
  'started',
  'nearly',
  'no_match',
  'ignored',
  'refused',
  'set_aside',
  'duplicate',
  'arriving',
] as const
export const DeliveryOutcome = z.enum(deliveryOutcomes)
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>

const MatchCondition = z.strictObject({
  field: z.string(),
  expected: z.string(),
  found: z.string(),
  pass: z.boolean(),
  /** What is behind it: why somebody may not start it, or what one would overlook in a value that does not fit. */
  why: z.string().nullable(),
})
export const MatchLine = z.strictObject({
  workflow: z.string(),
  name: z.string(),
  version: z.int(),
  matched: z.boolean(),
  near: z.boolean(),
  conditions: z.array(MatchCondition),
  actor: z.strictObject({ pass: z.boolean(), why: z.string() }),
  why: z.string(),
  /** Where it goes, row by row; null: it starts nothing here, or has no route. */
  route: RouteSeen.nullable(),
  run: z.string().nullable(),
})
export const DeliveryItem = z.strictObject({
  id: z.string(),
  source: z.string(),
  tool: z.string(),
  event: z.string(),
  title: z.string(),
  actor: z.string(),
  at: Millis,
  state: z.enum(['stored', 'processed', 'refused', 'failed']),
  outcome: DeliveryOutcome,
  verdict: z.string(),
  matched: z.int(),
  repeats: z.int(),
  runs: z.array(
    z.strictObject({
      run: z.string(),
      number: z.int(),
      workflow: z.string(),
      /** It waits for a person now: a decision, a question, a breaker that tripped. */
      waits: z.boolean(),
    }),
  ),
})
/** With what ids of accounts begin: a tool, or a tool and a server of it. Whole ids are none, so that `x:1` never stands for `x:12`. */
const AccountsOf = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9][\w.-]{0,59}:(?:[^\s/:,]{1,120}\/){0,3}$/,
    'is not the beginning of account ids: it ends with a colon or a slash, such as tracker: or github:ghe.acme.dev/',
  )
const SourceAccounts = z.array(AccountsOf).max(20)

export const Source = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  kind: z.literal('webhook'),
  createdAt: Millis,
  lastAt: Millis.nullable(),
  /** Of accounts that begin with one of these it may say who did something; null: of any, as it was made before that was asked. */
  accounts: z.array(z.string()).nullable(),
  /** Secrets of before that it still takes. */
  oldSecrets: OldSecrets,
})
export const deliveryRoutes = routeTable({
  sources: {
    method: 'GET',
    path: '/api/sources',
    access: 'signed-in',
    summary: 'Webhook addresses',
    answer: z.strictObject({ sources: z.array(Source) }),
  },
  addSource: {
    method: 'POST',
    path: '/api/sources',
    access: 'admin',
    summary: 'Make a webhook address; the secret is shown once',
    body: z.strictObject({ name: z.string().min(1).max(80), accounts: SourceAccounts.default([]) }),
    answer: z.strictObject({ source: Source, secret: z.string() }),
    status: 201,
  },
  changeSource: {
    method: 'PUT',
    path: '/api/sources/:source',
    access: 'admin',
    summary: 'Say for which accounts a webhook address may speak',
    params: z.strictObject({ source: z.string() }),
    body: z.strictObject({ accounts: SourceAccounts }),
    answer: Source,
  },
  rotateSource: {
    method: 'POST',
    path: '/api/sources/:source/secrets',
    access: 'admin',
    summary: 'Make a new secret for a webhook address, shown once; the one before is taken for a while',
    params: z.strictObject({ source: z.string() }),
    body: z.strictObject({ oldHours: OldHours.default(oldHoursUsually) }),
    answer: z.strictObject({ source: Source, secret: z.string() }),
    status: 201,
  },
  endOldSecrets: {
    method: 'DELETE',
    path: '/api/sources/:source/old-secrets',
    access: 'admin',
    summary: 'End the secrets of before now: only the newest is taken',
    params: z.strictObject({ source: z.string() }),
    answer: 'none',
  },
  removeSource: {
    method: 'DELETE',
    path: '/api/sources/:source',
    access: 'admin',
    summary: 'Remove a webhook address',
    params: z.strictObject({ source: z.string() }),
    answer: 'none',
  },
  deliveries: {
    method: 'GET',
    path: '/api/deliveries',
    access: 'signed-in',
    summary: 'What came in, newest first, narrowed by any of these',
    query: z.strictObject({
      /** Part of its title, event, verdict, actor or source, or the whole id of it or of its sender. */
      q: z.string().max(200).optional(),
      tool: z.string().max(40).optional(),
      event: z.string().max(200).optional(),
      /** The name of the source or the connection it came by; `by hand`, `the schedule`. */
      from: z.string().max(80).optional(),
      outcome: DeliveryOutcome.optional(),
      actor: z.string().max(200).optional(),
      /** The name of a workflow that it started or nearly did. */
      workflow: z.string().max(80).optional(),
      /** Received from this moment on, and before that one. */
      since: z.coerce.number().int().min(0).optional(),
      until: z.coerce.number().int().min(0).optional(),
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: z.strictObject({ deliveries: z.array(DeliveryItem), older: z.string().nullable() }),
  },
  delivery: {
    method: 'GET',
    path: '/api/deliveries/:delivery',
    access: 'signed-in',
    summary: 'Why an event did or did not start work',
    params: z.strictObject({ delivery: z.string() }),
    answer: z.strictObject({
      ...DeliveryItem.shape,
      eventRead: TriggerEvent.nullable(),
      lines: z.array(MatchLine),
      dedupe: z.string(),
      problem: z.string().nullable(),
      /** It could not be read or was set aside, and may be worked on again with its stored bytes. */
      again: z.boolean(),
      /** By a webhook, found by asking, or over a line that we opened; null: it came from here, was refused at the door, or nobody knows. */
      came: z.enum(ways).nullable(),
      /** The delivery that told of the same event before; null: none did. */
      sameAs: z.string().nullable(),
    }),
  },
  readDeliveryAgain: {
    method: 'POST',
    path: '/api/deliveries/:delivery/readings',
    access: 'signed-in',
    summary: 'Work again on a delivery that could not be read or was set aside; one that was worked on stays as it is',
    params: z.strictObject({ delivery: z.string() }),
    body: z.strictObject({ reason: z.string().max(2_000).default('') }),
    answer: z.strictObject({ delivery: z.string(), state: z.literal('stored') }),
    status: 202,
  },
  deliveryKinds: {
    method: 'GET',
    path: '/api/delivery-kinds',
    access: 'signed-in',
    summary: 'What the list of deliveries can be narrowed by: of the last five thousand',
    answer: z.strictObject({
      tools: z.array(z.string()),
      events: z.array(z.string()),
      from: z.array(z.string()),
      actors: z.array(z.string()),
      workflows: z.array(z.string()),
    }),
  },
  proposeChange: {
    method: 'POST',
    path: '/api/deliveries/:delivery/changes',
    access: 'signed-in',
    summary:
      'How the text of a workflow would have to change so that this event starts it, or never does again; nothing is saved',
    params: z.strictObject({ delivery: z.string() }),
    body: z.strictObject({ workflow: z.string().max(80), wanted: z.enum(['match', 'never']) }),
    answer: z.strictObject({
      workflow: z.string(),
      /** The version that the changes are made to. */
      version: z.int(),
      /** The narrowest first. */
      changes: z.array(z.strictObject({ words: z.string(), source: z.string() })),
      /** Why there is none; null: there are some. */
      cannot: z.string().nullable(),
    }),
  },
  backtest: {
    method: 'POST',
    path: '/api/backtests',
    access: 'signed-in',
    summary:
      'What a workflow would have started over the events that came in last; nothing is started. After two seconds of computing it tells how far it came: `older` goes on',
    body: z.strictObject({
      source: z.string().max(262_144),
      limit: z.int().min(1).max(10_000).default(1_000),
      /** Only events older than this place of an answer before. */
      before: z.string().nullable().default(null),
      /** Also give what it was told from, so that several answers can be joined. */
      piece: z.boolean().default(false),
    }),
    answer: BacktestView,
  },
  samples: {
    method: 'GET',
    path: '/api/samples',
    access: 'signed-in',
    summary: 'Sample events of each tool; with a workflow, whether it listens to each',
    query: z.strictObject({ workflow: z.string().max(80).optional() }),
    answer: z.strictObject({
      samples: z.array(
        z.strictObject({
          id: z.string(),
          says: z.string(),
          tool: z.string(),
          event: z.string(),
          title: z.string(),
          heard: z.boolean(),
        }),
      ),
    }),
  },
  rehearse: {
    method: 'POST',
    path: '/api/workflows/:workflow/rehearsals',
    access: 'signed-in',
    summary: 'Start a run with a sample event: agents work and people are asked, and nothing outside is done',
    params: z.strictObject({ workflow: z.string() }),
    body: z.strictObject({ sample: z.string().max(120), request: z.string().max(80).nullable().default(null) }),
    answer: z.strictObject({
      run: z.string(),
      number: z.int(),
      delivery: z.string(),
      /** Fields of the sample that were set so that it meets the conditions of the workflow. */
      set: z.array(z.string()),
    }),
    status: 201,
  },
  explainMatch: {
    method: 'POST',
    path: '/api/matches',
    access: 'signed-in',
    summary: 'Explain what an event would start, without starting it',
    body: z.strictObject({ event: TriggerEvent }),
    answer: z.strictObject({ lines: z.array(MatchLine) }),
  },
})
