/**
 * Which files make up the packet of a run?
 * Pure but for the signer that is passed in: the same facts, keys, reports, time and key give the same bytes. It never writes a zip.
 */
import { chainHash, chainStart } from '../run/chain.ts'
import { readFact } from '../run/facts.ts'
import { sha256Hex } from '../digest/canonical.ts'
import { envelopeBytes, pae, type Signer } from './dsse.ts'
import { inWindow, pemOf, rawKey, type PacketKey } from './keys.ts'
import { factsBytes, startOf, type Link } from './links.ts'
import { manifestBytes, manifestOf, manifestStatement } from './manifest.ts'
import {
  bodiesFolder,
  envelopeFile,
  factsFile,
  keyName,
  keysFile,
  manifestFile,
  pageFile,
  payloadType,
  pemFile,
  readmeFile,
  reportFile,
  signatureFile,
  signedFile,
  statementNames,
} from './names.ts'
import { pageBytes } from './page/page.ts'
import { readmeBytes } from './readme.ts'
import { attachedJws, openReport, type SignedReport } from './report.ts'
import { runStatements } from './run-statements.ts'
import { statementBytes, type Statement } from './statement.ts'
import { isoTime } from './time.ts'
import { bytesOf } from './utf8.ts'

/** What a packet is made from. */
export type PacketInput = {
  /** The run's facts from the first to the last: exact text and hash, as the ledger holds them. */
  facts: readonly { text: string; hash: string }[]
  /** Keys with owner and time: the signer's own, and those of runners whose reports are in it. Others are left out. */
  keys: readonly PacketKey[]
  /** Reports that became facts of this run, as their runners signed them. */
  reports: readonly SignedReport[]
  /** Bodies by their digest: empty, unless the workspace chose to export them. */
  bodies: ReadonlyMap<string, Uint8Array>
  /** Bodies beside these, which are too large to hold: how many. Their files, `bodies/DIGEST`, are checked and added by whoever writes the packet. */
  bodiesBeside?: number
  /** The control plane's key. */
  signer: Signer
  /** When the packet is made, ms; it stands in every statement. */
  exportedAt: number
}

/**
 * The files of a packet: path -> bytes. Throws (a fault, with the place) when the facts do not form the chain that their
 * hashes say, when a report is not a signed one, when a body does not have its digest, or when the signer's key is not among the keys.
 */
export const composePacket = async (input: PacketInput): Promise<Map<string, Uint8Array>> => {
  const links = chained(input.facts)
  const { signer, exportedAt } = input
  const control = input.keys.find((key) => key.kid === signer.kid && key.owner.kind === 'control-plane')
  if (!control) throw new Error(`the signing key ${signer.kid} is not among the control plane's keys`)
  if (!inWindow(control, exportedAt))
    throw new Error(`the signing key ${signer.kid} does not count at ${isoTime(exportedAt)}`)
  const reports = input.reports.toSorted((a, b) => a.fact - b.fact)
  const files = new Map<string, Uint8Array>([[factsFile, factsBytes(links.map((link) => link.text))]])

  const runners = new Map<string, PacketKey>()
  for (const report of reports) {
    const key = addReport(files, report, links, input.keys)
    runners.set(key.kid, key)
  }
  const keys = [control, ...runners.values()]
  files.set(keysFile, bytesOf(`${JSON.stringify({ keys }, null, 1)}\n`))
  for (const key of keys) files.set(pemFile(keyName(key)), bytesOf(pemOf(rawKey(key.x)!)))

  const seqs = reports.map((report) => report.fact)
  for (const [name, statement] of runStatements(links, seqs, exportedAt))
    await addStatement(files, name, statement, signer, control)
  const { number } = startOf(links).fact.data
  const run = links[0]!.fact.run
  const bodies = input.bodies.size + (input.bodiesBeside ?? 0)
  files.set(pageFile, pageBytes({ links, keys, reports: seqs, bodies, signer: signer.kid, exportedAt }))
  files.set(
    readmeFile,
    readmeBytes({
      run,
      number,
      count: links.length,
      control,
      runners: [...runners.values()],
      bodies,
    }),
  )
  for (const [digest, bytes] of input.bodies) {
    if (sha256Hex(bytes) !== digest) throw new Error(`the bytes of body ${digest} have another digest`)
    files.set(`${bodiesFolder}${digest}`, bytes)
  }

  const manifest = manifestBytes(manifestOf(files, run, exportedAt))
  files.set(manifestFile, manifest)
  await addStatement(files, statementNames.manifest, manifestStatement(manifest, run, exportedAt), signer, control)
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Reads the facts and holds them against their hashes: a damaged ledger must not be signed. */
const chained = (facts: PacketInput['facts']): Link[] =>
  facts.map(({ text, hash }, at) => {
    if (chainHash(facts[at - 1]?.hash ?? chainStart, text) !== hash)
      throw new Error(`fact ${at + 1} does not have the hash that the ledger holds`)
    const fact = readFact(text)
    if (fact.seq !== at + 1) throw new Error(`fact ${fact.seq} stands at place ${at + 1}`)
    return { fact, text, hash }
  })

const addStatement = async (
  files: Map<string, Uint8Array>,
  name: string,
  statement: Statement,
  signer: Signer,
  key: PacketKey,
): Promise<void> => {
  const payload = statementBytes(statement)
  const signed = pae(payloadType, payload)
  const signature = await signer.sign(signed)
  files.set(envelopeFile(name), envelopeBytes({ type: payloadType, payload, kid: signer.kid, signature }))
  files.set(signedFile(keyName(key), name, 'pae'), signed)
  files.set(signatureFile(keyName(key), name), signature)
}

/** Adds a report and answers the key of the runner that signed it. */
const addReport = (
  files: Map<string, Uint8Array>,
  report: SignedReport,
  links: readonly Link[],
  keys: readonly PacketKey[],
): PacketKey => {
  const jws = attachedJws(report)
  const opened = openReport(jws)
  const by = links[report.fact - 1]?.fact.by
  if (!opened || by?.kind !== 'runner')
    throw new Error(`the report kept for fact ${report.fact} is not one that a runner signed`)
  const own = keys.filter((key) => key.owner.kind === 'runner' && key.owner.id === by.id)
  const key = opened.kid === null ? own.at(-1) : own.find((one) => one.kid === opened.kid)
  if (!key)
    throw new Error(`the key of the runner ${by.id} that signed the report of fact ${report.fact} was not given`)
  files.set(reportFile(report.fact), bytesOf(jws))
  files.set(signedFile(keyName(key), statementNames.report(report.fact), 'input'), opened.input)
  files.set(signatureFile(keyName(key), statementNames.report(report.fact)), opened.signature)
  return key
}
