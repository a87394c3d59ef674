/**
 * Which meaning does a workflow have, as one number?
 * SHA-256 of the RFC 8785 form of the compiled workflow: every default is in it, and so is the version of the language. Comments, key order,
 * anchors and the choice between short and long spelling are gone by then.
 */
import { digestOf } from '../digest/canonical.ts'
import type { Compiled } from './compiled.ts'

/** 64 hex digits. */
export const workflowDigest = (compiled: Compiled): string => digestOf(compiled)
