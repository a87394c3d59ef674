/** Which routes are about workflows and repositories? */
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
/** `notes`: channels, teams, projects and repositories in it that their tool does not show, and those that nobody could look at. */
const SavedWorkflow = z.strictObject({ ...WorkflowItem.shape, notes: z.array(z.string()) })
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
const AgentSettings = z.enum(['off', 'base'])
const Repository = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  defaultBranch: z.string(),
  /** null: any number of pieces of work at once. */
  atOnce: AtOnce.nullable(),
  /** `base`: agents may load its own settings, as they are on its default branch, where the runner trusts it too. `off`: never. */
  agentSettings: AgentSettings,
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
    answer: SavedWorkflow,
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
      'Change the address or default branch of a repository (runs that have started keep those they started with), how much may be done in it at once, or whether agents may load the settings that lie in it',
    params: z.strictObject({ repository: z.string() }),
    body: z.strictObject({
      url: z.string().max(2_000).optional(),
      defaultBranch: z.string().max(200).optional(),
      atOnce: AtOnce.nullable().optional(),
      agentSettings: AgentSettings.optional(),
    }),
    answer: Repository,
  },
  removeRepository: {
    method: 'DELETE',
    path: '/api/repositories/:repository',
    access: 'admin',
    summary:
      'Remove a repository that no run works in: workflows that name it are not ready any more, and runners lose their leave to use it',
    params: z.strictObject({ repository: z.string() }),
    answer: 'none',
  },
})
