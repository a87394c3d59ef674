/**
 * Did this runner report this fact, by its own signature?
 * A runner signs each report as a JWS over `reportText` (wire/report-text.ts); the packet keeps the JWS whole. It never trusts what the control plane says a runner said.
 */
import { z } from 'zod'
import { canonical } from '../digest/canonical.ts'
import type { Fact, FactType } from '../run/facts.ts'
import { fromBase64url, toBase64url } from '../wire/base64url.ts'
import { Report } from '../wire/messages.ts'
import { reportText, reportType } from '../wire/report-text.ts'
import { bytesOf, jsonOf, textOf } from './utf8.ts'

/** A report as it is kept beside its fact: the exact text that was signed, and the detached JWS (`header..signature`) that came with it. */
export type SignedReport = { fact: number; text: string; signature: string }

/** The compact JWS with its payload put back (RFC 7515 section 7.1, appendix F). Throws when the signature is not a detached JWS. */
export const attachedJws = ({ text, signature }: SignedReport): string => {
  const parts = signature.split('.')
  if (parts.length !== 3 || parts[1] !== '') throw new Error('the signature of a report is not a detached JWS')
  return `${parts[0]}.${toBase64url(bytesOf(text))}.${parts[2]}`
}

const Header = z.strictObject({
  alg: z.enum(['EdDSA', 'Ed25519']),
  typ: z.literal(reportType),
  kid: z.string().optional(),
})
const Payload = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  step: z.string(),
  attempt: z.int().positive(),
  lease: z.string(),
  epoch: z.int().positive(),
  seq: z.int().positive(),
  report: Report,
})

/** An opened report: its place, what it says, the bytes that were signed, the signature, and the key it names. */
export type OpenedReport = z.infer<typeof Payload> & { input: Uint8Array; signature: Uint8Array; kid: string | null }

/** Opens a compact JWS of a report, or null when it is not exactly one. */
export const openReport = (jws: string): OpenedReport | null => {
  const [head, body, tail, ...more] = jws.split('.')
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) return null
  const [header, payload, signature] = [fromBase64url(head), fromBase64url(body), fromBase64url(tail)]
  if (!header || !payload || signature?.length !== 64) return null
  const named = Header.safeParse(jsonOf(header))
  const read = Payload.safeParse(jsonOf(payload))
  if (!named.success || !read.success || reportText(read.data, read.data.report) !== textOf(payload)) return null
  return { ...read.data, input: bytesOf(`${head}.${body}`), signature, kid: named.data.kid ?? null }
}

const factOf: Record<Report['type'], FactType> = {
  pinned: 'repo.pinned',
  started: 'step.started',
  context: 'context.resolved',
  settings: 'settings.resolved',
  cited: 'context.cited',
  push: 'push.recorded',
  ask: 'ask.recorded',
  parked: 'step.parked',
  finished: 'step.finished',
  failed: 'step.failed',
  effect_started: 'effect.started',
  effect_succeeded: 'effect.succeeded',
  effect_failed: 'effect.failed',
  effect_unknown: 'effect.unknown',
  refused: 'refusal.recorded',
}

/** The place of the fact that a report became: the first of these facts that its runner speaks in, or null when it brought none. */
export const reportedFact = (facts: readonly Fact[]): number | null =>
  facts.find((fact) => fact.by.kind === 'runner')?.seq ?? null

/** Why a fact is not what the runner reported, or null when it is. A report that was refused stands as `refusal.recorded`. */
export const reportMisfit = (
  fact: Fact,
  opened: Pick<OpenedReport, 'run' | 'step' | 'attempt' | 'epoch' | 'report'>,
): string | null => {
  const { report } = opened
  if (opened.run !== fact.run) return `it was signed for ${opened.run}`
  if (fact.type === 'refusal.recorded' && report.type !== 'refused') return null
  if (factOf[report.type] !== fact.type) return `the runner reported ${report.type}, the fact is ${fact.type}`
  const said: Record<string, unknown> = { ...report, type: undefined }
  const stored: Record<string, unknown> = fact.data
  // Facts of a step's attempt name their place; facts of an effect name the intent, which the report names too.
  const placed =
    'step' in stored && fact.type !== 'refusal.recorded'
      ? { step: opened.step, attempt: opened.attempt, epoch: opened.epoch }
      : {}
  for (const [name, value] of Object.entries({ ...said, ...placed }))
    if (value !== undefined && canonical(value) !== canonical(stored[name] ?? null))
      return `the runner reported another ${name}`
  return null
}
