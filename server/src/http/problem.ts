/**
 * How does a "no" or a failure leave the server? As a problem document (RFC 9457).
 * A refusal keeps its words; a fault says nothing of the inside.
 */
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { issueWords } from '@viewportai/core/api/issue-words'
import { problemMedia, type Problem } from '@viewportai/core/api/problem'
import { refuse, statusOf, type Refusal } from '@viewportai/core/refusal'

/** A refusal that is thrown where a value cannot be returned; the error door of the server sends it. */
export class Refused extends Error {
  readonly refusal: Refusal
  readonly errors: Problem['errors']
  constructor(refusal: Refusal, errors: Problem['errors'] = []) {
    super(refusal.words)
    this.refusal = refusal
    this.errors = errors
  }
}

const titleOf = (code: string): string => `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('_', ' ')}`

/** The document of a refusal. */
export const problemOf = (refusal: Refusal, errors: Problem['errors'] = []): Problem => ({
  type: `urn:viewport:problem:${refusal.refusal}`,
  title: titleOf(refusal.refusal),
  status: statusOf(refusal.refusal),
  detail: refusal.words,
  code: refusal.refusal,
  next: refusal.next,
  facts: refusal.facts,
  errors,
})

/** The document of a fault. `request`: the id under which the log has the rest. */
export const faultProblem = (request: string): Problem => ({
  type: 'urn:viewport:problem:fault',
  title: 'Fault',
  status: 500,
  detail: 'Something broke in the control plane; the request did not succeed.',
  code: 'fault',
  next: `Try again. If it stays, look for ${request} in the log of the server.`,
  facts: { request },
  errors: [],
})

/** Sends a problem document; nothing of it may be kept by a cache. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .header('content-type', problemMedia)
    .send(Buffer.from(JSON.stringify(problem))) // bytes: to a text the framework would add a charset, which this media type has not

/** Sends a refusal as its problem document. */
export const sendRefusal = (reply: FastifyReply, refusal: Refusal): FastifyReply =>
  sendProblem(reply, problemOf(refusal))

/** The refusal of a request whose parts do not fit their schemas: every issue with its path. */
export const invalidRequest = (
  found: readonly { part: string; error: z.ZodError }[],
): { refusal: Refusal; errors: Problem['errors'] } => {
  const errors = found.flatMap(({ part, error }) =>
    error.issues.slice(0, 50).map((issue) => ({ path: pathText(part, issue), message: issueWords(issue) })),
  )
  return { refusal: invalidWith(errors), errors }
}

/** The same for what no schema can say: every error at once. */
export const invalidInput = (errors: Problem['errors']): Refused => new Refused(invalidWith(errors), errors)

const invalidWith = (errors: Problem['errors']): Refusal => {
  const first = errors[0] ?? { path: 'request', message: 'not valid' }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return refuse('invalid', { where: first.path, why: `${first.message}${more}` })
}

/** An unknown key has an empty path in zod; its name is in `keys`. */
const pathText = (part: string, issue: z.core.$ZodIssue): string => {
  const keys = issue.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : []
  return [...issue.path, ...keys].reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key).slice(0, 80)}`),
    part,
  )
}
