/**
 * What does a signed statement say about what? (in-toto Statement v1,
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md)
 * It never signs and never checks a signature.
 */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { bytesOf, jsonOf } from './utf8.ts'

const statementType = 'https://in-toto.io/Statement/v1'

/** A statement: subjects by digest, and a predicate about them. */
export const Statement = z.strictObject({
  _type: z.literal(statementType),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: Sha256 }) })).min(1),
  predicateType: z.string(),
  predicate: z.looseObject({ signedAt: z.int().nonnegative() }),
})
export type Statement = z.infer<typeof Statement>

/** A statement with one subject. `predicate.signedAt`: ms, by the control plane's clock. */
export const statement = (
  name: string,
  sha256: string,
  predicateType: string,
  predicate: Statement['predicate'],
): Statement => ({
  _type: statementType,
  subject: [{ name, digest: { sha256 } }],
  predicateType,
  predicate,
})

/** The exact bytes that are signed. */
export const statementBytes = (value: Statement): Uint8Array => bytesOf(JSON.stringify(value))

/** Reads a payload, or null when it is no statement. */
export const readStatement = (payload: Uint8Array): Statement | null =>
  Statement.safeParse(jsonOf(payload)).data ?? null
