/** Which routes are about runs, their facts, bodies, logs, packets and changes? */
import { CauseText } from '../event/cause.ts'
import { ReviewLine } from '../run/pull-seen.ts'
import { z } from 'zod'
import { Millis, Sha256 } from '../ids.ts'
import { BodyRef } from '../digest/body.ts'
import { Change } from '../gate/subject.ts'
import { ContextItem, Isolation, Receipt, Usage } from '../run/facts.ts'
import { PastCost } from '../try/past-cost.ts'
import { BoardRow, TimelineItem } from '../view/shapes.ts'
import { LeftSummary } from '../wire/left.ts'
import { routeTable } from './route.ts'

const run = z.strictObject({ run: z.string() })

export const StepView = z.strictObject({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  detail: z.string(),
  tone: z.enum(['wait', 'run', 'done', 'stop', 'idle']),
  startedAt: Millis.nullable(),
  finishedAt: Millis.nullable(),
  attempt: z.int(),
  round: z.int(),
  usage: Usage,
  log: BodyRef.nullable(),
  live: z.boolean(),
  agent: z.string().nullable(),
  agentVersion: z.string().nullable(),
  /** Was this version of the agent tried with the runner's vpd? null: no agent, or it has not begun. */
  agentTested: z.boolean().nullable(),
  /** The model that the step asks for; null: the agent's own choice. What it used stands in `usage.models`. */
  model: z.string().nullable(),
  why: z.string().nullable(),
})
export const ChangeView = z.strictObject({
  id: z.string(),
  run: z.string(),
  number: z.int(),
  repo: z.string(),
  ref: z.string(),
  into: z.string(),
  title: z.string(),
  /** What the workflow wrote about it, or null. */
  body: z.string().nullable(),
  state: z.enum(['open', 'merging', 'merged', 'abandoned']),
  change: Change,
  patch: BodyRef.nullable(),
  mergeCommit: z.string().nullable(),
  /** The gate at which the workflow asks before it merges; null: it is merged here. */
  mergeGate: z.string().nullable(),
  /** Why the last merge did not come about; null: there was none, or it is past. */
  failure: z.strictObject({ summary: z.string(), check: z.string() }).nullable(),
  digest: Sha256,
})
/** The pull request that the run opened. `rounds`: how often the run went on after its work was done. `seenAt`: looked at last; `problem`: why it could not be; `byRunner`: a runner looks, and what stands here is its word. */
const PullView = z.strictObject({
  tool: z.string(),
  ref: z.string(),
  url: z.string().nullable(),
  state: z.enum(['open', 'merged', 'closed']),
  draft: z.boolean(),
  by: z.string().nullable(),
  commit: z.string().nullable(),
  /** What was merged was approved by nobody here: somebody else pushed it (`foreign`), or no gate had said yes to it (`undecided`). */
  unapproved: z.strictObject({ head: z.string(), why: z.enum(['foreign', 'undecided']) }).nullable(),
  reverted: z.strictObject({ commit: z.string(), url: z.string().nullable() }).nullable(),
  moved: z.string().nullable(),
  checks: z
    .strictObject({
      head: z.string(),
      outcome: z.enum(['passed', 'failed', 'none', 'unfinished', 'unseen', 'running']),
      total: z.int(),
      failed: z.array(z.string()),
      /** Of `unseen`: what the forge does not show, and what would show it. */
      why: z.string().optional(),
    })
    .nullable(),
  rounds: z.int(),
  seenAt: Millis.nullable(),
  problem: z.string().nullable(),
  byRunner: z.boolean(),
})

export const RunView = z.strictObject({
  ...BoardRow.shape,
  workflowVersion: z.int(),
  workflowDigest: Sha256,
  specDigest: Sha256,
  team: z.string().nullable(),
  delivery: z.string().nullable(),
  requester: z.string(),
  steps: z.array(StepView),
  gates: z.array(z.string()),
  outcome: z.string().nullable(),
  outcomeWhy: z.string().nullable(),
  waitedMillis: z.int(),
  /** While nobody takes its work: what keeps each runner from it, the nearest first. */
  unfit: z.array(z.strictObject({ runner: z.string(), lacks: z.array(z.string()) })),
  runsOn: z
    .strictObject({
      runner: z.string(),
      name: z.string(),
      pool: z.string(),
      online: z.boolean(),
      lastSeen: Millis.nullable(),
      isolation: Isolation.nullable(),
    })
    .nullable(),
  /** with what a person granted on top */
  budget: z.strictObject({ usd: z.number().nullable(), tokens: z.number().nullable(), seconds: z.int() }),
  /** a sentence for every part of the budget of which four fifths are used */
  budgetWarnings: z.array(z.string()),
  plan: BodyRef.nullable(),
  patch: BodyRef.nullable(),
  latest: Change.nullable(),
  plannedFiles: z.array(z.string()).nullable(),
  contextItems: z.array(
    z.strictObject({ ...ContextItem.shape, step: z.string(), use: z.enum(['used', 'unused', 'not said']) }),
  ),
  contextMissing: z.array(z.strictObject({ step: z.string(), wish: z.string(), why: z.string() })),
  receipts: z.array(
    z.strictObject({
      intent: z.string(),
      action: z.string(),
      target: z.string(),
      receipt: Receipt,
      at: Millis,
      reconciled: z.boolean(),
    }),
  ),
  change: ChangeView.nullable(),
  pull: PullView.nullable(),
  left: z.strictObject({
    facts: z.int(),
    factBytes: z.int(),
    paths: z.int(),
    bodiesStored: z.int(),
    served: z.int(),
    servedBytes: z.int(),
  }),
  head: z.strictObject({ count: z.int(), hash: Sha256 }),
  canCancel: z.boolean(),
})

/** A public key as JWK (RFC 8037). `notBefore`, `notAfter`: when it signed, in milliseconds; null: it still does. */
const SigningKeyView = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  notBefore: Millis,
  notAfter: Millis.nullable(),
})

export const runRoutes = routeTable({
  board: {
    method: 'GET',
    path: '/api/board',
    access: 'signed-in',
    summary: 'Runs in order of need: waiting, running, finished today',
    answer: z.strictObject({
      rows: z.array(BoardRow),
      // Of all runs, also of those that have no row: a group has a hundred at most. "finished" holds done, refused and every other end of the last day.
      counts: z.strictObject({
        waiting: z.int(),
        running: z.int(),
        finished: z.int(),
        done: z.int(),
        refused: z.int(),
        yours: z.int(),
      }),
    }),
  },
  runs: {
    method: 'GET',
    path: '/api/runs',
    access: 'signed-in',
    summary: 'All runs, newest first',
    query: z.strictObject({
      q: z.string().max(200).optional(),
      workflow: z.string().optional(),
      state: z.enum(['waiting', 'running', 'finished']).optional(),
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: z.strictObject({ rows: z.array(BoardRow), older: z.string().nullable() }),
  },
  pastCost: {
    method: 'GET',
    path: '/api/past-cost',
    access: 'signed-in',
    summary:
      'What the last runs that succeeded with one agent alone have cost, of those whose cost is known: how many, and their median',
    query: z.strictObject({ agent: z.string().min(1).max(80) }),
    answer: PastCost,
  },
  run: {
    method: 'GET',
    path: '/api/runs/:run',
    access: 'signed-in',
    summary: 'One run; :run is the id or the number',
    params: run,
    answer: RunView,
  },
  timeline: {
    method: 'GET',
    path: '/api/runs/:run/timeline',
    access: 'signed-in',
    summary: 'What happened, as sentences with evidence',
    params: run,
    query: z.strictObject({ after: z.coerce.number().int().min(0).max(2_147_483_647).default(0) }),
    answer: z.strictObject({ items: z.array(TimelineItem), last: z.int() }),
  },
  facts: {
    method: 'GET',
    path: '/api/runs/:run/facts',
    access: 'signed-in',
    summary: 'The facts themselves: exact text and hash',
    params: run,
    query: z.strictObject({ after: z.coerce.number().int().min(0).max(2_147_483_647).default(0) }),
    answer: z.strictObject({ facts: z.array(z.strictObject({ seq: z.int(), text: z.string(), hash: Sha256 })) }),
  },
  startRun: {
    method: 'POST',
    path: '/api/runs',
    access: 'signed-in',
    summary: 'Start a workflow by hand',
    body: z.strictObject({
      workflow: z.string(),
      title: z.string().min(1).max(300),
      text: z.string().max(200_000).default(''),
      inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
      request: z.string().max(80).nullable().default(null),
      /** Where a program answers a webhook of a run: its header `viewport-cause`. Runs that wake each other are counted by it. */
      cause: CauseText.nullable().default(null),
    }),
    answer: z.strictObject({ run: z.string(), number: z.int(), delivery: z.string() }),
    status: 201,
  },
  cancelRun: {
    method: 'POST',
    path: '/api/runs/:run/cancellation',
    access: 'signed-in',
    summary: 'Stop a run',
    params: run,
    body: z.strictObject({ reason: z.string().max(2_000).default('') }),
    answer: 'none',
    status: 202,
  },
  moveRun: {
    method: 'POST',
    path: '/api/runs/:run/moves',
    access: 'signed-in',
    summary: 'Let another runner continue',
    params: run,
    body: z.strictObject({ runner: z.string().nullable() }),
    answer: 'none',
  },
  body: {
    method: 'GET',
    path: '/api/runs/:run/bodies/:digest',
    access: 'signed-in',
    summary: 'Bytes of a body of this run, from the edge or the store',
    params: z.strictObject({ run: z.string(), digest: Sha256 }),
    query: z.strictObject({
      offset: z.coerce.number().int().min(0).default(0),
      length: z.coerce.number().int().min(1).max(16_777_216).optional(),
    }),
    answer: 'bytes',
  },
  log: {
    method: 'GET',
    path: '/api/runs/:run/steps/:step/log',
    access: 'signed-in',
    summary: 'The log of a step, live while it runs',
    params: z.strictObject({ run: z.string(), step: z.string() }),
    query: z.strictObject({
      attempt: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
      offset: z.coerce.number().int().min(0).default(0),
      follow: z.stringbool().default(false),
    }),
    answer: 'bytes',
    media: 'text/plain; charset=utf-8',
  },
  egress: {
    method: 'GET',
    path: '/api/runs/:run/egress',
    access: 'signed-in',
    summary: 'What left the runner about a run, told by the runner itself when it is asked',
    params: run,
    answer: z.strictObject({ ...LeftSummary.shape, runner: z.string() }),
  },
  packet: {
    method: 'GET',
    path: '/api/runs/:run/packet',
    access: 'signed-in',
    summary: 'The audit packet, a zip that verifies offline',
    params: run,
    answer: 'bytes',
    media: 'application/zip',
  },
  keys: {
    method: 'GET',
    path: '/api/keys',
    access: 'public',
    summary: 'The public keys with which the control plane signs: give them to whoever verifies a packet',
    answer: z.strictObject({ keys: z.array(SigningKeyView) }),
  },
  change: {
    method: 'GET',
    path: '/api/changes/:change',
    access: 'signed-in',
    summary: 'A change opened in Viewport',
    params: z.strictObject({ change: z.string() }),
    answer: ChangeView,
  },
  mergeChange: {
    method: 'POST',
    path: '/api/changes/:change/merge',
    access: 'signed-in',
    summary: 'Merge a change; binds to the digest that was seen',
    params: z.strictObject({ change: z.string() }),
    body: z.strictObject({ digest: Sha256 }),
    answer: 'none',
    status: 202,
  },
  reviewChange: {
    method: 'POST',
    path: '/api/changes/:change/reviews',
    access: 'signed-in',
    summary: 'Ask for changes to an open change; binds to the digest that was seen, and sends it back to its step',
    params: z.strictObject({ change: z.string() }),
    body: z.strictObject({
      digest: Sha256,
      comment: z.string().max(20_000).nullable().default(null),
      lines: z.array(ReviewLine).max(200).default([]),
    }),
    answer: 'none',
    status: 202,
  },
  abandonChange: {
    method: 'POST',
    path: '/api/changes/:change/abandonment',
    access: 'signed-in',
    summary: 'Close a change without merging',
    params: z.strictObject({ change: z.string() }),
    body: z.strictObject({ why: z.string().max(2_000) }),
    answer: 'none',
  },
})
