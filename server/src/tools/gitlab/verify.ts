/**
 * Is a webhook of GitLab genuine?
 * With a signing token GitLab signs id, time and bytes (Standard Webhooks); older servers send the secret itself (`X-Gitlab-Token`), which covers neither. One that is signed
 * must fit, whatever else it brings. https://docs.gitlab.com/user/project/integrations/webhooks
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { misfit, readSigned } from '../../deliveries/signature.ts'
import type { Arrived, Hook } from '../port.ts'
import { partsOf, payloadOf } from './told.ts'

export const hook: Hook = {
  media: ['application/json'],
  keeps: [],
  take(arrived, { secrets }) {
    const id =
      arrived.headers['webhook-signature'] === undefined ? byToken(arrived, secrets) : bySignature(arrived, secrets)
    if (typeof id !== 'string') return id
    const payload = payloadOf(arrived.body)
    if (typeof payload === 'string') return refuse('invalid', { where: 'body', why: payload })
    const parts = partsOf(payload)
    return parts.length > 0 ? { id, parts } : { id }
  },
}

type Secrets = Readonly<Record<string, string>>

const bySignature = ({ headers, body, at }: Arrived, secrets: Secrets): string | Refusal => {
  const signed = readSigned(headers)
  if (isRefusal(signed)) return signed
  const secret = secrets['webhook_secret']!
  if (!secret.startsWith('whsec_'))
    return refuse('signature_invalid', {
      why: 'the webhook secret of this connection is no signing token (whsec_ and 32 bytes in base64)',
    })
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  return misfit(signed, body, key, Math.floor(at / 1_000)) ?? signed.id
}

const byToken = ({ headers, body }: Arrived, secrets: Secrets): string | Refusal => {
  const given = headers['x-gitlab-token']
  if (given === undefined)
    return refuse('signature_invalid', {
      why: 'it is not signed, and the header X-Gitlab-Token is missing (give the webhook its secret at GitLab)',
    })
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(digest(given), digest(secrets['webhook_secret']!)))
    return refuse('signature_invalid', { why: 'X-Gitlab-Token is not the secret of this connection' })
  // Older servers name a delivery nowhere; the same bytes are the same one then.
  const id = headers['idempotency-key'] ?? createHash('sha256').update(body).digest('hex')
  return /^[\x21-\x7e]{1,150}$/.test(id)
    ? id
    : refuse('invalid', { where: 'Idempotency-Key', why: 'it is not a plain id' })
}
