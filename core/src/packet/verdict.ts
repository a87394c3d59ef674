/**
 * What did the verification of a packet find?
 * It never softens: what is not proven is a fault, or the signer is unknown.
 */

/** Everything that can be wrong with a packet, by name. */
export const faultNames = {
  edited: 'edited bytes',
  malformed: 'not in the form of a packet',
  missing_file: 'missing file',
  missing_statement: 'missing statement',
  unlisted_file: 'a file that the manifest does not list',
  bad_signature: 'signature does not fit',
  wrong_key: 'wrong key',
  key_outside_window: 'key used outside its time',
  cut_tail: 'cut tail',
  missing_fact: 'missing fact',
  added_fact: 'added fact',
  reordered: 'order changed',
  fork: 'fork',
  statement_differs: 'statement differs from its fact',
  report_differs: 'fact differs from what its runner signed',
  impossible: 'a story that cannot have happened',
  spec_differs: 'run spec differs from its digest',
  gate_digest_differs: 'gate digest differs from what was shown',
  gate_differs: 'gate asks otherwise than its workflow',
  decision_digest_differs: 'decided on another digest',
  decision_after_close: 'decided after the gate had closed',
  approver_not_allowed: 'approver not allowed',
  too_few_votes: 'too few votes',
  began_too_early: 'step begun before what it needs was approved or done',
  began_after_stop: 'effect begun after the run was stopped',
  not_approved: 'effect without approval',
  approved_after_execution: 'approved after execution',
  approved_differs: 'approved digest differs from the proposed one',
  executed_differs: 'approved digest differs from the executed one',
  duplicate_effect: 'effect done twice',
} as const
export type FaultCode = keyof typeof faultNames

/** One fault: its name, the file it is in, the record it is about (`fact 17`), and a sentence. */
export type Fault = { code: FaultCode; file: string; record: string | null; words: string }
export const fault = (code: FaultCode, file: string, words: string, record: string | null = null): Fault => ({
  code,
  file,
  record,
  words,
})

/** A copy for openssl that is not what its source holds: told only when the source itself is sound. */
export type CopyFault = Fault & { source: string }

/** A public key that the verifier was given and trusts: 32 bytes, RFC 7638 id, and the time (ms) it counts, where that is known. */
export type PublicKey = { kid: string; raw: Uint8Array; notBefore?: number | null; notAfter?: number | null }

/** Who signed how much of a packet. `given`: by a key that the verifier was given. */
export type SignerSeen = { kid: string; owner: string; given: boolean; signatures: number }

/**
 * verified: every check passed and the control plane's key is one that was given.
 * signer_unknown: consistent in itself, but no key was given: anybody could have made it. Not a success.
 * faulty: something is wrong, by name. unusable: not a packet.
 */
export type Outcome = 'verified' | 'signer_unknown' | 'faulty' | 'unusable'

/** The answer of `verifyPacket`. `notes`: true things a reader should know that are no fault. */
export type Verdict = {
  outcome: Outcome
  faults: Fault[]
  notes: string[]
  signers: SignerSeen[]
  run: {
    id: string
    number: number
    workflow: string
    outcome: string | null
    head: string
    exportedAt: number | null
  } | null
  counts: {
    files: number
    facts: number
    statements: number
    decisions: number
    effects: number
    reports: number
    bodies: number
  }
}
