/**
 * Which runner is calling?
 * A runner trades a signed assertion (RFC 7523) for a ten-minute token bound to its key (RFC 9449); every later call shows
 * token and proof. A removed runner is refused at its next call, whatever its token says.
 */
import type { FastifyRequest } from 'fastify'
import { createLocalJWKSet, importJWK, jwtVerify, decodeJwt } from 'jose'
import { z } from 'zod'
import { AssertionClaims, assertionMisfit } from '@viewportai/core/wire/assertion'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { TokenRequest } from '@viewportai/core/wire/messages'
import type { KnownRunner, WireContext } from './context.ts'
import { relayOf } from '../relay/relayed.ts'
import { addressOf, checkProof, isFirstUse } from './proof.ts'

/** Seconds a token lives. */
export const tokenSeconds = 600
const tokenType = 'at+jwt'
const TokenClaims = z.object({
  iss: z.string(),
  sub: z.string(),
  ws: z.string(),
  cnf: z.object({ jkt: z.string() }),
  /** The start of the program that asked for it; '': a program that does not say. */
  ins: z.string().default(''),
  exp: z.number(),
})
type RunnerRow = {
  workspace: string
  key: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  thumbprint: string
  state: string
  /** The start of the program that said hello last. */
  instance: string
  pool: string
}

/** What is known of a runner before its workspace is; null: nothing. */
export const runnerOf = async ({ db }: WireContext, runner: string): Promise<RunnerRow | null> =>
  (
    await db.app.query<RunnerRow>(
      {
        name: 'runner who asks',
        text: 'select workspace, key, thumbprint, state, instance, pool from vp.runner_of($1)',
      },
      [runner],
    )
  ).rows[0] ?? null

/** `POST /wire/token`. */
export const giveToken = async (
  context: WireContext,
  request: FastifyRequest,
): Promise<{ access_token: string; token_type: 'DPoP'; expires_in: number } | Refusal> => {
  const proof = await checkProof(context, request, null)
  if (isRefusal(proof)) return proof
  const { client_assertion, instance } = TokenRequest.parse(request.body)
  const id = await Promise.resolve()
    .then(() => decodeJwt(client_assertion).sub ?? '')
    .catch(() => '')
  const row = await runnerOf(context, id)
  if (!row || row.thumbprint !== proof.thumbprint) return refuse('runner_unknown')
  if (byAnothersRelay(request, id)) return refuse('proof_invalid', { why: anothersRelay })
  if (row.state === 'removed') return refuse('runner_revoked')
  const claims = await jwtVerify(client_assertion, await importJWK(row.key, 'EdDSA'), {
    algorithms: ['EdDSA'],
    clockTolerance: 60,
  })
    .then(({ payload }) => AssertionClaims.safeParse(payload))
    .catch(() => null)
  if (!claims?.success) return refuse('proof_invalid', { why: 'the assertion is not signed with the paired key' })
  const misfit = assertionMisfit(
    claims.data,
    addressOf(request, context.publicUrl, claims.data.aud),
    Math.floor(Date.now() / 1_000),
  )
  if (misfit) return refuse('proof_invalid', { why: `of the assertion: ${misfit}` })
  if (!(await isFirstUse(context.db, `assertion ${row.thumbprint}`, claims.data.jti, 400_000)))
    return refuse('proof_invalid', { why: 'the same assertion was used before' })
  const now = Math.floor(Date.now() / 1_000)
  const access_token = await context.keys.sign(
    {
      iss: context.publicUrl,
      sub: id,
      ws: row.workspace,
      cnf: { jkt: row.thumbprint },
      ins: instance ?? '',
      iat: now,
      exp: now + tokenSeconds,
    },
    tokenType,
  )
  return { access_token, token_type: 'DPoP', expires_in: tokenSeconds }
}

/** The runner behind a request with token and proof, or why it is refused. */
export const knownRunner = async (context: WireContext, request: FastifyRequest): Promise<KnownRunner | Refusal> => {
  const token = /^DPoP ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (!token) return refuse('proof_invalid', { why: 'there is no `Authorization: DPoP` token' })
  const proof = await checkProof(context, request, token)
  if (isRefusal(proof)) return proof
  const keys = createLocalJWKSet({ keys: context.keys.publicKeys() })
  const claims = await jwtVerify(token, keys, { algorithms: ['EdDSA'], typ: tokenType, issuer: context.publicUrl })
    .then(({ payload }) => TokenClaims.safeParse(payload))
    .catch(() => null)
  if (!claims?.success) return refuse('proof_invalid', { why: 'the token has expired or is not from here' })
  if (claims.data.cnf.jkt !== proof.thumbprint)
    return refuse('proof_invalid', { why: 'the token belongs to another key' })
  if (byAnothersRelay(request, claims.data.sub)) return refuse('proof_invalid', { why: anothersRelay })
  const row = await runnerOf(context, claims.data.sub)
  if (!row || row.thumbprint !== proof.thumbprint || row.state === 'removed') return refuse('runner_revoked')
  return {
    workspace: row.workspace,
    runner: claims.data.sub,
    key: row.key,
    thumbprint: row.thumbprint,
    pool: row.pool,
    instance: claims.data.ins,
    overtaken: claims.data.ins !== row.instance,
    transport: relayOf(request) === null ? 'polling' : 'relay',
  }
}

const anothersRelay = 'it came by the relay of another runner'
const byAnothersRelay = (request: FastifyRequest, runner: string): boolean => (relayOf(request) ?? runner) !== runner
