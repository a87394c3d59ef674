/**
 * How does a runner become known?
 * It shows its public key and gets a code; an admin types the code in the web app (runners-page) and compares three words;
 * the runner asks until that happened. It never gives a secret away: there is none.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { PairPoll, PairRequest, type PairAnswer, type PairState } from '@viewportai/core/wire/messages'
import { formatPairingCode, pairingCodeFrom } from '@viewportai/core/wire/pairing-code'
import { keyThumbprint, keyWords } from '@viewportai/core/wire/key-words'
import { inWorkspace } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { wrongTry } from '../sign-in/tries.ts'
import type { WireContext } from './context.ts'
import { checkProof } from './proof.ts'
import { introduced } from './versions.ts'

/** A code lives ten minutes. */
const pairingSeconds = 600
const pollSeconds = 1
/** Pairings one address may begin within ten minutes. */
const beginsPerAddress = 60

/** How a code is looked up: never stored in clear. */
export const codeHash = (code: string): string => createHash('sha256').update(`viewport pairing ${code}`).digest('hex')

/** `POST /wire/pairings`. */
export const beginPairing = async (
  context: WireContext,
  request: FastifyRequest,
): Promise<z.infer<typeof PairAnswer> | Refusal> => {
  const asked = introduced(PairRequest, request.body)
  if (isRefusal(asked)) return asked
  const proof = await checkProof(context, request, null)
  if (isRefusal(proof)) return proof
  const key = { kty: asked.key.kty, crv: asked.key.crv, x: asked.key.x }
  if (keyThumbprint(key) !== proof.thumbprint)
    return refuse('proof_invalid', { why: 'it is signed by another key than the one to pair' })
  const tooMany = await wrongTry(context.db, {
    subject: `pair ${request.ip}`,
    tries: beginsPerAddress,
    windowMillis: pairingSeconds * 1_000,
  })
  if (tooMany) return tooMany
  const code = pairingCodeFrom(randomBytes(64))
  const pairing = freshId('pair')
  const words = keyWords(key)
  await context.db.app.query('select vp.pairing_begin($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    pairing,
    codeHash(code),
    JSON.stringify(key),
    proof.thumbprint,
    words,
    asked.name,
    asked.pool,
    JSON.stringify(asked.capabilities),
    request.ip,
    pairingSeconds * 1_000,
  ])
  return {
    pairing,
    code: formatPairingCode(code),
    words,
    expiresInSeconds: pairingSeconds,
    pollSeconds,
    page: `${context.publicUrl}/pair`,
  }
}

type PairingRow = {
  pairing: string
  thumbprint: string
  state: 'waiting' | 'approved' | 'refused'
  workspace: string | null
  runner: string | null
  why: string | null
  expires_at: number
}

/** `POST /wire/pairings/poll`: unknown, expired and another key's pairing look the same. */
export const pollPairing = async (
  context: WireContext,
  request: FastifyRequest,
): Promise<z.infer<typeof PairState> | Refusal> => {
  const { pairing } = PairPoll.parse(request.body)
  const proof = await checkProof(context, request, null)
  if (isRefusal(proof)) return proof
  const row = (await context.db.app.query<PairingRow>('select * from vp.pairing_by_id($1)', [pairing])).rows[0]
  if (!row || row.thumbprint !== proof.thumbprint) return refuse('pairing_unknown')
  if (row.state === 'refused') return { state: 'refused', why: row.why ?? 'An admin refused this runner.' }
  if (row.state === 'waiting') return row.expires_at > Date.now() ? { state: 'waiting' } : refuse('pairing_unknown')
  return inWorkspace(context.db, row.workspace!, async (tx) => {
    const { rows } = await tx.query<{ name: string; pool: string; repositories: string[]; workspace_name: string }>(
      'select r.name, r.pool, r.repositories, w.name as workspace_name from vp.runners r join vp.workspaces w using (workspace) where r.workspace = $1 and r.runner = $2 and r.state <> $3',
      [row.workspace, row.runner, 'removed'],
    )
    const runner = rows[0]
    if (!runner) return refuse('runner_revoked')
    const serverKeys = context.keys.publicKeys().map(({ x, kid }) => ({
      kty: 'OKP' as const,
      crv: 'Ed25519' as const,
      x: x!,
      ...(kid ? { kid } : {}),
    }))
    return {
      state: 'approved',
      runner: row.runner!,
      name: runner.name,
      pool: runner.pool,
      workspace: { id: row.workspace!, name: runner.workspace_name },
      repositories: runner.repositories,
      serverKeys,
    }
  })
}
