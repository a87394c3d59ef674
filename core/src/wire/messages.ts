/**
 * What do a runner and the control plane say to each other?
 * One set of messages for every transport (paths are for HTTPS). Durations travel, never times. It never carries a provider credential.
 *
 * Authentication: `POST /wire/pairings` and `/wire/pairings/poll` carry a DPoP proof (RFC 9449) of the runner's own Ed25519 key;
 * `POST /wire/token` a private_key_jwt (RFC 7523) plus a proof; everything else `Authorization: DPoP <token>` plus a proof with `ath`.
 * Errors are problem documents (RFC 9457) with `code` from core/refusal.
 */
import { z } from 'zod'
import { GitId, Sha256 } from '../ids.ts'
import { BodyRef } from '../digest/body.ts'
import { Change, CommandPlace } from '../gate/subject.ts'
import { ContextItem, Failure, Isolation, Receipt, StepResult, Usage } from '../run/facts.ts'
import { Errand } from './errand.ts'
import { Holding } from './holding.ts'
import { Job } from './job.ts'
import { mostOfOneList } from './json-crowd.ts'
import { asked, excerpt, leavesLevels, metadata, paths } from './level.ts'

/** Ed25519 public key as JWK (RFC 8037). */
export const PublicJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: metadata(z.string().min(40).max(50)),
  kid: metadata(z.string()).optional(),
  alg: metadata(z.string()).optional(),
  use: metadata(z.string()).optional(),
})

export const DetectedAgent = z.strictObject({
  name: metadata(z.string().max(40)),
  version: metadata(z.string().max(80)).nullable(),
  path: paths(z.string().max(500)).nullable(),
  usable: z.boolean(),
  tested: z.boolean(),
  modes: z.array(z.enum(['plan', 'read', 'edit', 'review'])).max(4),
  note: excerpt(z.string().max(500)).nullable(),
  /** Models that it can be given by name; absent: none can be asked of it. Its own choice may be another. */
  models: z
    .array(metadata(z.string().max(120)))
    .max(300)
    .optional(),
})
export type DetectedAgent = z.infer<typeof DetectedAgent>
export const Capabilities = z.strictObject({
  vpd: metadata(z.string()),
  os: metadata(z.string()),
  arch: metadata(z.string()),
  host: paths(z.string().max(255)),
  agents: z.array(DetectedAgent).max(100),
  tools: z.array(z.strictObject({ name: metadata(z.string()), version: metadata(z.string()).nullable() })).max(200),
  isolation: Isolation,
  slots: z.int().min(1).max(256),
  labels: z.array(metadata(z.string().max(80))).max(50),
  mode: z.enum(['persistent', 'ephemeral']),
  transport: z.enum(['polling', 'relay']),
  /** Credentials of tools that are kept there: what is done with them is done there. Absent: none. */
  holds: z.array(Holding).max(200).optional(),
  /** Why it takes no work now although it is there, for people; absent: it does. */
  takesNoWork: metadata(z.string().max(300)).optional(),
})
export type Capabilities = z.infer<typeof Capabilities>

/** `POST /wire/pairings` */
export const PairRequest = z.strictObject({
  key: PublicJwk,
  name: metadata(z.string().max(80)).nullable(),
  pool: metadata(z.string().max(80)).nullable(),
  capabilities: Capabilities,
})
export const PairAnswer = z.strictObject({
  pairing: z.string(),
  code: z.string(),
  words: z.array(z.string()).length(3),
  expiresInSeconds: z.int(),
  pollSeconds: z.int(),
  page: z.string(),
})
/** `POST /wire/pairings/poll` */
export const PairPoll = z.strictObject({ pairing: metadata(z.string()) })
export const PairState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('waiting') }),
  z.strictObject({ state: z.literal('refused'), why: z.string() }),
  z.strictObject({
    state: z.literal('approved'),
    runner: z.string(),
    name: z.string(),
    pool: z.string(),
    workspace: z.strictObject({ id: z.string(), name: z.string() }),
    repositories: z.array(z.string()),
    serverKeys: z.array(PublicJwk),
  }),
])
/** `POST /wire/token` (form of RFC 6749 4.4 as JSON) */
export const TokenRequest = z.strictObject({
  grant_type: z.literal('client_credentials'),
  client_assertion_type: z.literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: metadata(z.string().max(4_000)),
  /** A random word of this start of the program: two that use one key are told apart by it. */
  instance: metadata(z.string().max(80)).optional(),
})
export const TokenAnswer = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('DPoP'),
  expires_in: z.int(),
})

/** `POST /wire/hello`: at start and when capabilities change. */
export const HelloRequest = z.strictObject({
  capabilities: Capabilities,
  holding: z.array(z.strictObject({ lease: metadata(z.string()), epoch: z.int() })).max(1_000),
})
export const HelloAnswer = z.strictObject({
  runner: z.string(),
  name: z.string(),
  pool: z.string(),
  keep: z.array(z.string()),
  leaseSeconds: z.int(),
  beatSeconds: z.int(),
  drain: z.boolean(),
})

/** `POST /wire/keys` (empty object): how the control plane's key was changed, oldest first; each signed by the key before (key-succession.ts). */
export const KeysAnswer = z.strictObject({ successions: z.array(z.string().max(2_000)).max(1_000) })

/** `POST /wire/leases`: long poll, at most 25 s. 204 when nothing fits. The same `request` id gets the same lease again. */
export const LeaseRequest = z.strictObject({
  request: metadata(z.string().max(80)),
  waitSeconds: z.int().min(0).max(25),
  freeSlots: z.int().min(1),
  /** An ephemeral runner keeps to its first run: work of it alone, 409 `run_finished` when it has ended. */
  run: metadata(z.string().max(80)).optional(),
  /** It goes, and the run (with stored bodies) is for others: nothing is offered. */
  leave: z.boolean().optional(),
})
/** The text of the workflow version that the run was started with, what it compiled to, and how many times its budget the run may use. */
export const WorkflowSource = z.strictObject({
  text: z.string().max(262_144),
  digest: Sha256, // of the compiled workflow that the run holds
  budgets: z.int().positive(), // 1, and one more for each time that a person let the run go on
})
export type WorkflowSource = z.infer<typeof WorkflowSource>
export const Lease = z.strictObject({
  lease: z.string(),
  run: z.string(),
  workflow: z.string(),
  step: z.string(),
  attempt: z.int().positive(),
  round: z.int().positive(),
  epoch: z.int().positive(),
  ttlSeconds: z.int().positive(),
  bodies: z.enum(['edge', 'stored']),
  /** `metadata`: short texts stay on the runner. Left out: they may leave, unless its policy says no. */
  leaves: z.enum(leavesLevels).optional(),
  /** JWS (EdDSA, the control plane's pinned key) over {run, step, attempt, epoch, exp} and the sha256 of the RFC 8785 texts of job and source. */
  grant: z.string(),
  job: Job,
  /** What the work comes from, for the runner to compile and compare; null: the control plane has the text no more. */
  source: WorkflowSource.nullable().optional(),
})
export type Lease = z.infer<typeof Lease>
/** `POST /wire/leases/:lease/ack` before anything starts; `…/refuse` when the local policy says no. */
const Epoch = z.int().positive().max(2_147_483_647)
export const AckRequest = z.strictObject({ epoch: Epoch })
export const RefuseRequest = z.strictObject({ epoch: Epoch, failure: Failure })
/** `POST /wire/leases/:lease/beat`: extends the lease; the answer carries cancel and drain. */
export const BeatRequest = z.strictObject({
  epoch: Epoch,
  usage: Usage.nullable(),
  now: excerpt(z.string().max(200)).nullable(),
  logBytes: z.int().nonnegative(),
})
export const BeatAnswer = z.strictObject({ ttlSeconds: z.int(), cancel: z.string().nullable(), drain: z.boolean() })

/** `POST /wire/leases/:lease/reports`: in order, from seq 1 per epoch; the same seq with the same content is accepted again. */
export const Report = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pinned'),
    repo: metadata(z.string()),
    ref: paths(z.string()),
    commit: metadata(z.string()),
  }),
  z.strictObject({
    type: z.literal('started'),
    agent: z
      .strictObject({ name: metadata(z.string()), version: metadata(z.string()).nullable(), tested: z.boolean() })
      .nullable(),
    isolation: Isolation,
    resumed: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('context'),
    items: z.array(ContextItem).max(200),
    missing: z.array(z.strictObject({ wish: paths(z.string()), why: excerpt(z.string()) })).max(1_000),
    tokens: z.int().nonnegative(),
  }),
  /** What of a repository's own settings for agents the attempt loads. `why`: nothing of it, and why. */
  z.strictObject({
    type: z.literal('settings'),
    repo: metadata(z.string()),
    commit: metadata(GitId),
    files: z.array(z.strictObject({ path: paths(z.string().max(300)), digest: Sha256 })).max(20),
    hooks: z.int().nonnegative(),
    servers: z.array(paths(z.string().max(80))).max(50),
    left: z.array(excerpt(z.string().max(300))).max(50),
    why: excerpt(z.string().max(500)).nullable(),
  }),
  z.strictObject({
    type: z.literal('cited'),
    used: z.array(metadata(z.string())).max(200),
    unused: z.array(metadata(z.string())).max(200),
    unknown: z.array(excerpt(z.string())).max(100), // labels that the agent made up
  }),
  z.strictObject({
    type: z.literal('push'),
    repo: metadata(z.string()),
    ref: paths(z.string()),
    change: Change,
    patch: BodyRef,
    argv: z.array(asked(z.string())).max(mostOfOneList),
  }),
  /** An agent asks: opens a gate. Blocking asks are followed by `parked`. */
  z.strictObject({
    type: z.literal('ask'),
    ask: metadata(z.string()),
    argv: z.array(asked(z.string())).max(mostOfOneList).nullable(),
    cwd: paths(z.string()).nullable(),
    where: CommandPlace.optional(),
    reason: excerpt(z.string().max(2_000)).nullable(),
    question: BodyRef.nullable(),
    choices: z.array(asked(z.string().max(200))).max(20),
  }),
  z.strictObject({ type: z.literal('parked'), session: metadata(z.string()), usage: Usage }),
  z.strictObject({
    type: z.literal('finished'),
    result: StepResult,
    usage: Usage,
    log: BodyRef.nullable(),
    session: metadata(z.string()).nullable(),
    millis: z.int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('failed'),
    failure: Failure,
    usage: Usage,
    log: BodyRef.nullable(),
    millis: z.int().nonnegative(),
  }),
  z.strictObject({ type: z.literal('effect_started'), intent: metadata(z.string()), attempt: z.int() }),
  z.strictObject({
    type: z.literal('effect_succeeded'),
    intent: metadata(z.string()),
    attempt: z.int(),
    receipt: Receipt,
    reconciled: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('effect_failed'),
    intent: metadata(z.string()),
    attempt: z.int(),
    failure: Failure,
  }),
  z.strictObject({
    type: z.literal('effect_unknown'),
    intent: metadata(z.string()),
    attempt: z.int(),
    why: excerpt(z.string()),
  }),
  z.strictObject({
    type: z.literal('refused'),
    code: metadata(z.string()),
    words: excerpt(z.string()),
    about: paths(z.record(z.string(), z.unknown())), // refs, hosts and rules: written by vpd
  }),
])
export type Report = z.infer<typeof Report>
export const ReportRequest = z.strictObject({
  epoch: Epoch,
  reports: z
    .array(
      z.strictObject({
        seq: z.int().positive(),
        report: Report,
        signature: metadata(z.string().max(2_000)).nullable(),
      }),
    )
    .min(1)
    .max(100),
})
export const ReportAnswer = z.strictObject({
  accepted: z.int().nonnegative(),
  gates: z.array(z.strictObject({ ask: z.string(), gate: z.string() })),
  done: z.boolean(),
})

/** `POST /wire/orders`: a long poll per runner, independent of leases. Acknowledged by the next call's `done`. */
export const OrdersRequest = z.strictObject({
  done: z.array(metadata(z.string())).max(500),
  waitSeconds: z.int().min(0).max(25),
})
export const Order = z.discriminatedUnion('order', [
  /** Serve a body to a waiting reviewer: PUT the bytes to `to`. `from`/`to` are byte offsets; `follow`: a live log, until it ends or the receiver leaves. */
  z.strictObject({
    id: z.string(),
    order: z.literal('serve'),
    run: z.string(),
    transfer: z.string(),
    to: z.string(),
    what: z.union([
      z.strictObject({ digest: Sha256 }),
      z.strictObject({ log: z.strictObject({ step: z.string(), attempt: z.int().positive() }) }),
      /** what left about the run: a `LeftSummary` as JSON, whole */
      z.strictObject({ left: z.literal(true) }),
    ]),
    offset: z.int().nonnegative(),
    length: z.int().positive().nullable(),
    follow: z.boolean(),
  }),
  z.strictObject({
    id: z.string(),
    order: z.literal('cancel'),
    run: z.string(),
    lease: z.string().nullable(),
    reason: z.string(),
  }),
  z.strictObject({ id: z.string(), order: z.literal('drain') }),
  z.strictObject({ id: z.string(), order: z.literal('forget'), run: z.string() }), // retention: erase the evidence of a run
  /** Look what work on a repository would use, and say it (look.ts). `branch` null: the remote's own default. The grant signs all of it. */
  z.strictObject({
    id: z.string(),
    order: z.literal('look'),
    look: z.string(),
    url: z.string().max(2_000),
    branch: z.string().max(250).nullable(),
    grant: z.string(),
  }),
  /** Ask a tool with the credential that is kept there (errand.ts). The grant signs all of it. */
  z.strictObject({ id: z.string(), order: z.literal('errand'), errand: z.string(), asks: Errand, grant: z.string() }),
])
export type Order = z.infer<typeof Order>

/** `PUT /wire/transfers/:transfer` streams bytes; headers `viewport-total` (bytes, absent when following). 404 when nobody waits any more. */
/** `PUT /wire/bodies/:digest?run=&kind=&offset=` stores bytes (`bodies: stored`); answer {offset}. 416 names the right offset. */
export const StoreAnswer = z.strictObject({ offset: z.int().nonnegative(), complete: z.boolean() })
/** `PUT /wire/leases/:lease/log?epoch=&offset=` live log bytes when stored. */
