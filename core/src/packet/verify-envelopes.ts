/**
 * Which statements of the control plane are in the packet, and is each signed by a key that may sign it?
 * It never asks whether what they say is true.
 */
import { pae, readEnvelope, sameBytes, type Envelope, type SignatureCheck } from './dsse.ts'
import { envelopeFile, keyName, payloadType, signatureFile, signedFile } from './names.ts'
import { readStatement, type Statement } from './statement.ts'
import { outsideWindow, type Keys, type KnownKey } from './verify-keys.ts'
import { fault, type CopyFault, type Fault } from './verdict.ts'

/** A statement of the control plane as found. `believed`: its signature fits a key of the packet or a given one. */
export type FoundStatement = { file: string; statement: Statement; payload: Uint8Array; kid: string; believed: boolean }
export type Envelopes = { found: ReadonlyMap<string, FoundStatement>; faults: Fault[]; copies: CopyFault[] }

const statementPath = /^statements\/(.+)\.dsse\.json$/

/** Opens every envelope of the packet and checks its signature. */
export const readEnvelopes = (files: ReadonlyMap<string, Uint8Array>, keys: Keys, check: SignatureCheck): Envelopes => {
  const found = new Map<string, FoundStatement>()
  const faults: Fault[] = []
  const copies: CopyFault[] = []
  for (const [file, bytes] of files) {
    const name = statementPath.exec(file)?.[1]
    if (name === undefined) continue
    const envelope = readEnvelope(bytes)
    const statement = envelope && readStatement(envelope.payload)
    if (!envelope || !statement || envelope.type !== payloadType) {
      faults.push(fault('malformed', file, 'It is no signed statement in the form that Viewport writes.'))
      continue
    }
    const known = keys.known.get(envelope.kid)
    const wrong = known
      ? signatureFaults(file, envelope, statement.predicate.signedAt, known, check)
      : [unknownKey(file, envelope.kid)]
    faults.push(...wrong)
    if (known) copies.push(...copiesFaults(files, name, envelope, known))
    found.set(name, { file, statement, payload: envelope.payload, kid: envelope.kid, believed: wrong.length === 0 })
  }
  return { found, faults, copies }
}

const unknownKey = (file: string, kid: string): Fault =>
  fault('wrong_key', file, `It names the key ${kid}, which is neither in the packet nor given.`)

const signatureFaults = (
  file: string,
  envelope: Envelope,
  at: number,
  known: KnownKey,
  check: SignatureCheck,
): Fault[] => {
  if (known.key && known.key.owner.kind !== 'control-plane')
    return [
      fault(
        'wrong_key',
        file,
        `It is signed with the key of ${known.key.owner.name}, a runner; the control plane must sign it.`,
      ),
    ]
  if (!check(envelope.signature, pae(envelope.type, envelope.payload), known.raw))
    return [fault('bad_signature', file, 'Its signature does not fit its bytes.')]
  const outside = outsideWindow(known, at)
  return outside ? [fault('key_outside_window', file, outside, `key ${known.kid}`)] : []
}

/** The files for openssl hold exactly what the envelope holds, or the printed commands would verify something else. */
const copiesFaults = (
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  envelope: Envelope,
  known: KnownKey,
): CopyFault[] => {
  if (!known.key) return []
  const source = envelopeFile(name)
  const folder = keyName(known.key)
  const expected = [
    [signedFile(folder, name, 'pae'), pae(envelope.type, envelope.payload)],
    [signatureFile(folder, name), envelope.signature],
  ] as const
  return expected.flatMap(([path, bytes]) => {
    const copy = files.get(path)
    if (!copy) return [{ ...fault('missing_file', path, `The copy of ${source} for openssl is missing.`), source }]
    return sameBytes(copy, bytes) ? [] : [{ ...fault('edited', path, `It is not what ${source} holds.`), source }]
  })
}
