/**
 * What does a look at a pull request show: how it stands, what people said of it, how its checks went?
 * The whole of it each time, so that a look that comes twice, late or out of order says nothing twice. It never says what follows.
 */
import { z } from 'zod'
import { GitId, Millis } from '../ids.ts'
import { excerpt, metadata, paths } from '../wire/level.ts'

/** An account at the forge (`github:583231`), and the person of the workspace it is mapped to by its id, or null. */
export const ForgeAccount = z.strictObject({
  account: metadata(z.string().max(200)),
  name: metadata(z.string().max(200)),
  person: metadata(z.string()).nullable(),
})
export type ForgeAccount = z.infer<typeof ForgeAccount>

/** A comment on a line, as a gate's own line comments are. */
export const ReviewLine = z.strictObject({
  path: paths(z.string().max(4_096)),
  line: z.int().positive(),
  side: z.enum(['old', 'new']),
  text: excerpt(z.string().max(5_000)),
})

export const reviewVerdicts = ['approve', 'request_changes', 'comment', 'dismissed'] as const

/** A review with its line comments: one round, however many comments it has. `head`: the commit it was given on. */
export const ReviewSeen = z.strictObject({
  id: metadata(z.string().max(100)),
  who: ForgeAccount,
  verdict: z.enum(reviewVerdicts),
  head: GitId.nullable(),
  text: excerpt(z.string().max(20_000)),
  lines: z.array(ReviewLine).max(200),
  url: paths(z.string().max(2_000)).nullable(),
  at: Millis,
  /** Some of it stands on the change, or in a thread that the forge keeps open until it is resolved: not in the conversation alone. */
  onChange: z.boolean().default(true),
  /** Somebody else may have changed its words: the forge says so, or does not say that nobody did. */
  edited: z.boolean(),
  /** Our own marker is in it: Viewport wrote it, or somebody copied it. */
  ours: z.boolean(),
})
export type ReviewSeen = z.infer<typeof ReviewSeen>

/** One check of the head. `text`: what the forge's own runner of workflows said; of other apps only their name and outcome are taken. */
export const CheckSeen = z.strictObject({
  name: metadata(z.string().max(300)),
  state: z.enum(['running', 'passed', 'failed']),
  conclusion: metadata(z.string().max(80)),
  url: paths(z.string().max(2_000)).nullable(),
  text: excerpt(z.string().max(4_000)),
  /** The intent that it carries, where our own account at the forge reported it. */
  intent: metadata(z.string().max(100)).nullable(),
})
export type CheckSeen = z.infer<typeof CheckSeen>

export const PullSeen = z.strictObject({
  /** As the tool names it: `acme/shop#12`. */
  ref: metadata(z.string().max(500)),
  head: GitId,
  /** The branch it is meant for now. */
  base: paths(z.string().max(300)),
  state: z.enum(['open', 'merged', 'closed']),
  draft: z.boolean(),
  /** The commit that the merge made, where the forge tells it. */
  commit: GitId.nullable(),
  /** Who merged or closed it, where the forge tells it. */
  by: ForgeAccount.nullable(),
  reviews: z.array(ReviewSeen).max(300),
  /** Are these all reviews that there are? */
  isWhole: z.boolean(),
  /** When it was last meant for another branch, or that branch was rewritten; null: never. What was approved before was another change to whoever looked. */
  rebased: z.union([Millis, z.literal('unknown')]).nullable(),
  /** Of `head`. */
  checks: z.array(CheckSeen).max(300),
  /** Which checks of `head` the forge does not show, why, and what would let them be seen, a sentence; null: it shows all. What is not seen has not passed. */
  unseen: excerpt(z.string().max(500)).nullable().default(null),
  /** A commit on the branch it was merged into takes it back. */
  reverted: z.strictObject({ commit: GitId, url: paths(z.string().max(2_000)).nullable() }).nullable(),
})
export type PullSeen = z.infer<typeof PullSeen>
