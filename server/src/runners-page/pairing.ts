/**
 * How does an admin let a runner in?
 * By the code its terminal prints, and by three words that both places show. Unknown, used and expired codes look the same,
 * and only so many wrong ones are heard.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { PairingView } from '@viewportai/core/api/runners'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Capabilities } from '@viewportai/core/wire/messages'
import { readPairingCode } from '@viewportai/core/wire/pairing-code'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { Refused } from '../http/problem.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { overBudget, wrongTry, type Budget } from '../sign-in/tries.ts'
import { codeHash } from '../wire/pairing.ts'
import { unknownRepository, waiveWall } from './change.ts'

type Row = {
  pairing: string
  key: object
  thumbprint: string
  words: string[]
  name: string | null
  pool: string | null
  capabilities: z.infer<typeof Capabilities>
  address: string
  state: string
  expires_at: number
}

/** Wrong codes of one person, and of one workspace, in ten minutes. */
const budgets = ({ workspace, person }: Asker): Budget[] => [
  { subject: `pairing ${person}`, tries: 6, windowMillis: 600_000 },
  { subject: `pairing ${workspace}`, tries: 30, windowMillis: 600_000 },
]

/** The waiting pairing of a code. */
export const findPairing = async (
  db: Database,
  asker: Asker,
  code: string,
): Promise<z.infer<typeof PairingView> | Refusal> => {
  for (const budget of budgets(asker)) {
    const over = await overBudget(db, budget)
    if (over) return over
  }
  const read = readPairingCode(code)
  // Something that cannot be a code is looked up as well, so that it takes as long and counts as one.
  const hash = read === null ? createHash('sha256').update(code).digest('hex') : codeHash(read)
  const row = (
    await db.app.query<Row>({ name: 'pairing by code', text: 'select * from vp.pairing_by_code($1)', values: [hash] })
  ).rows[0]
  if (!row) {
    for (const budget of budgets(asker)) await wrongTry(db, budget)
    return refuse('pairing_unknown')
  }
  return {
    id: row.pairing,
    name: row.name,
    pool: row.pool,
    words: row.words,
    address: row.address,
    capabilities: row.capabilities,
    expiresAt: row.expires_at,
  }
}

type PairingVerdict =
  | { readonly verdict: 'refuse' }
  | {
      readonly verdict: 'approve'
      readonly name: string
      readonly pool: string
      readonly repositories: readonly string[]
      readonly words: readonly string[]
      readonly acceptNoWall?: boolean
    }

/** Approves or refuses a waiting pairing, once. The words are compared here as well: what was confirmed is this key. */
export const decidePairing = async (
  db: Database,
  asker: Asker,
  pairing: string,
  said: PairingVerdict,
): Promise<{ runner: string | null } | Refusal> => {
  const row = (
    await db.app.query<Row & { now: number }>('select p.*, vp.now_ms() as now from vp.pairing_by_id($1) p', [pairing])
  ).rows[0]
  if (!row || row.state !== 'waiting' || row.expires_at <= row.now) return refuse('pairing_unknown')
  return inWorkspace<{ runner: string | null } | Refusal>(db, asker.workspace, (tx) =>
    said.verdict === 'refuse'
      ? turnAway(tx, asker, row, `@${asker.handle} refused this runner.`)
      : letIn(tx, asker, row, said),
  )
}

const turnAway = async (tx: Tx, asker: Asker, row: Row, why: string): Promise<{ runner: null } | Refusal> => {
  if (!(await claimed(tx, row.pairing, null, why))) return refuse('pairing_unknown')
  record(tx, { type: 'pairing.refused', by: asPerson(asker), data: { pairing: row.pairing, words: row.words, why } })
  tx.nudge('pairing', row.pairing)
  return { runner: null }
}

const letIn = async (
  tx: Tx,
  asker: Asker,
  row: Row,
  { name, pool, repositories, words, acceptNoWall }: Extract<PairingVerdict, { verdict: 'approve' }>,
): Promise<{ runner: string } | Refusal> => {
  if (words.join(' ') !== row.words.join(' ')) {
    record(tx, {
      type: 'refusal.recorded',
      by: asPerson(asker),
      data: {
        code: 'pairing_unknown',
        words: 'A runner was to be approved with other words than its key has.',
        about: { pairing: row.pairing, said: words, words: row.words },
      },
    })
    return refuse('invalid', { where: 'body.words', why: 'these are not the words of the runner; do not approve it' })
  }
  const unknown = await unknownRepository(tx, repositories)
  if (unknown !== null) return refuse('not_found', { what: 'repository', id: unknown })
  if (acceptNoWall && row.capabilities.isolation.level !== 'none')
    return refuse('invalid', {
      where: 'body.acceptNoWall',
      why: `this runner holds agents behind a wall (${row.capabilities.isolation.level}); there is nothing to accept`,
    })
  const runner = freshId('rnr')
  // The key is locked in first: the same key, or the same name, twice is told apart from a used code.
  const taken = (
    await tx.query<{ what: string }>(
      `select case when thumbprint = $3 then 'The key of this runner' else 'The runner ' || name end as what from vp.runners where workspace = $1 and state <> 'removed' and (name = $2 or thumbprint = $3) limit 1`,
      [tx.workspace, name, row.thumbprint],
    )
  ).rows[0]
  if (taken) return refuse('conflict', { what: taken.what })
  if (!(await claimed(tx, row.pairing, runner, null))) return refuse('pairing_unknown')
  await tx.query('insert into vp.pools (workspace, name) values ($1, $2) on conflict do nothing', [tx.workspace, pool])
  await insertRunner(tx, [
    tx.workspace,
    runner,
    name,
    pool,
    JSON.stringify(row.key),
    row.thumbprint,
    row.words,
    JSON.stringify(row.capabilities),
    repositories,
    asker.person,
  ])
  record(tx, {
    type: 'runner.paired',
    by: asPerson(asker),
    data: {
      runner,
      name,
      pool,
      thumbprint: row.thumbprint,
      words: row.words,
      repositories: [...repositories],
      owner: asker.person,
    },
  })
  if (acceptNoWall) await waiveWall(tx, asker, runner, true)
  tx.nudge('pairing', row.pairing)
  tx.nudge('runner', runner)
  return { runner }
}

const claimed = async (tx: Tx, pairing: string, runner: string | null, why: string | null): Promise<boolean> =>
  (await tx.query<{ claimed: boolean }>('select vp.pairing_decide($1, $2, $3) as claimed', [pairing, runner, why]))
    .rows[0]!.claimed

const insertRunner = async (tx: Tx, values: unknown[]): Promise<void> => {
  try {
    await tx.query(
      'insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, repositories, owner, paired_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)',
      values,
    )
  } catch (error) {
    // Another admin was faster, or the key is paired in a workspace that is not seen from here.
    if ((error as { code?: string }).code === '23505')
      throw new Refused(refuse('conflict', { what: 'A runner with this name or key' }))
    throw error
  }
}
