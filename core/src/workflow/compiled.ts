/**
 * What does a workflow mean once every default is written out?
 * The compiler's output and the input of every run. Frozen inside the run spec; it never refers to the source text.
 */
import { z } from 'zod'
import { wallLevels } from '../run/wall-level.ts'
import { statusTools } from './status-places.ts'

const name = z.string().max(80)
/** States are read by these names, so none may be a name that every object has. */
export const stepIdForm = /^(?!constructor$)[a-z][a-z0-9_-]{0,39}$/
export const workflowNameForm = /^[a-z][a-z0-9-]{0,62}$/
const StepId = z.string().regex(stepIdForm)

/** One condition on a field of the event. */
export const Condition = z.union([
  z.strictObject({ is: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1) }), // any of
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ contains: z.string() }),
  z.strictObject({ glob: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ gt: z.number() }),
  z.strictObject({ lt: z.number() }),
  z.strictObject({ not: z.unknown() }), // another condition; checked by the compiler
])
export type Condition = z.infer<typeof Condition>

export const Trigger = z.strictObject({
  tool: z.string(),
  event: z.string(),
  where: z.record(z.string(), Condition),
  /** Who may start: `members`, `team:x`, `user:x`, `collaborators`, `anyone`, `bots:ID`. */
  startedBy: z.array(z.string()).min(1),
  /** May the product's own comments and changes wake it? */
  ownEvents: z.boolean(),
  inputs: z.record(
    z.string(),
    z.strictObject({
      type: z.enum(['string', 'number', 'boolean']),
      required: z.boolean(),
      default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
      description: z.string().nullable(),
    }),
  ),
})
export type Trigger = z.infer<typeof Trigger>

export const RepoUse = z.strictObject({
  name: z.string(),
  ref: z.string().nullable(), // null: the repository's default branch
  /** From the branch or pull request that the event is about, where it is about one of this repository. */
  fromEvent: z.literal(true).optional(),
  access: z.enum(['read', 'write']),
  write: z.array(z.string()), // globs that may change; ["**"] by default
  protect: z.array(z.string()), // globs that need one approver more
})
export type RepoUse = z.infer<typeof RepoUse>

/** Where an event is worked on. null: what the workflow says besides. */
export const RoutePlace = z.strictObject({
  repo: z.string().nullable(),
  team: z.string().nullable(),
  pool: z.string().nullable(),
  agent: name.nullable(),
})
export type RoutePlace = z.infer<typeof RoutePlace>
/** Rows that choose the place from the event; `otherwise`: what holds where none fits. */
export const Route = z.strictObject({
  rows: z.array(z.strictObject({ when: z.record(z.string(), Condition), place: RoutePlace })),
  otherwise: z.union([z.literal('ask'), RoutePlace]),
})
export type Route = z.infer<typeof Route>

/** A wish for context: a name from `.viewport/context.yaml`, paths of a repository, or history. */
export const ContextWish = z.union([
  z.strictObject({ kind: z.literal('name'), name: z.string() }),
  z.strictObject({
    kind: z.literal('paths'),
    repo: z.string(),
    paths: z.array(z.string()).min(1),
    max: z.int().positive().nullable(),
  }),
  z.strictObject({ kind: z.literal('history'), of: z.string() }),
])
export type ContextWish = z.infer<typeof ContextWish>

const common = { id: StepId, needs: z.array(StepId) }

export const AgentStep = z.strictObject({
  ...common,
  kind: z.literal('agent'),
  agent: name.nullable(), // null: the workspace's default for the mode, else the first capable in the pool
  model: z.string().max(120).optional(), // as its provider calls it; absent: the agent's own choice
  mode: z.enum(['plan', 'read', 'edit', 'review']),
  prompt: z.string().nullable(),
  follows: StepId.nullable(), // whose approved plan it carries out
  of: StepId.nullable(), // what it reviews
  commands: z.strictObject({ allow: z.array(z.string()), ask: z.array(z.string()), deny: z.array(z.string()) }),
  context: z.array(ContextWish).nullable(), // narrows the workflow's context; null: all of it
  restart: z.enum(['ask', 'auto']),
})
export const RunStep = z.strictObject({
  ...common,
  kind: z.literal('run'),
  of: StepId, // whose tree is checked
  commands: z.array(z.string()).nullable(), // null: the repository's own checks
  fixWith: StepId.nullable(),
  maxRounds: z.int().min(0).max(20),
  baseline: z.boolean(), // also run on the base, so that people see red before, green after
  restart: z.enum(['ask', 'auto']),
})
export const GateStep = z.strictObject({
  ...common,
  kind: z.literal('gate'),
  gate: z.enum(['plan', 'change', 'action', 'context']),
  name: z.string(), // plan_review, pr_approval
  of: StepId,
  approvers: z.array(z.string()).min(1), // team:x, user:x, role:x, codeowners
  required: z.int().min(1).max(20),
  exclude: z.array(z.enum(['requester', 'author', 'runner_owner', 'plan_editor'])),
  expiresAfterSeconds: z.int().positive().nullable(),
  onExpiry: z.union([z.literal('reject'), z.strictObject({ escalate: z.array(z.string()).min(1) })]),
  onReject: z.enum(['stop', 'revise', 'continue']),
  maxRounds: z.int().min(0).max(20), // how often *request changes* may send the step back
  remindAfterSeconds: z.int().positive().nullable(),
})
export const ActionStep = z.strictObject({
  ...common,
  kind: z.literal('action'),
  action: z.string(), // github.open_pr, git.open_change
  of: StepId.nullable(),
  params: z.record(z.string(), z.unknown()),
})
export const RememberStep = z.strictObject({
  ...common,
  kind: z.literal('remember'),
  text: z.string(),
  approvers: z.array(z.string()).min(1),
})

export const Step = z.discriminatedUnion('kind', [AgentStep, RunStep, GateStep, ActionStep, RememberStep])
export type Step = z.infer<typeof Step>
export type AgentStep = z.infer<typeof AgentStep>
export type RunStep = z.infer<typeof RunStep>
export type GateStep = z.infer<typeof GateStep>
export type ActionStep = z.infer<typeof ActionStep>

export const Compiled = z.strictObject({
  language: z.literal(1),
  name: z.string().regex(workflowNameForm),
  description: z.string().nullable(),
  team: z.string().nullable(),
  triggers: z.array(Trigger),
  /** With `route`, every repository that a row leads to is among them; a run has the one that was chosen. */
  repos: z.array(RepoUse),
  /** Absent: every event is worked on in the same place. */
  route: Route.optional(),
  context: z.array(ContextWish),
  budget: z.strictObject({
    usd: z.number().positive().nullable(),
    tokens: z.number().positive().nullable(),
    seconds: z.int().positive(),
  }),
  concurrency: z
    .strictObject({ key: z.string(), limit: z.int().positive(), whenFull: z.enum(['queue', 'replace', 'skip']) })
    .nullable(),
  /** In order; `needs` is explicit for every step. The first write repository is the one a change goes to. */
  steps: z.array(Step).min(1),
  runner: z.strictObject({
    pool: z.string().nullable(),
    isolation: z.enum(wallLevels).nullable(),
    requires: z.array(z.string()),
  }),
  /** Hosts that agents and checks may reach, of those that the runner allows; a key that is absent: all of these. */
  network: z
    .strictObject({ agents: z.array(z.string()).optional(), checks: z.array(z.string()).optional() })
    .optional(),
  /** When it trips: starts by one subject in so many seconds, runs in a chain of causes, rounds without a change; absent: the defaults. */
  breaker: z
    .strictObject({
      starts: z.int().min(1).max(1_000),
      withinSeconds: z.int().positive(),
      chain: z.int().min(1).max(20),
      unchanged: z.int().min(1).max(20),
      cooldownSeconds: z.int().positive(),
    })
    .optional(),
  /** How often actions may be done, where the workflow writes it: in one run, and in any hour by this workflow. */
  caps: z
    .record(
      z.string(),
      z.strictObject({ run: z.int().nonnegative().optional(), hour: z.int().nonnegative().optional() }),
    )
    .optional(),
  /** Tools at which a message says how a run goes, where its work came from; absent: as usual (status-places.ts). */
  status: z.array(z.enum(statusTools)).optional(),
})
export type Compiled = z.infer<typeof Compiled>
