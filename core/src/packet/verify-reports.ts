/**
 * Does each fact that stands on a runner's report say what that runner signed?
 * It never takes the control plane's word for a runner's.
 */
import { sameBytes, type SignatureCheck } from './dsse.ts'
import type { Link } from './links.ts'
import { keyName, reportFile, signatureFile, signedFile, statementNames } from './names.ts'
import { openReport, reportMisfit, type OpenedReport } from './report.ts'
import { textOf } from './utf8.ts'
import { outsideWindow, type Keys, type KnownKey } from './verify-keys.ts'
import { fault, type CopyFault, type Fault } from './verdict.ts'

/** Which keys signed reports, and what is wrong. */
export type Reports = { kids: string[]; faults: Fault[]; copies: CopyFault[] }

const reportPath = /^statements\/report-(\d+)\.jws$/

/** `named`: the facts that the signed head says stand on a report; null when there is no head to believe: then those that are there are checked. */
export const checkReports = (
  files: ReadonlyMap<string, Uint8Array>,
  keys: Keys,
  named: readonly number[] | null,
  links: readonly Link[],
  check: SignatureCheck,
): Reports => {
  const there = [...files.keys()].flatMap((path) => reportPath.exec(path)?.[1] ?? []).map(Number)
  const seqs = named ?? there.toSorted((a, b) => a - b)
  const faults = there
    .filter((seq) => !seqs.includes(seq))
    .map((seq) => fault('unlisted_file', reportFile(seq), 'The signed head names no such report.'))
  const kids: string[] = []
  const copies: CopyFault[] = []
  const last = new Map<string, number>()
  for (const seq of seqs) {
    const file = reportFile(seq)
    const record = `fact ${seq}`
    const link = links[seq - 1]
    const bytes = files.get(file)
    const opened = bytes && openReport(textOf(bytes) ?? '')
    if (!bytes || !opened || !link) {
      faults.push(
        bytes
          ? fault('malformed', file, 'It is no signed report.', record)
          : fault('missing_statement', file, 'The signed head names this report; the packet has it not.', record),
      )
      continue
    }
    const signer = signerOf(keys, opened, link)
    if (typeof signer === 'string') faults.push(fault('wrong_key', file, signer, record))
    else {
      if (!check(opened.signature, opened.input, signer.raw))
        faults.push(fault('bad_signature', file, 'Its signature does not fit its bytes.', record))
      const outside = outsideWindow(signer, link.fact.at)
      if (outside) faults.push(fault('key_outside_window', file, outside, `key ${signer.kid}`))
      copies.push(...copiesFaults(files, seq, opened, signer))
      kids.push(signer.kid)
    }
    const misfit = reportMisfit(link.fact, opened)
    if (misfit) faults.push(fault('report_differs', file, `${misfit[0]!.toUpperCase()}${misfit.slice(1)}.`, record))
    const line = `${opened.lease} ${opened.epoch}`
    if (opened.seq <= (last.get(line) ?? 0))
      faults.push(
        fault(
          'reordered',
          file,
          `Its runner sent it before an earlier one (report ${opened.seq} of its lease).`,
          record,
        ),
      )
    last.set(line, opened.seq)
  }
  return { kids, faults, copies }
}

/** The key that must have signed: of the runner that the fact names; or why there is none. */
const signerOf = (
  keys: Keys,
  { kid }: OpenedReport,
  { fact }: Link,
): (KnownKey & { key: NonNullable<KnownKey['key']> }) | string => {
  if (fact.by.kind !== 'runner') return `The fact is not by a runner.`
  const { id, name } = fact.by
  const own = [...keys.known.values()].filter(
    (one): one is KnownKey & { key: NonNullable<KnownKey['key']> } =>
      one.key?.owner.kind === 'runner' && one.key.owner.id === id,
  )
  if (own.length === 0) return `The packet has no key of the runner ${name} (${id}).`
  // A report may leave its key out; a runner has one key, so the newest is meant.
  const named = kid === null ? own.at(-1) : own.find((one) => one.kid === kid)
  return named ?? `It is signed with the key ${kid}, which is not one of the runner ${name} (${id}).`
}

const copiesFaults = (
  files: ReadonlyMap<string, Uint8Array>,
  seq: number,
  opened: OpenedReport,
  { key }: KnownKey & { key: NonNullable<KnownKey['key']> },
): CopyFault[] =>
  [
    { path: signedFile(keyName(key), statementNames.report(seq), 'input'), bytes: opened.input },
    { path: signatureFile(keyName(key), statementNames.report(seq)), bytes: opened.signature },
  ].flatMap(({ path, bytes }) => {
    const copy = files.get(path)
    if (!copy)
      return [
        { ...fault('missing_file', path, 'The copy of a report for openssl is missing.'), source: reportFile(seq) },
      ]
    return sameBytes(copy, bytes)
      ? []
      : [{ ...fault('edited', path, `It is not what ${reportFile(seq)} holds.`), source: reportFile(seq) }]
  })
