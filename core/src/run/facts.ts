/**
 * Which facts can a run hold?
 * The vocabulary of the ledger: every change of a run is one of these. It never says what follows from a fact.
 */
import { z } from 'zod'
import { GitId, Millis, Sha256 } from '../ids.ts'
import { BodyRef } from '../digest/body.ts'
import { Change, CommandPlace, Subject, gateKinds } from '../gate/subject.ts'
import { asked, excerpt, metadata, paths } from '../wire/level.ts'
import { ForgeAccount, ReviewLine, reviewVerdicts } from './pull-seen.ts'
import { RunSpec } from './spec.ts'
import { wallLevels } from './wall-level.ts'

/** Who did it. A runner speaks for the agent it ran. */
export const Actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('runner'), id: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('outside'), id: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('system') }),
])
export type Actor = z.infer<typeof Actor>

/** How a person was known when deciding. `sample` is `--yes` in the sample workspace; `forge` an approval there, by the account that is mapped to them. */
export const Via = z.strictObject({
  surface: z.enum(['web', 'cli', 'api', 'slack', 'sample', 'forge']),
  auth: z.enum(['session', 'token', 'passkey', 'sample', 'account']),
})
export type Via = z.infer<typeof Via>

/** What of a sum one model used, as the model gateway counted it. `model`: as the provider called it in its answers. */
export const ModelUse = z.strictObject({
  provider: metadata(z.string().max(40)),
  model: metadata(z.string().max(120)),
  requests: z.int().positive(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative(),
  usdMicros: z.int().nonnegative().nullable(),
})
export type ModelUse = z.infer<typeof ModelUse>

/** Sums of a step. null = cannot be known, never zero. `usdMicros` = millionths of a dollar. */
export const Usage = z.strictObject({
  inputTokens: z.int().nonnegative().nullable(),
  outputTokens: z.int().nonnegative().nullable(),
  cachedTokens: z.int().nonnegative().nullable(),
  usdMicros: z.int().nonnegative().nullable(),
  source: z.enum(['gateway', 'agent', 'unavailable', 'none']),
  /** What nobody told or priced, as the runner reckons it: it counts against the budget beside the sums above, and is no cost. */
  estimated: z.strictObject({ tokens: z.int().nonnegative(), usdMicros: z.int().nonnegative() }).optional(),
  /** By model, most tokens first, where the gateway saw them; absent: nobody saw which. */
  models: z.array(ModelUse).max(20).optional(),
})
export type Usage = z.infer<typeof Usage>

/** How the processes of a step are held: by a pid namespace, or only by a sweep after it; walls by name. */
export const Isolation = z.strictObject({
  level: z.enum(wallLevels),
  processes: z.enum(['pid-namespace', 'sweep']),
  modelGateway: z.boolean(),
  gitGateway: z.boolean(),
  network: z.enum(['open', 'listed', 'none']),
})
export type Isolation = z.infer<typeof Isolation>

/** Counts read from a test runner's output, where it could be read. */
export const TestCounts = z.strictObject({ passed: z.int().nonnegative(), failed: z.int().nonnegative() })

/** A failure as a document. */
export const Failure = z.strictObject({
  code: metadata(z.string().max(60)),
  class: z.enum(['agent', 'checkout', 'checks', 'policy', 'runner', 'budget', 'effect', 'cancelled']),
  summary: excerpt(z.string().max(2_000)),
  check: excerpt(z.string().max(2_000)),
  retrySafe: z.boolean(),
  started: z.boolean(),
})
export type Failure = z.infer<typeof Failure>

/** A section the agent was given. No body: refs, digest, lines and the reason by score parts. */
export const ContextItem = z.strictObject({
  id: metadata(z.string().max(80)), // ctx-1: the label the agent cites
  repo: metadata(z.string()),
  path: paths(z.string()),
  commit: metadata(z.string()),
  title: excerpt(z.string().max(300)),
  lines: z.tuple([z.int().positive(), z.int().positive()]),
  digest: Sha256,
  tokens: z.int().nonnegative(),
  wish: paths(z.string()), // the name or path that asked for it
  pinned: z.boolean(),
  score: z.record(metadata(z.string()), z.number()), // parts: words, path, recency …
})
export type ContextItem = z.infer<typeof ContextItem>

export const CheckOutcome = z.strictObject({
  command: asked(z.string()),
  exit: z.int().nullable(),
  millis: z.int().nonnegative(),
  tests: TestCounts.nullable(),
  log: BodyRef.nullable(),
})

/** What the agent wrote at its end, where an action of the workflow takes it outside; at the runner it is in the body. */
const toldText = excerpt(z.string().max(20_000)).optional()

/** What a step brought, by the kind of step. Bodies by reference. */
export const StepResult = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('plan'),
    body: BodyRef,
    files: z.array(paths(z.string().max(4_096))).max(1_000),
    steps: z.int().nonnegative(),
    title: excerpt(z.string().max(300)).nullable(),
    text: toldText,
  }),
  z.strictObject({
    kind: z.literal('change'),
    change: Change.nullable(),
    patch: BodyRef.nullable(),
    summary: BodyRef.nullable(),
    text: toldText,
  }), // change null: nothing was changed
  z.strictObject({ kind: z.literal('text'), body: BodyRef, text: toldText }), // read, review
  z.strictObject({
    kind: z.literal('checks'),
    found: z.boolean(),
    passed: z.boolean(),
    round: z.int().positive(),
    tree: GitId,
    commands: z.array(CheckOutcome).max(200),
    baseline: z.array(CheckOutcome).max(200).nullable(),
  }),
])
export type StepResult = z.infer<typeof StepResult>

/** Through which connection the control plane does an effect. `account`: by the tool's id of it; `instead`: the one that the run used before and that is gone, by name. */
export const Through = z.strictObject({
  connection: metadata(z.string()),
  name: metadata(z.string()),
  account: metadata(z.string()).nullable(),
  instead: metadata(z.string()).optional(),
})
export type Through = z.infer<typeof Through>

/** What an effect did, as observed: the provider's own id and link. */
export const Receipt = z.strictObject({
  provider: metadata(z.string()),
  id: metadata(z.string()),
  url: paths(z.string()).nullable(),
  observed: metadata(z.record(z.string(), z.unknown())),
  readBack: z.boolean(),
})
export type Receipt = z.infer<typeof Receipt>

const step = { step: z.string() }
const attempt = { ...step, attempt: z.int().positive(), epoch: z.int().positive() }

/** Data of every fact type. `noun.verbed`. */
export const factSchemas = {
  'run.started': z.strictObject({
    number: z.int().positive(),
    spec: RunSpec,
    specDigest: Sha256,
    delivery: z.string().nullable(),
    tainted: z.boolean(),
  }),
  /** A person said where the event is worked on: the place in `spec.routing.options`, by the answer to this gate. */
  'run.routed': z.strictObject({ option: z.int().nonnegative(), gate: z.string(), label: z.string().max(500) }),
  'run.cancel_requested': z.strictObject({ reason: z.string().max(2_000) }),
  'run.moved': z.strictObject({ from: z.string(), to: z.string().nullable() }), // a person moved it to another runner
  'run.finished': z.strictObject({
    outcome: z.enum(['succeeded', 'rejected', 'failed', 'cancelled']),
    why: z.string().max(2_000),
  }),
  'repo.pinned': z.strictObject({ repo: z.string(), ref: z.string(), commit: GitId }),
  'step.started': z.strictObject({
    ...attempt,
    round: z.int().positive(),
    agent: z.strictObject({ name: z.string(), version: z.string().nullable(), tested: z.boolean() }).nullable(),
    isolation: Isolation,
    resumed: z.boolean(),
  }),
  'context.resolved': z.strictObject({
    ...attempt,
    items: z.array(ContextItem).max(200),
    missing: z.array(z.strictObject({ wish: z.string(), why: z.string() })),
    tokens: z.int().nonnegative(),
  }),
  /** What of a repository's own settings for agents the attempt loaded, byte for byte as at `commit`. `why`: nothing, and why. */
  'settings.resolved': z.strictObject({
    ...attempt,
    repo: z.string(),
    commit: GitId,
    files: z.array(z.strictObject({ path: z.string().max(300), digest: Sha256 })).max(20),
    hooks: z.int().nonnegative(),
    servers: z.array(z.string().max(80)).max(50),
    /** Parts of them that are never loaded, in words. */
    left: z.array(z.string().max(300)).max(50),
    why: z.string().max(500).nullable(),
  }),
  'context.cited': z.strictObject({
    ...attempt,
    used: z.array(z.string()),
    unused: z.array(z.string()),
    unknown: z.array(z.string()),
  }),
  'push.recorded': z.strictObject({
    ...attempt,
    repo: z.string(),
    ref: z.string(),
    change: Change,
    patch: BodyRef,
    argv: z.array(z.string()),
  }),
  'ask.recorded': z.strictObject({
    ...attempt,
    ask: z.string(),
    argv: z.array(z.string()).nullable(),
    cwd: z.string().nullable(),
    where: CommandPlace.optional(),
    reason: z.string().max(2_000).nullable(),
    question: BodyRef.nullable(),
    choices: z.array(z.string().max(200)).max(20),
  }),
  'step.parked': z.strictObject({ ...attempt, session: z.string().max(300), usage: Usage }),
  'step.finished': z.strictObject({
    ...attempt,
    result: StepResult,
    usage: Usage,
    log: BodyRef.nullable(),
    session: z.string().max(300).nullable(),
    millis: z.int().nonnegative(),
  }),
  'step.failed': z.strictObject({
    ...attempt,
    failure: Failure,
    usage: Usage,
    log: BodyRef.nullable(),
    millis: z.int().nonnegative(),
  }),
  'step.lost': z.strictObject({ ...attempt, runner: z.string(), why: z.string() }),
  'step.reopened': z.strictObject({
    ...step,
    round: z.int().positive(),
    because: z.enum(['changes_requested', 'checks_failed', 'answer', 'restart', 'review', 'ci']),
    gate: z.string().nullable(),
  }),
  'gate.opened': z.strictObject({
    gate: z.string(),
    kind: z.enum(gateKinds),
    name: z.string(),
    step: z.string(),
    gateStep: z.string().nullable(),
    ask: z.string().nullable(),
    round: z.int().positive(),
    subject: Subject,
    digest: Sha256,
    body: BodyRef.nullable(),
    approvers: z.array(z.string()).min(1),
    required: z.int().positive(),
    exclude: z.array(z.string()),
    excluded: z.array(z.strictObject({ person: z.string(), why: z.string() })),
    expiresAt: Millis.nullable(),
    onExpiry: z.union([z.literal('reject'), z.strictObject({ escalate: z.array(z.string()) })]),
    remindAt: Millis.nullable(),
    why: z.string().max(1_000),
    /** Approvals of exactly the same, given here at a gate that closed because checks ran again: they stand, and nobody is asked twice. */
    kept: z.strictObject({ gate: z.string(), people: z.array(z.string()).min(1).max(100) }).optional(),
  }),
  /** `as`: the approver of the gate (`team:payments`) that the person held when deciding; teams change, the fact does not. */
  'decision.made': z.strictObject({
    gate: z.string(),
    as: z.string().max(200),
    verdict: z.enum(['approve', 'request_changes', 'reject', 'answer']),
    digest: Sha256,
    via: Via,
    comment: z.string().max(20_000).nullable(),
    lines: z
      .array(
        z.strictObject({
          path: z.string(),
          line: z.int().positive(),
          side: z.enum(['old', 'new']),
          text: z.string().max(5_000),
        }),
      )
      .max(200),
    answer: z.strictObject({ choice: z.string(), text: z.string().max(5_000).nullable() }).nullable(),
    selfApproved: z.boolean(),
  }),
  'decision.withdrawn': z.strictObject({ gate: z.string(), via: Via }),
  'decision.refused': z.strictObject({
    gate: z.string(),
    code: z.string(),
    words: z.string(),
    digest: z.string().nullable(),
    via: Via,
  }),
  'gate.reminded': z.strictObject({ gate: z.string() }),
  'gate.escalated': z.strictObject({ gate: z.string(), approvers: z.array(z.string()) }),
  'gate.closed': z.strictObject({
    gate: z.string(),
    outcome: z.enum(['approved', 'changes_requested', 'rejected', 'answered', 'expired', 'superseded', 'cancelled']),
    why: z.string().max(1_000),
  }),
  'intent.proposed': z.strictObject({
    intent: z.string(),
    action: z.string(),
    step: z.string(),
    key: Sha256,
    params: z.record(z.string(), z.unknown()),
    change: Change.nullable(),
    digest: Sha256,
    target: z.string(),
    at: z.enum(['runner', 'server']),
  }),
  'intent.approved': z.strictObject({ intent: z.string(), gate: z.string().nullable(), rule: z.string() }), // gate null: the workflow opted out in words
  /** In a rehearsal: what was shown is not done, and nobody will. */
  'intent.rehearsed': z.strictObject({ intent: z.string(), gate: z.string().nullable() }),
  'effect.started': z.strictObject({
    intent: z.string(),
    attempt: z.int().positive(),
    epoch: z.int().positive().nullable(),
    through: Through.optional(), // absent: a runner does it, with the credential that the spec pins; or it is done in Viewport alone
  }),
  'effect.succeeded': z.strictObject({
    intent: z.string(),
    attempt: z.int().positive(),
    receipt: Receipt,
    reconciled: z.boolean(),
  }),
  'effect.failed': z.strictObject({ intent: z.string(), attempt: z.int().positive(), failure: Failure }),
  'effect.unknown': z.strictObject({ intent: z.string(), attempt: z.int().positive(), why: z.string() }),
  /** A person closes an effect that failed or stayed unknown. `done`: they saw it at the tool; a word of theirs, no receipt. */
  'effect.settled': z.strictObject({
    intent: z.string(),
    how: z.enum(['done', 'given_up']),
    gate: z.string().nullable(), // null: the run had ended, so that no gate asks
    url: z.string().max(2_000).nullable(),
    reason: z.string().max(5_000),
  }),
  'change.opened': z.strictObject({
    id: z.string(),
    repo: z.string(),
    ref: z.string(),
    into: z.string(),
    title: z.string().max(300),
    /** Text of the change, as the workflow wrote it with its places filled; outside text in it is quoted. */
    body: z.string().max(20_000).optional(),
    change: Change,
    intent: z.string(),
  }),
  'change.merge_requested': z.strictObject({ id: z.string(), digest: Sha256, as: z.string().max(200), via: Via }),
  'change.merged': z.strictObject({ id: z.string(), commit: GitId, intent: z.string() }),
  'change.abandoned': z.strictObject({ id: z.string(), why: z.string() }),
  /** The work was done and goes on: something was said of the pull request, or of the change, that sends a step back. */
  'run.resumed': z.strictObject({ because: z.enum(['review', 'ci']) }),
  /** Text of somebody outside reached the run after it had started. */
  'run.tainted': z.strictObject({
    why: z.string().max(1_000),
    account: z.string().max(200),
    text: z.string().max(24_000),
  }),
  /** A breaker tripped when it was to start: it waits for a person before anything begins. */
  'run.held': z.strictObject({ limit: z.enum(['starts', 'chain']), why: z.string().max(1_000) }),
  /** A review of the pull request, or of the change in Viewport (`tool` viewport), in the words it had then. `acted`: it sends the step back. */
  'review.heard': z.strictObject({
    tool: z.string().max(40),
    ref: z.string().max(500),
    review: z.string().max(100),
    ...ForgeAccount.shape,
    verdict: z.enum(reviewVerdicts),
    head: GitId.nullable(),
    text: z.string().max(20_000),
    lines: z.array(ReviewLine).max(200),
    url: z.string().max(2_000).nullable(),
    acted: z.boolean(),
    why: z.string().max(300),
    /** Somebody else may have changed these words, and they send the step back: what of them a person reads first, and agents are given. */
    outside: z.strictObject({ text: z.string().max(20_000), lines: z.array(ReviewLine).max(200) }).optional(),
    /** The runner of the run told of them, and they send the step back: what of them agents are given, and a person reads before another machine gets it. */
    given: z.strictObject({ text: z.string().max(20_000), lines: z.array(ReviewLine).max(200) }).optional(),
  }),
  /** A report of CI told of the commit that the run pushed, by CI's own token: how a job ended there. */
  'check.told': z.strictObject({
    /** Whole, but where it came too early: then as CI told it. */
    head: metadata(z.string().regex(/^[0-9a-f]{7,64}$/, 'expected the id of a commit')),
    /** The push under way, by its intent, whose receipt is to say whether this is told of its commit. */
    early: z.string().max(100).optional(),
    /** The connection to CI by which it came. */
    connection: z.string().max(100),
    /** Digest of what CI itself calls the job, the leg of a matrix and what was built; absent before that was kept: then `name` tells jobs apart. */
    job: z.string().max(64).optional(),
    /** For people. */
    name: z.string().max(200),
    state: z.enum(['passed', 'failed']),
    /** A pass takes back the failure of an earlier build or attempt. */
    takesBack: z.literal(true).optional(),
    url: z.string().max(2_000).nullable(),
    /** What the report says, both ends of it: outside text. */
    text: z.string().max(10_000),
    /** Of the build, and which attempt at it, where CI says so. */
    number: z.int().nonnegative().nullable(),
    attempt: z.int().nonnegative().nullable(),
  }),
  /** How the forge's checks of exactly this commit ended, with failures that CI told by itself. `none`: it reports none. `unfinished`: some take too long to be waited for. `running`: they had ended, and some run again. */
  'checks.heard': z.strictObject({
    tool: z.string().max(40),
    ref: z.string().max(500),
    head: GitId,
    /** `unseen`: the forge does not show all of them to the connection; nobody knows whether they passed. */
    outcome: z.enum(['passed', 'failed', 'none', 'unfinished', 'unseen', 'running']),
    /** Of `unseen`: what is not shown, and what would show it. */
    why: z.string().max(500).optional(),
    total: z.int().nonnegative(),
    failed: z
      .array(
        z.strictObject({
          name: z.string().max(300),
          conclusion: z.string().max(80),
          url: z.string().max(2_000).nullable(),
          text: z.string().max(10_000),
          /** CI told of it by its own token: its text is outside text. */
          told: z.literal(true).optional(),
        }),
      )
      .max(50),
    acted: z.boolean(),
  }),
  /** `head`: the commit of its branch that was merged. `unapproved`: nobody approved that here, because somebody else pushed it, or because no gate had said yes to it. */
  'pull.merged': z.strictObject({
    ref: z.string().max(500),
    name: z.string().max(200),
    commit: GitId.nullable(),
    head: GitId.optional(),
    unapproved: z.enum(['foreign', 'undecided']).optional(),
  }),
  'pull.closed': z.strictObject({ ref: z.string().max(500), name: z.string().max(200) }),
  'pull.reopened': z.strictObject({ ref: z.string().max(500) }),
  /** Somebody else pushed to its branch: what stands there was approved by nobody here. */
  'pull.moved': z.strictObject({ ref: z.string().max(500), head: GitId }),
  'pull.reverted': z.strictObject({ ref: z.string().max(500), commit: GitId, url: z.string().max(2_000).nullable() }),
  /** Something expected was refused, or a late write of a superseded attempt arrived. Kept as evidence. */
  'refusal.recorded': z.strictObject({
    code: z.string(),
    words: z.string(),
    step: z.string().nullable(),
    about: z.record(z.string(), z.unknown()),
  }),
} as const satisfies Record<string, z.ZodType>

export type FactType = keyof typeof factSchemas
export type FactOf<T extends FactType> = z.infer<(typeof factSchemas)[T]>
/** A fact before it has a place: type, data, who. */
export type Draft<T extends FactType = FactType> = T extends FactType ? { type: T; data: FactOf<T>; by: Actor } : never
/** A fact in its run: position from 1, time by the control plane's clock. */
export type Fact<T extends FactType = FactType> = T extends FactType
  ? { v: 1; run: string; seq: number; at: number; type: T; by: Actor; data: FactOf<T> }
  : never

const envelope = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  seq: z.int().positive(),
  at: Millis,
  type: z.string(),
  by: Actor,
  data: z.unknown(),
})

/** Reads a stored fact's exact text. Throws on an unknown type or invalid data (a fault: the ledger only holds valid facts). */
export const readFact = (text: string): Fact => {
  const raw = envelope.parse(JSON.parse(text))
  const schema = (factSchemas as Record<string, z.ZodType>)[raw.type]
  if (!schema) throw new Error(`unknown fact type ${raw.type}`)
  return { ...raw, data: schema.parse(raw.data) } as Fact
}

/** The exact text of a fact that is stored, hashed and signed. Key order is fixed here once. */
export const factText = (fact: Fact): string =>
  JSON.stringify({ v: 1, run: fact.run, seq: fact.seq, at: fact.at, type: fact.type, by: fact.by, data: fact.data })
