/**
 * Does the ledger still say what it said?
 * Every hash is computed again from the exact texts, sequence numbers and positions have no holes, heads and rows agree.
 */
import { chainHash, chainStart } from '@viewportai/core/run/chain'
import type { Tx } from '../database/tenant.ts'
import { factsOf } from './read.ts'

/** A chain that holds, or the first place where it does not. */
type ChainCheck =
  | { readonly ok: true; readonly count: number; readonly hash: string }
  | { readonly ok: false; readonly seq: number; readonly why: string }

const page = 1_000

/** Checks the chain of one run, or of the workspace's own stream (`run` = its id), and that the rows know its end. */
export const verifyChain = async (tx: Tx, run: string): Promise<ChainCheck> => {
  const chain = await recompute(tx, run)
  if (!chain.ok) return chain
  const { rows } = await tx.query<{ seq: number; hash: string }>(
    'select seq, hash from vp.runs where workspace = $1 and run = $2 union all select seq, hash from vp.heads where workspace = $1 and workspace = $2',
    [tx.workspace, run],
  )
  const head = rows[0]
  if (head && (head.seq !== chain.count || head.hash !== chain.hash))
    return {
      ok: false,
      seq: Math.min(head.seq, chain.count) + 1,
      why: `the chain ends at fact ${chain.count}, and fact ${head.seq} was the last one`,
    }
  return chain
}

/** Checks the facts alone: nothing missing inside, nothing changed. A cut tail is not seen here. */
export const recompute = async (tx: Tx, run: string): Promise<ChainCheck> => {
  let [seq, hash] = [0, chainStart]
  for (;;) {
    const facts = await factsOf(tx, run, seq, page)
    for (const fact of facts) {
      if (fact.seq !== seq + 1) return { ok: false, seq: seq + 1, why: `fact ${seq + 1} is missing` }
      hash = chainHash(hash, fact.text)
      if (fact.hash !== hash)
        return {
          ok: false,
          seq: fact.seq,
          why: `the text of fact ${fact.seq} (${fact.type}) does not have the hash that was stored`,
        }
      const told = JSON.parse(fact.text) as { run?: unknown; seq?: unknown; at?: unknown; type?: unknown }
      if (told.run !== run || told.seq !== fact.seq || told.at !== fact.at || told.type !== fact.type)
        return { ok: false, seq: fact.seq, why: `the row of fact ${fact.seq} says something else than its text` }
      seq = fact.seq
    }
    if (facts.length < page) return { ok: true, count: seq, hash }
  }
}

/** Checks every chain of the workspace and its positions. Answers with one sentence per fault; none when all holds. */
export const verifyWorkspace = async (
  tx: Tx,
): Promise<{ readonly chains: number; readonly facts: number; readonly faults: string[] }> => {
  const faults: string[] = []
  const { rows } = await tx.query<{ run: string }>(
    'select run from vp.facts where workspace = $1 group by run union select run from vp.runs where workspace = $1 order by run',
    [tx.workspace],
  )
  let facts = 0
  for (const { run } of rows) {
    const check = await verifyChain(tx, run)
    if (check.ok) facts += check.count
    else faults.push(`${run}: ${check.why}.`)
  }
  const { rows: places } = await tx.query<{ count: number; last: number; head: number }>(
    'select count(*) as count, coalesce(max(position), 0) as last, (select position from vp.heads where workspace = $1) as head from vp.facts where workspace = $1',
    [tx.workspace],
  )
  const { count, last, head } = places[0]!
  if (count !== last || last !== head)
    faults.push(`${tx.workspace}: there are ${count} facts, the last position is ${last}, and ${head} were counted.`)
  return { chains: rows.length, facts, faults }
}
