/**
 * With which secret does a source sign, and who may know it?
 * 256 random bits in the form of Standard Webhooks (`whsec_` + base64), shown once, sealed in the database for that source alone.
 */
import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../keys/box.ts'
import { sourcePurpose } from '../keys/sealed.ts'

export const freshWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

export const sealSecret = (key: Uint8Array, source: string, secret: string): string =>
  seal(key, sourcePurpose(source), secret)

/** The secret as its sender has it. Throws when the installation's key is another one. */
export const openSecret = (key: Uint8Array, source: string, sealed: string): string =>
  unseal(key, sourcePurpose(source), sealed)

/** The bytes that sign, of a secret as its sender has it. */
export const signingBytes = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
