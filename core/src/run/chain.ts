/**
 * How does each fact prove what came before it?
 * hash(n) = SHA-256("viewport-fact-1\n" + hash(n-1) + "\n" + exact text of fact n), hash(0) = 64 zeros. It never reads the text.
 */
import { sha256Hex } from '../digest/canonical.ts'

/** The hash before the first fact. */
export const chainStart = '0'.repeat(64)

/** The hash of a fact's exact text after the previous hash (64 hex digits). */
export const chainHash = (previous: string, text: string): string => sha256Hex(`viewport-fact-1\n${previous}\n${text}`)
