/**
 * What was this run started with?
 * Workflow digest + event snapshot + pins, frozen, with its own digest. Nothing in it changes after `run.started`.
 */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { Compiled } from '../workflow/compiled.ts'
import { TriggerEvent } from '../event/trigger-event.ts'
import { digestOf } from '../digest/canonical.ts'

export const RunSpec = z.strictObject({
  language: z.literal(1),
  workflow: z.strictObject({
    id: z.string(),
    version: z.int().positive(),
    name: z.string(),
    digest: Sha256,
    compiled: Compiled,
  }),
  event: TriggerEvent,
  /** Values for the workflow's declared inputs. */
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  pins: z.strictObject({
    /** url as the runner must use it; ref resolved to a full ref name; commit when the control plane knows it, else the first runner pins it by a fact. */
    repos: z.array(
      z.strictObject({
        name: z.string(),
        url: z.string(),
        ref: z.string(),
        commit: z.string().nullable(),
        /** Its own settings for agents may be loaded, as they are at the pinned commit: an admin said so, and `ref` is its default branch. */
        agentSettings: z.literal('base').optional(),
      }),
    ),
    /** agent per agent step */
    agents: z.record(z.string(), z.string()),
    /** team slug -> people ids at the start, for the record; who may decide is computed at decision time */
    people: z.record(z.string(), z.array(z.string())),
    pool: z.string(),
    /** Connections whose credential a runner holds, of tools that actions of the workflow are for: `at` is the address it belongs to. */
    held: z.array(z.strictObject({ tool: z.string(), connection: z.string(), at: z.string() })).optional(),
  }),
  requester: z.strictObject({ person: z.string().nullable(), actor: z.string(), name: z.string() }),
  /** How bodies are kept: at the edge, or stored in the control plane. */
  bodies: z.enum(['edge', 'stored']),
  /** branch a change goes to, e.g. refs/heads/vp/bug-1-3f9c52 */
  branch: z.string(),
  sample: z.boolean(),
  /**
   * Where its event may be worked on, one entry for each of `routePlaces`; absent: the workflow has no route. `chosen`: by its rows; null: a
   * person chooses one of `among`, as a fact.
   */
  routing: z
    .strictObject({
      options: z.array(
        z.strictObject({
          label: z.string().max(500),
          pool: z.string(),
          agents: z.record(z.string(), z.string()),
          /** Why nothing could be worked on there when the run began: its repository was removed, or no runner of its pool has an agent. Nobody is offered it. */
          lacks: z.string().max(500).optional(),
        }),
      ),
      chosen: z.int().nonnegative().nullable(),
      among: z.array(z.int().nonnegative()),
      why: z.string().max(2_000),
    })
    .optional(),
  /** It was started with a sample event: it shows what it would do outside and does none of it. The name of the sample. */
  rehearsal: z.string().max(80).optional(),
  /** The address of this Viewport when the run began, without a slash at its end: what is written elsewhere links back to it. */
  address: z.string().max(500).optional(),
})
export type RunSpec = z.infer<typeof RunSpec>

/** SHA-256 of the RFC 8785 text of the spec. */
export const runSpecDigest = (spec: RunSpec): string => digestOf(spec)
