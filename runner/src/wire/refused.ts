/** Which refusal does an answer carry? Problem documents (RFC 9457) become refusals of the one table. */
import { z } from 'zod'
import { isRefusal, refuse, refusals, type Refusal, type RefusalCode } from '@viewportai/core/refusal'
import type { Answer } from './exchange.ts'

const Problem = z.looseObject({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  next: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})

/** A refusal that is thrown where a promise must reject. It reads like a refusal (`isRefusal`) and like an error. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: RefusalCode
  readonly words: string
  readonly next: string
  readonly facts: Readonly<Record<string, unknown>>
  constructor(refusal: Refusal) {
    super(`${refusal.words} ${refusal.next}`)
    this.refusal = refusal.refusal
    this.words = refusal.words
    this.next = refusal.next
    this.facts = refusal.facts
  }
}

/** The refusal in an answer of status 4xx. Words of the control plane win over the table's; a code this version does not know keeps them. */
export const refusalIn = (answer: Pick<Answer, 'status' | 'text' | 'headers'>): Refusal => {
  const problem = readProblem(answer.text)
  const code =
    problem.code !== undefined && Object.hasOwn(refusals, problem.code)
      ? (problem.code as RefusalCode)
      : codeFor(answer.status)
  const facts = { ...unnamed, why: `status ${answer.status}`, ...problem.facts, status: answer.status }
  const table = refuse(code, facts)
  return { ...table, words: problem.detail ?? problem.title ?? table.words, next: problem.next ?? table.next }
}

/**
 * The same, where a control plane of an earlier version does not understand what vpd says of itself, and does not know that this is why. One that does says it with both versions.
 * `vpd`: the version of this one.
 */
export const introducedAs = (refusal: Refusal, vpd: string, server: string): Refusal =>
  refusal.refusal === 'invalid' && statusIn(refusal) !== null
    ? {
        ...refusal,
        words: `The control plane at ${server} does not understand what vpd ${vpd} says of this machine: ${refusal.words}`,
        next: `Its version stands at ${server}/healthz. Where it is the older one, upgrade it first; else install its version here: \`npm i -g @viewportai/daemon@VERSION\`.`,
      }
    : refusal

/** Words for people: a refusal's sentences, an error's message with its causes. */
export const wordsOf = (problem: unknown): string => {
  if (isRefusal(problem)) return `${problem.words} ${problem.next}`.trim()
  if (!(problem instanceof Error)) return String(problem)
  return problem.cause instanceof Error && problem.cause.message !== problem.message
    ? `${problem.message} (${wordsOf(problem.cause)})`
    : problem.message
}

/** The status of the answer a refusal came with; null for one that was made here. */
export const statusIn = (refusal: Refusal): number | null =>
  typeof refusal.facts['status'] === 'number' ? refusal.facts['status'] : null

const readProblem = (text: string): z.infer<typeof Problem> => {
  try {
    return Problem.catch({}).parse(JSON.parse(text))
  } catch {
    return {}
  }
}

/** For an answer without a problem document. */
const unnamed = { where: 'the message', what: 'thing', id: 'of this name', who: 'This runner' }
const byStatus: Readonly<Record<number, RefusalCode>> = {
  401: 'proof_invalid',
  403: 'not_allowed',
  404: 'not_found',
  409: 'stale_epoch',
  410: 'lease_gone',
  412: 'log_incomplete',
  413: 'too_large',
  416: 'offset_gap',
}
const codeFor = (status: number): RefusalCode => byStatus[status] ?? 'invalid'
