/**
 * Which headers does every answer carry?
 * A page of ours runs our scripts only, talks to us only, and stands in nobody's frame.
 */
import type { FastifyInstance } from 'fastify'

const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ')

const always: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
}

/** Puts them on every answer, errors and files included. */
export const addHeaders = (app: FastifyInstance, secure: boolean): void => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(always)
    if (secure) reply.header('strict-transport-security', 'max-age=31536000')
  })
}
