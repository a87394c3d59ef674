/**
 * How does a repository leave the workspace?
 * Not while a run works in it. Its name goes from every runner's list in the same transaction: what is added under this name later is
 * another repository, and needs leave anew. What runs did in it stays in their facts and packets.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'

/** So many runs are named when it is refused. */
const named = 5

/** Null: it is removed. */
export const removeRepository = async (tx: Tx, by: Actor, repo: string): Promise<Refusal | null> => {
  const { rows } = await tx.query<{ name: string }>(
    'select name from vp.repositories where workspace = $1 and repo = $2 for update',
    [tx.workspace, repo],
  )
  const name = rows[0]?.name
  if (name === undefined) return refuse('not_found', { what: 'repository', id: repo })
  const { rows: busy } = await tx.query<{ number: number }>(
    `select number from vp.runs where workspace = $1 and status <> 'finished'
       and exists (select from json_array_elements(spec->'pins'->'repos') p where p->>'name' = $2) order by number limit ${named + 1}`,
    [tx.workspace, name],
  )
  if (busy.length > 0) return refuse('repository_in_use', { name, runs: runsIn(busy.map(({ number }) => number)) })
  const { rows: changed } = await tx.query<{ runner: string; pool: string; repositories: string[] }>(
    `update vp.runners set repositories = array_remove(repositories, $2) where workspace = $1 and $2 = any(repositories) and state <> 'removed'
     returning runner, pool, repositories`,
    [tx.workspace, name],
  )
  for (const data of changed) record(tx, { type: 'runner.changed', by, data })
  await tx.query('delete from vp.repositories where workspace = $1 and repo = $2', [tx.workspace, repo])
  record(tx, { type: 'repository.removed', by, data: { repo, name } })
  tx.nudge('workflow', '*')
  tx.nudge('runner', '*')
  return null
}

const runsIn = (numbers: readonly number[]): string =>
  `${numbers.length === 1 ? 'run' : 'runs'} ${numbers.slice(0, named).join(', ')}${numbers.length > named ? ' and more' : ''}`
