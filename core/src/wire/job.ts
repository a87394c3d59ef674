/**
 * What is a runner asked to do?
 * The payload of a lease, one form per kind of work. It never holds a credential.
 */
import { z } from 'zod'
import { GitId, Sha256 } from '../ids.ts'
import { BodyRef } from '../digest/body.ts'
import { Change } from '../gate/subject.ts'
import { ContextWish, RepoUse } from '../workflow/compiled.ts'
import { TriggerEvent } from '../event/trigger-event.ts'

/** A repository as the runner must fetch it. commit null: resolve the ref now and report `pinned`. */
export const JobRepo = z.strictObject({
  name: z.string(),
  url: z.string(),
  ref: z.string(),
  commit: GitId.nullable(),
  use: RepoUse,
  /** An admin lets its own settings for agents be loaded, as they are at the pinned commit (of its default branch); the runner must trust it too. */
  agentSettings: z.literal('base').optional(),
})

/** What a person or a check said about the last round. */
export const Feedback = z.strictObject({
  from: z.string(), // "@jess", "checks"
  kind: z.enum(['comment', 'checks', 'answer', 'command']),
  text: z.string(),
  lines: z.array(z.strictObject({ path: z.string(), line: z.int(), side: z.enum(['old', 'new']), text: z.string() })),
  body: BodyRef.nullable(), // e.g. the failing check's output, at the edge
  /** Somebody else than `from` may have changed the words: a person read them, as they stand here, before they were given. */
  outside: z.literal(true).optional(),
})
export type Feedback = z.infer<typeof Feedback>

const limits = z.strictObject({
  seconds: z.int().positive(),
  tokens: z.number().nullable(),
  usdMicros: z.number().nullable(),
})

/** The hosts that the step may reach, of those that the runner allows; absent: all of these. */
const hosts = z.array(z.string().max(300)).max(200).optional()

export const AgentJob = z.strictObject({
  kind: z.literal('agent'),
  mode: z.enum(['plan', 'read', 'edit', 'review']),
  agent: z.string(),
  model: z.string().max(120).optional(), // the model that the step asks for; absent: the agent's own choice
  title: z.string(),
  prompt: z.string().nullable(), // the workflow's own words for the step
  event: TriggerEvent, // untrusted text; given to the agent as quoted data
  inputs: z.record(z.string(), z.unknown()),
  repos: z.array(JobRepo),
  /** the tree to start from: the last round's or the reviewed step's change; null = the pinned base */
  start: Change.nullable(),
  plan: z.strictObject({ body: BodyRef, files: z.array(z.string()) }).nullable(), // the approved plan it carries out
  feedback: z.array(Feedback),
  resume: z
    .strictObject({
      session: z.string(),
      answers: z.array(z.strictObject({ ask: z.string(), allow: z.boolean(), text: z.string().nullable() })),
    })
    .nullable(),
  context: z.array(ContextWish),
  contextTokens: z.int().positive(),
  commands: z.strictObject({ allow: z.array(z.string()), ask: z.array(z.string()), deny: z.array(z.string()) }),
  branch: z.string(), // refs/heads/vp/… the only ref a push may name
  /** An action takes what the agent writes outside: the text comes with the result. Absent: it stays in its body. */
  tell: z.literal(true).optional(),
  hosts,
  /** Outside text reached the run, and nobody let it write: no secret of a tool is handed to the step. */
  tainted: z.literal(true).optional(),
  limits,
})
export const ChecksJob = z.strictObject({
  kind: z.literal('checks'),
  round: z.int().positive(),
  commands: z.array(z.string()).nullable(),
  repos: z.array(JobRepo),
  change: Change.nullable(),
  baseline: z.boolean(),
  /** It gets no secret: a rehearsal does nothing outside. */
  tainted: z.literal(true).optional(),
  hosts,
  limits,
})
/** What a text about a change may say of it. */
export const ToldOfChange = z.strictObject({
  title: z.string(),
  approvedBy: z.array(z.string()),
  checks: z.string().nullable(),
  source: z.strictObject({ label: z.string(), url: z.string().nullable() }),
})
export const EffectJob = z.strictObject({
  kind: z.literal('effect'),
  intent: z.string(),
  key: Sha256,
  action: z.string(), // git.push, git.merge
  attempt: z.int().positive(),
  digest: Sha256, // of what was approved
  params: z.record(z.string(), z.unknown()),
  change: Change.nullable(),
  repos: z.array(JobRepo),
  limits,
  /** It is done at a tool, with a credential that the runner holds. What is not here is as in the job: parameters, change, repositories. */
  outside: z
    .strictObject({
      tool: z.string(),
      /** Nothing in its settings is secret. `at`: the address that its credential belongs to. */
      connection: z.strictObject({
        id: z.string(),
        name: z.string(),
        at: z.string(),
        settings: z.record(z.string(), z.string()),
      }),
      target: z.string(),
      commit: z.string().nullable(),
      opened: z.string().nullable(),
      told: ToldOfChange,
      page: z.string(),
      /** As in an effect; only there where it is not the first. */
      depth: z.int().optional(),
      home: z.string().nullable(),
    })
    .optional(),
  /** The run was stopped after an earlier attempt had begun: find out whether it happened, and do nothing. */
  lookOnly: z.boolean().optional(),
})
export const Job = z.discriminatedUnion('kind', [AgentJob, ChecksJob, EffectJob])
export type Job = z.infer<typeof Job>
export type AgentJob = z.infer<typeof AgentJob>
export type ChecksJob = z.infer<typeof ChecksJob>
export type EffectJob = z.infer<typeof EffectJob>
export type JobRepo = z.infer<typeof JobRepo>

/** Params of git.push: which ref gets which tree of the change. `expect` = the remote's old value, null = must not exist. */
export const PushParams = z.strictObject({
  repo: z.string(),
  ref: z.string(),
  expect: GitId.nullable(),
  message: z.string().nullable(),
})
/** Params of git.merge: `ref` into `into`, only when `ref` still holds the change's tree; `fast_forward`: never a merge commit. */
export const MergeParams = z.strictObject({
  repo: z.string(),
  ref: z.string(),
  into: z.string(),
  title: z.string(),
  change: z.string(),
  method: z.enum(['merge', 'fast_forward']).default('merge'),
})
