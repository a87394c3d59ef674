/**
 * How is a packet tampered with?
 * One good packet, and the ways in which tests change it: with the key of the control plane and without. Only tests import it.
 */
import { factText, readFact, type Fact } from '../../run/facts.ts'
import { composePacket, type PacketInput } from '../compose.ts'
import { envelopeBytes, pae, type Signer } from '../dsse.ts'
import { manifestBytes, manifestOf, manifestStatement } from '../manifest.ts'
import { envelopeFile, factsFile, manifestFile, payloadType, signatureFile, signedFile } from '../names.ts'
import { statementBytes } from '../statement.ts'
import { bytesOf, textOf } from '../utf8.ts'
import type { PublicKey, Verdict } from '../verdict.ts'
import { verifyPacket } from '../verify.ts'
import { control, exportedAt, inputOf, rechained, rememberedCheck, sampleRun } from './packets.ts'

export const play = sampleRun()
export const input = inputOf(play)
export const packet: ReadonlyMap<string, Uint8Array> = await composePacket(input)
export const trusted: PublicKey[] = [control.given]
/** Where the copies of the control plane's signatures lie. */
export const folder = `control-plane-${control.kid}`
const check = rememberedCheck()
type Files = Map<string, Uint8Array>

/** The verdict on these files, by default with the right key. */
export const verdictOn = (files: ReadonlyMap<string, Uint8Array>, keys: readonly PublicKey[] = trusted): Verdict =>
  verifyPacket(files, { keys, check })
/** Faults as `code file record`. */
export const told = ({ faults }: Verdict): string[] =>
  faults.map((one) => `${one.code} ${one.file.replace(/^openssl\/[^/]+/, 'openssl')} ${one.record ?? ''}`.trim())
/** The faults after files were changed. */
export const after = (change: (files: Files) => void): string[] => {
  const files = new Map(packet)
  change(files)
  return told(verdictOn(files))
}

export const lines = (): string[] => textOf(packet.get(factsFile)!)!.trimEnd().split('\n')
export const withLines = (files: Files, changed: readonly string[]): Files =>
  files.set(factsFile, bytesOf(changed.map((line) => `${line}\n`).join('')))

/** The manifest made again over changed files, as one does who has no key. */
export const relist = (files: Files): Files =>
  files.set(manifestFile, manifestBytes(manifestOf(files, play.facts[0]!.run, exportedAt)))
/** The same, and signed: what only the holder of a key can do. */
export const reseal = async (files: Files, signer: Signer = control.signer): Promise<void> => {
  relist(files)
  await put(
    files,
    'manifest',
    statementBytes(manifestStatement(files.get(manifestFile)!, play.facts[0]!.run, exportedAt)),
    signer,
  )
}
/** A statement put in, signed, with its copies for openssl. */
export const put = async (
  files: Files,
  name: string,
  payload: Uint8Array,
  signer: Signer = control.signer,
): Promise<void> => {
  const signed = pae(payloadType, payload)
  const signature = await signer.sign(signed)
  files.set(envelopeFile(name), envelopeBytes({ type: payloadType, payload, kid: signer.kid, signature }))
  files.set(signedFile(folder, name, 'pae'), signed)
  files.set(signatureFile(folder, name), signature)
}

/** The faults of a packet over other facts that the control plane itself signed: a lie with good signatures. */
export const lie = async (change: (facts: Fact[]) => Fact[], over: Partial<PacketInput> = {}): Promise<string[]> =>
  told(
    verdictOn(
      await composePacket({
        ...input,
        facts: rechained(change(play.facts.map((fact) => readFact(factText(fact))))),
        reports: [],
        ...over,
      }),
    ),
  )

/** Place of the n-th fact of a type in the sample run. */
export const seqOf = (type: Fact['type'], nth = 0): number =>
  play.facts.filter((fact) => fact.type === type).at(nth)!.seq
export const at = (facts: readonly Fact[], seq: number): Fact => facts.find((fact) => fact.seq === seq)!
/** The facts with one of them moved behind another. */
export const moved = (facts: Fact[], seq: number, behind: number): Fact[] => {
  const [one] = facts.splice(
    facts.findIndex((fact) => fact.seq === seq),
    1,
  )
  facts.splice(facts.findIndex((fact) => fact.seq === behind) + 1, 0, one!)
  return facts
}
