/**
 * How does a workspace come to be?
 * With its counters, its first facts and one admin, in one transaction. No password and no default secret is ever part of it.
 */
import type { Actor } from '@viewportai/core/run/facts'
import { chainStart } from '@viewportai/core/run/chain'
import { freshId } from '../fresh-id.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { addPerson } from './add.ts'

const system: Actor = { kind: 'system' }

export type NewWorkspace = {
  readonly slug: string
  readonly name: string
  readonly sample: boolean
  readonly admin: { readonly handle: string; readonly name: string }
}

/** Makes it. `more`: what else belongs into the same transaction (the sample's team). Gives the ids of the workspace and its admin. */
export const makeWorkspace = async (
  db: Database,
  { slug, name, sample, admin }: NewWorkspace,
  more?: (tx: Tx) => Promise<void>,
): Promise<{ workspace: string; admin: string }> => {
  const workspace = freshId('ws')
  return inWorkspace(db, workspace, async (tx) => {
    await tx.query('insert into vp.workspaces (workspace, slug, name, sample) values ($1, $2, $3, $4)', [
      workspace,
      slug,
      name,
      sample,
    ])
    await tx.query('insert into vp.heads (workspace, hash) values ($1, $2)', [workspace, chainStart])
    await tx.query('insert into vp.numbers (workspace) values ($1)', [workspace])
    record(tx, { type: 'workspace.made', by: system, data: { name, slug, sample } })
    const person = await addPerson(tx, system, { ...admin, email: null, role: 'admin', teams: [] })
    if ('refusal' in person) throw new Error(`The admin of a new workspace: ${person.words}`)
    await more?.(tx)
    return { workspace, admin: person.id }
  })
}

/** Every workspace of this installation, oldest first. */
export const workspaceIds = async (db: Database): Promise<string[]> =>
  (await db.app.query<{ id: string }>('select id from vp.workspace_ids() as id')).rows.map((row) => row.id)
