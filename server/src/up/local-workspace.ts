/**
 * Which workspace does a start on this machine open, and as whom?
 * With the sample: the sample's. Else the first that is no sample, made at the first start with the person who started it as its admin.
 */
import os from 'node:os'
import type { Context } from '../context.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { makeWorkspace, workspaceIds, type NewWorkspace } from '../people/workspace.ts'
import { sampleWorkspace } from '../sample/cast.ts'
import { makeSignInLink } from '../sign-in/link.ts'
import { makeToken, readTokens, revokeToken } from '../sign-in/token.ts'

export type LocalWorkspace = {
  readonly workspace: string
  readonly name: string
  readonly admin: { readonly id: string; readonly handle: string; readonly name: string }
}

/** The workspace, made when it is missing; of several replicas that start at once one makes it. */
export const openWorkspace = async (db: Database, sample: boolean): Promise<LocalWorkspace> => {
  const find = async () => (await existing(db)).find((one) => one.sample === sample)
  const fits = await find()
  if (fits) return fits
  const first: NewWorkspace = sample
    ? sampleWorkspace
    : { slug: 'main', name: 'Viewport', sample: false, admin: ownerOfMachine() }
  try {
    const { workspace, admin } = await makeWorkspace(db, first)
    return { workspace, name: first.name, admin: { id: admin, ...first.admin } }
  } catch (error) {
    const others = (error as { code?: string }).code === '23505' ? await find() : undefined // its slug was taken meanwhile
    if (others) return others
    throw error
  }
}

type Row = { name: string; sample: boolean; id: string; handle: string; admin: string }

const existing = async (db: Database): Promise<(LocalWorkspace & { sample: boolean })[]> => {
  const found: (LocalWorkspace & { sample: boolean })[] = []
  for (const workspace of await workspaceIds(db)) {
    const { rows } = await inWorkspace(db, workspace, (tx) =>
      tx.query<Row>(
        `select w.name, w.sample, p.person as id, p.handle, p.name as admin from vp.workspaces w join vp.people p using (workspace) where w.workspace = $1 and p.role = 'admin' and p.active order by p.created_at, p.person limit 1`,
        [workspace],
      ),
    )
    const row = rows[0]
    if (row)
      found.push({
        workspace,
        name: row.name,
        sample: row.sample,
        admin: { id: row.id, handle: row.handle, name: row.admin },
      })
  }
  return found
}

/** The person of this machine as the first admin; a name that makes no handle becomes `admin`. */
const ownerOfMachine = (): { handle: string; name: string } => {
  const name = userName()
  const handle = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 39)
  return { handle: handle || 'admin', name: name || 'Admin' }
}

const userName = (): string => {
  try {
    return os.userInfo().username
  } catch {
    return '' // a user id without a name, as in some containers
  }
}

/** Replicas on one database have one admin and a token each: the name says whose it is. */
const tokenName = (dataFolder: string): string => `Commands on ${os.hostname()}, ${dataFolder}`

/** A token for the commands of this machine; the one of an earlier start on this data folder that was killed is revoked. */
export const makeLocalToken = async (
  db: Database,
  { workspace, admin }: LocalWorkspace,
  dataFolder: string,
): Promise<string> =>
  inWorkspace(db, workspace, async (tx) => {
    const name = tokenName(dataFolder)
    await revokeOld(tx, admin, name)
    const made = await makeToken(
      tx,
      { kind: 'person', id: admin.id, name: admin.name },
      { name, days: 365, local: true },
    )
    if ('refusal' in made) throw new Error(made.words)
    return made.token
  })

export const revokeLocalToken = (
  db: Database,
  { workspace, admin }: LocalWorkspace,
  dataFolder: string,
): Promise<void> => inWorkspace(db, workspace, (tx) => revokeOld(tx, admin, tokenName(dataFolder)))

const revokeOld = async (tx: Tx, { id, name }: LocalWorkspace['admin'], called: string): Promise<void> => {
  for (const token of await readTokens(tx, id))
    if (token.name === called) await revokeToken(tx, { kind: 'person', id, name }, token.id)
}

/** The address that signs the admin in, once, and shows this place of the app. */
export const signInAddress = async (
  { db, own }: Pick<Context, 'db' | 'own'>,
  { workspace, admin }: LocalWorkspace,
  landsOn: string,
): Promise<string> =>
  inWorkspace(db, workspace, async (tx) => {
    const link = await makeSignInLink(tx, admin.id, { kind: 'system' }, own.url, landsOn)
    if (!link) throw new Error(`@${admin.handle} has left the workspace ${workspace}.`)
    return link.url
  })
