/**
 * What exactly does a gate ask about?
 * The subject is all that a person is shown; its digest is what a decision binds to. It never holds bodies, only their digests.
 */
import { z } from 'zod'
import { GitId, Sha256 } from '../ids.ts'
import { digestOf } from '../digest/canonical.ts'
import { metadata, paths } from '../wire/level.ts'

export const gateKinds = ['plan', 'change', 'command', 'question', 'action', 'context', 'workflow'] as const
export type GateKind = (typeof gateKinds)[number]

/** One file of a change. Mode is git's, e.g. 100644. */
export const ChangedFile = z.strictObject({
  path: paths(z.string().max(4_096)),
  from: paths(z.string().max(4_096)).nullable(), // renamed from
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'mode']),
  mode: metadata(z.string().max(6)).nullable(),
  added: z.int().nonnegative(),
  removed: z.int().nonnegative(),
  binary: z.boolean(),
})
export type ChangedFile = z.infer<typeof ChangedFile>

/** A change of a repository: base commit, resulting commit and tree, digest of the patch, files. */
export const Change = z.strictObject({
  repo: metadata(z.string()),
  base: GitId,
  commit: GitId,
  tree: GitId,
  patch: Sha256, // digest of the patch's bytes
  files: z.array(ChangedFile).max(5_000),
})
export type Change = z.infer<typeof Change>

/** The digest of a change: {base, tree, digest of the patch}. The commit id is left out: author dates do not change what is approved. */
export const changeDigest = (change: Pick<Change, 'base' | 'tree' | 'patch'>): string =>
  digestOf({ base: change.base, tree: change.tree, patch: change.patch })

/** What a command finds in its folder: git's repository there (null: none), and the variables that the runner gives it. */
export const CommandPlace = z.strictObject({
  repository: paths(z.string().max(4_096)).nullable(),
  environment: z.array(metadata(z.string().max(200))).max(200),
  /** Of the names, and of the values that are nobody's secret (PATH and its like). */
  digest: metadata(z.string().max(64)),
})
export type CommandPlace = z.infer<typeof CommandPlace>

const common = { run: z.string(), step: z.string(), round: z.int().positive() }
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('plan'),
    ...common,
    body: Sha256,
    files: z.array(z.string()).max(1_000),
    steps: z.int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('change'),
    ...common,
    change: Change,
    ref: z.string(),
    protected: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('command'),
    ...common,
    argv: z.array(z.string()).min(1),
    cwd: z.string(),
    where: CommandPlace.optional(),
    /** What a recorded `git push` would publish. */
    push: z.strictObject({ ref: z.string(), change: Change }).nullable(),
    reason: z.string().max(2_000).nullable(),
  }),
  z.strictObject({
    kind: z.literal('question'),
    ...common,
    about: z.string(),
    text: z.string().max(20_000),
    body: Sha256.nullable(),
    choices: z
      .array(z.strictObject({ id: z.string(), label: z.string(), text: z.enum(['none', 'optional', 'required']) }))
      .min(1),
  }),
  z.strictObject({
    kind: z.literal('action'),
    ...common,
    action: z.string(),
    target: z.string(),
    params: z.record(z.string(), z.unknown()),
    /** The change that the action carries, for actions that carry one. */
    change: Change.optional(),
  }),
])
export type Subject = z.infer<typeof Subject>

/** The change that a gate shows, or null. */
export const changeIn = (subject: Subject): Change | null => {
  switch (subject.kind) {
    case 'change':
      return subject.change
    case 'command':
      return subject.push?.change ?? null
    case 'action':
      return subject.change ?? null
    case 'plan':
    case 'question':
      return null
  }
}

/** The digest of the body that a gate rests on, or null when all of it is in the subject. */
export const bodyIn = (subject: Subject): string | null =>
  subject.kind === 'plan' || subject.kind === 'question' ? subject.body : (changeIn(subject)?.patch ?? null)

/** The digest a decision binds to: SHA-256 over the RFC 8785 text of the subject. */
export const subjectDigest = (subject: Subject): string => digestOf(subject)
