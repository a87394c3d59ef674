/**
 * How do facts get their place in the workspace?
 * They are collected while a transaction works and travel with its commit, in one message: the lock of the workspace's counter,
 * under which `position` is given, is held for no round trip; positions have no holes and follow the order of commits.
 */
import pg from 'pg'
import { chainHash } from '@viewportai/core/run/chain'
import { workspaceFactText, type WorkspaceDraft, type WorkspaceFact } from '@viewportai/core/workspace/facts'
import type { Tx } from '../database/tenant.ts'

/** A fact with its exact text and hash, ready to be stored. */
export type Written = {
  readonly run: string
  readonly seq: number
  readonly at: number
  readonly type: string
  readonly text: string
  readonly hash: string
}
type Pending = { facts: Written[]; drafts: WorkspaceDraft[] }

const pendings = new WeakMap<Tx, Pending>()

const pendingOf = (tx: Tx): Pending => {
  const found = pendings.get(tx)
  if (found) return found
  const fresh: Pending = { facts: [], drafts: [] }
  pendings.set(tx, fresh)
  tx.atEnd(() => write(tx, fresh))
  return fresh
}

/** Stores facts of runs at the end of this transaction. */
export const store = (tx: Tx, facts: Written[]): void => void pendingOf(tx).facts.push(...facts)

/** Records facts of the workspace itself at the end of this transaction; the one door for everything that belongs to no run. */
export const record = (tx: Tx, ...drafts: WorkspaceDraft[]): void => void pendingOf(tx).drafts.push(...drafts)

const write = async (tx: Tx, { facts, drafts }: Pending): Promise<void> => {
  if (facts.length + drafts.length === 0) return
  const own = drafts.length > 0 ? await ownStream(tx, drafts) : []
  const end = own.at(-1)
  const literal = end ? `${end.seq}, ${pg.escapeLiteral(end.hash)}` : 'null, null'
  tx.withCommit(
    `select vp.ledger_append(${pg.escapeLiteral(tx.workspace)}, ${pg.escapeLiteral(JSON.stringify([...facts, ...own]))}, ${literal})`,
  )
}

const ownStream = async (tx: Tx, drafts: WorkspaceDraft[]): Promise<Written[]> => {
  const { rows } = await tx.query<{ seq: number; hash: string; now: number }>(lockHead, [tx.workspace])
  const head = rows[0]
  if (!head) throw new Error(`There is no workspace ${tx.workspace}: its facts were not stored.`)
  let { seq, hash } = head
  return drafts.map((draft) => {
    const fact = { v: 1, run: tx.workspace, seq: ++seq, at: head.now, ...draft } as WorkspaceFact
    const text = workspaceFactText(fact)
    hash = chainHash(hash, text)
    return { run: fact.run, seq, at: fact.at, type: fact.type, text, hash }
  })
}

const lockHead = {
  name: 'ledger head',
  text: 'select seq, hash, vp.now_ms() as now from vp.heads where workspace = $1 for update',
}
