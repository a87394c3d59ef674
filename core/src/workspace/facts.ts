/**
 * Which facts can a workspace hold that belong to no run?
 * The workspace's own stream in the same ledger: what was set up, by whom. It never says what follows from a fact.
 */
import { z } from 'zod'
import { Millis, Sha256 } from '../ids.ts'
import { Actor } from '../run/facts.ts'

const role = z.enum(['admin', 'member'])

/** Data of every fact of a workspace. `noun.verbed`. No secret is ever part of one. */
const workspaceFactSchemas = {
  'workspace.made': z.strictObject({ name: z.string(), slug: z.string(), sample: z.boolean() }),
  'setting.changed': z.strictObject({ name: z.string(), value: z.unknown() }),
  'person.added': z.strictObject({
    person: z.string(),
    handle: z.string(),
    name: z.string(),
    role,
    teams: z.array(z.string()),
  }),
  'person.changed': z.strictObject({
    person: z.string(),
    role: role.optional(),
    teams: z.array(z.string()).optional(),
    active: z.boolean().optional(),
  }),
  'team.added': z.strictObject({ team: z.string(), slug: z.string(), name: z.string() }),
  'account.linked': z.strictObject({ person: z.string(), account: z.string(), name: z.string() }),
  'account.unlinked': z.strictObject({ person: z.string(), account: z.string(), name: z.string() }),
  'sign_in_link.made': z.strictObject({ person: z.string(), expiresAt: Millis }),
  'session.opened': z.strictObject({ person: z.string(), auth: z.enum(['link', 'passkey', 'sso']) }),
  'token.made': z.strictObject({ token: z.string(), person: z.string(), name: z.string(), expiresAt: Millis }),
  'token.revoked': z.strictObject({ token: z.string(), person: z.string() }),
  'repository.added': z.strictObject({
    repo: z.string(),
    name: z.string(),
    url: z.string(),
    defaultBranch: z.string(),
  }),
  /** The address and branch it has from now on. Its name never changes: workflows, runners and packets name it. */
  'repository.changed': z.strictObject({
    repo: z.string(),
    name: z.string(),
    url: z.string(),
    defaultBranch: z.string(),
    /** How many pieces of work may touch it at once; null: any number. */
    atOnce: z.int().positive().nullable().optional(),
    /** May agents load the settings that lie in it? */
    agentSettings: z.enum(['off', 'base']).optional(),
  }),
  /** Nobody may name it from now on; runners no longer have leave to use what is added under its name later. */
  'repository.removed': z.strictObject({ repo: z.string(), name: z.string() }),
  /** `accounts`: with what ids of accounts begin for which it may speak. */
  'source.made': z.strictObject({
    source: z.string(),
    name: z.string(),
    kind: z.string(),
    accounts: z.array(z.string()).optional(),
  }),
  'source.changed': z.strictObject({ source: z.string(), accounts: z.array(z.string()) }),
  /** `oldUntil`: until when the one before is taken; null: it ended at once, and so did every older one. */
  'source.secret_made': z.strictObject({ source: z.string(), oldUntil: Millis.nullable() }),
  /** Somebody ended the secrets of before; by itself each ends when its change said. */
  'source.old_secrets_ended': z.strictObject({ source: z.string(), count: z.int().positive() }),
  'source.removed': z.strictObject({ source: z.string() }),
  /** A connection to an outside tool; no secret is in it. `account`: who the tool says we are there. */
  'connection.made': z.strictObject({
    connection: z.string(),
    tool: z.string(),
    name: z.string(),
    settings: z.record(z.string(), z.string()),
    account: z.string().nullable(),
    /** A runner holds its credential. */
    held: z.boolean().optional(),
  }),
  'connection.changed': z.strictObject({
    connection: z.string(),
    tool: z.string(),
    name: z.string(),
    settings: z.record(z.string(), z.string()),
    account: z.string().nullable(),
    /** Names of the secrets that were replaced. */
    secrets: z.array(z.string()),
    /** Where the one that signs was replaced: until when the one before is taken; null: it ended at once. */
    oldUntil: Millis.nullable().optional(),
    /** A runner holds its credential. */
    held: z.boolean().optional(),
    /** Repositories whose number is forgotten, by their names in small letters. */
    forgot: z.array(z.string()).optional(),
  }),
  'connection.old_secrets_ended': z.strictObject({ connection: z.string(), count: z.int().positive() }),
  'connection.removed': z.strictObject({ connection: z.string(), tool: z.string(), name: z.string() }),
  'workflow.saved': z.strictObject({
    workflow: z.string(),
    name: z.string(),
    version: z.int().positive(),
    digest: Sha256,
    note: z.string().nullable(),
  }),
  'workflow.enabled': z.strictObject({ workflow: z.string(), name: z.string(), version: z.int().positive() }),
  'workflow.disabled': z.strictObject({ workflow: z.string(), name: z.string() }),
  'delivery.refused': z.strictObject({
    source: z.string(),
    delivery: z.string().nullable(),
    code: z.string(),
    words: z.string(),
  }),
  'delivery.tried_again': z.strictObject({ delivery: z.string(), reason: z.string() }),
  'pairing.refused': z.strictObject({ pairing: z.string(), words: z.array(z.string()), why: z.string() }),
  'runner.paired': z.strictObject({
    runner: z.string(),
    name: z.string(),
    pool: z.string(),
    thumbprint: z.string(),
    words: z.array(z.string()),
    repositories: z.array(z.string()),
    owner: z.string().nullable(),
  }),
  'runner.changed': z.strictObject({ runner: z.string(), pool: z.string(), repositories: z.array(z.string()) }),
  /** An admin let agents work on it though nothing walls them off from its machine, or took that back. */
  'runner.wall_waived': z.strictObject({ runner: z.string(), waived: z.boolean() }),
  /** An admin asked it to look at a repository. What it found is kept for an hour, beside the facts. */
  'runner.looked': z.strictObject({
    runner: z.string(),
    look: z.string(),
    url: z.string(),
    branch: z.string().nullable(),
  }),
  'runner.drained': z.strictObject({ runner: z.string(), drain: z.boolean() }),
  'runner.removed': z.strictObject({ runner: z.string(), why: z.string() }),
  /** The same key was used from two places at once. */
  'runner.doubled': z.strictObject({ runner: z.string(), why: z.string() }),
  'runner.alarm_closed': z.strictObject({ runner: z.string() }),
  /** Something expected was refused that belongs to no run. Kept as evidence. */
  'refusal.recorded': z.strictObject({ code: z.string(), words: z.string(), about: z.record(z.string(), z.unknown()) }),
} as const satisfies Record<string, z.ZodType>

export type WorkspaceFactType = keyof typeof workspaceFactSchemas
export type WorkspaceFactOf<T extends WorkspaceFactType> = z.infer<(typeof workspaceFactSchemas)[T]>
/** A fact before it has a place: type, data, who. */
export type WorkspaceDraft<T extends WorkspaceFactType = WorkspaceFactType> = T extends WorkspaceFactType
  ? { type: T; data: WorkspaceFactOf<T>; by: Actor }
  : never
/** A fact in the workspace's stream: `run` is the workspace's id, position from 1, time by the control plane's clock. */
export type WorkspaceFact<T extends WorkspaceFactType = WorkspaceFactType> = T extends WorkspaceFactType
  ? { v: 1; run: string; seq: number; at: number; type: T; by: Actor; data: WorkspaceFactOf<T> }
  : never

/** The exact text of a workspace's fact that is stored, hashed and signed. Throws when its data is not valid. */
export const workspaceFactText = (fact: WorkspaceFact): string => {
  const data = workspaceFactSchemas[fact.type].parse(fact.data)
  return JSON.stringify({ v: 1, run: fact.run, seq: fact.seq, at: fact.at, type: fact.type, by: fact.by, data })
}
