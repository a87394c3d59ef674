/** Which routes are about workflows, repositories, sources and deliveries? */
import { z } from 'zod'
import { Millis, Sha256 } from '../ids.ts'
import { Compiled } from '../workflow/compiled.ts'
import { TriggerEvent } from '../event/trigger-event.ts'
import { routeTable } from './route.ts'

/** One thing a workflow needs that does not resolve, with what fixes it. */
export const Missing = z.strictObject({
  kind: z.enum([
    'repository',
    'pool',
    'runner',
    'agent',
    'context',
    'people',
    'team',
    'connection',
    'action',
    'capability',
  ]),
  name: z.string(),
  why: z.string(),
  fix: z.strictObject({ label: z.string(), href: z.string().nullable(), command: z.string().nullable() }),
})
export const WorkflowError = z.strictObject({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  endLine: z.int(),
  endColumn: z.int(),
  from: z.int(),
  to: z.int(),
  path: z.string(),
  message: z.string(),
  found: z.string().nullable(),
  expected: z.string().nullable(),
  nearest: z.string().nullable(),
  fix: z.strictObject({ label: z.string(), from: z.int(), to: z.int(), text: z.string() }).nullable(),
})
export const SummarySection = z.strictObject({
  title: z.string(),
  lines: z.array(z.strictObject({ text: z.string(), isDefault: z.boolean() })),
})
export const WorkflowItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  version: z.int(),
  digest: Sha256,
  enabled: z.boolean(),
  ready: z.boolean(),
  missing: z.array(Missing),
  team: z.string().nullable(),
  triggers: z.array(z.string()),
  runs: z.int(),
  lastRunAt: Millis.nullable(),
})
export const WorkflowView = z.strictObject({
  ...WorkflowItem.shape,
  source: z.string(),
  compiled: Compiled,
  summary: z.array(SummarySection),
  resolved: z.array(z.strictObject({ kind: z.string(), name: z.string(), to: z.string() })),
  versions: z.array(
    z.strictObject({
      version: z.int(),
      digest: Sha256,
      savedBy: z.string(),
      savedAt: Millis,
      note: z.string().nullable(),
    }),
  ),
})
const MatchCondition = z.strictObject({
  field: z.string(),
  expected: z.string(),
  found: z.string(),
  pass: z.boolean(),
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
  verdict: z.string(),
  matched: z.int(),
  repeats: z.int(),
  runs: z.array(z.strictObject({ run: z.string(), number: z.int(), workflow: z.string() })),
})
export const Source = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  kind: z.literal('webhook'),
  createdAt: Millis,
  lastAt: Millis.nullable(),
})
const Outcome = z.enum(['starts', 'near_miss', 'no', 'elsewhere'])
const Counts = z.strictObject({ starts: z.int(), nearMisses: z.int() })
/** What a draft would have done with what came in. */
export const BacktestView = z.strictObject({
  workflow: z.string(),
  /** The version in force that it stands beside; null: there is none of this name. */
  version: z.int().nullable(),
  events: z.int(),
  /** When the oldest of them came; null: there were none. */
  since: Millis.nullable(),
  listened: z.int(),
  draft: Counts,
  current: Counts.nullable(),
  missedBy: z.array(z.strictObject({ condition: z.string(), times: z.int() })),
  rows: z.array(
    z.strictObject({
      delivery: z.string(),
      at: Millis,
      tool: z.string(),
      event: z.string(),
      label: z.string(),
      title: z.string(),
      actor: z.string(),
      draft: Outcome,
      current: Outcome.nullable(),
      why: z.string(),
    }),
  ),
  rowsLeftOut: z.int(),
  /** Who would have been asked: per gate its approvers, once for every start. */
  asked: z.array(z.strictObject({ gate: z.string(), approvers: z.array(z.string()), times: z.int() })),
  /** What earlier runs of the workflow cost: how many are known, and the median in dollars; null: no cost of it is known. */
  spend: z.strictObject({ runs: z.int(), medianUsd: z.number(), projectedUsd: z.number() }).nullable(),
})
/** A workflow to begin with: it compiles as it stands; `blanks` are what is particular to a team, filled in by core's `fillTemplate`. */
const Template = z.strictObject({
  name: z.string(),
  /** What it is for, one sentence. */
  says: z.string(),
  source: z.string(),
  /** Titles of the outside tools that it listens to or acts at. */
  tools: z.array(z.string()),
  blanks: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['repository', 'team', 'pool', 'condition']),
      title: z.string(),
      value: z.string(),
    }),
  ),
  /** What would start it, as if it had come in. */
  events: z.array(TriggerEvent),
})
const name = z.strictObject({ workflow: z.string() })

/** So many pieces of work may touch a repository at the same time. */
const AtOnce = z.int().min(1).max(1_000)
const Repository = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  defaultBranch: z.string(),
  /** null: any number of pieces of work at once. */
  atOnce: AtOnce.nullable(),
})

export const workflowRoutes = routeTable({
  workflows: {
    method: 'GET',
    path: '/api/workflows',
    access: 'signed-in',
    summary: 'Workflows with readiness',
    answer: z.strictObject({ workflows: z.array(WorkflowItem) }),
  },
  workflow: {
    method: 'GET',
    path: '/api/workflows/:workflow',
    access: 'signed-in',
    summary: 'One workflow by name',
    params: name,
    query: z.strictObject({ version: z.coerce.number().int().optional() }),
    answer: WorkflowView,
  },
  saveWorkflow: {
    method: 'POST',
    path: '/api/workflows',
    access: 'admin',
    summary: 'Save a new version; the name is in the file',
    body: z.strictObject({
      source: z.string().max(262_144),
      note: z.string().max(500).nullable().default(null),
      expectVersion: z.int().nullable().default(null),
    }),
    answer: WorkflowItem,
    status: 201,
  },
  enableWorkflow: {
    method: 'PUT',
    path: '/api/workflows/:workflow/enabled',
    access: 'admin',
    summary: 'Enable or disable',
    params: name,
    body: z.strictObject({ enabled: z.boolean() }),
    answer: WorkflowItem,
  },
  checkWorkflow: {
    method: 'POST',
    path: '/api/workflow-checks',
    access: 'signed-in',
    summary: 'Compile without saving: errors or summary, digest, readiness',
    body: z.strictObject({ source: z.string().max(262_144) }),
    answer: z.strictObject({
      ok: z.boolean(),
      errors: z.array(WorkflowError),
      digest: Sha256.nullable(),
      summary: z.array(SummarySection),
      missing: z.array(Missing),
    }),
  },
  templates: {
    method: 'GET',
    path: '/api/templates',
    access: 'signed-in',
    summary: 'Workflows to begin with, each with sample events',
    answer: z.strictObject({ templates: z.array(Template) }),
  },
  workflowSchema: {
    method: 'GET',
    path: '/api/workflow-schema',
    access: 'public',
    summary: 'JSON Schema of the workflow language',
    answer: z.record(z.string(), z.unknown()),
  },
  repositories: {
    method: 'GET',
    path: '/api/repositories',
    access: 'signed-in',
    summary: 'Repositories of the workspace',
    answer: z.strictObject({
      repositories: z.array(Repository),
    }),
  },
  addRepository: {
    method: 'POST',
    path: '/api/repositories',
    access: 'admin',
    summary: 'Add a repository',
    body: z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'expected owner/name'),
      url: z.string().max(2_000),
      defaultBranch: z.string().max(200).default('main'),
    }),
    answer: z.strictObject({ id: z.string() }),
    status: 201,
  },
  changeRepository: {
    method: 'PUT',
    path: '/api/repositories/:repository',
    access: 'admin',
    summary:
      'Change the address or default branch of a repository (runs that have started keep those they started with), or how much may be done in it at once',
    params: z.strictObject({ repository: z.string() }),
    body: z.strictObject({
      url: z.string().max(2_000).optional(),
      defaultBranch: z.string().max(200).optional(),
      atOnce: AtOnce.nullable().optional(),
    }),
    answer: Repository,
  },
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
    body: z.strictObject({ name: z.string().min(1).max(80) }),
    answer: z.strictObject({ source: Source, secret: z.string() }),
    status: 201,
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
    summary: 'What came in',
    query: z.strictObject({
      q: z.string().max(200).optional(),
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
    }),
  },
  backtest: {
    method: 'POST',
    path: '/api/backtests',
    access: 'signed-in',
    summary: 'What a workflow would have started over the events that came in last; nothing is started',
    body: z.strictObject({
      source: z.string().max(262_144),
      limit: z.int().min(1).max(10_000).default(1_000),
    }),
    answer: BacktestView,
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
