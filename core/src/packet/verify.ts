/**
 * Is this packet what it claims to be, and who says so?
 * Pure: files and given keys in, a verdict out. It fetches nothing and believes no key because the packet brings it.
 */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { checkEd25519, type SignatureCheck } from './dsse.ts'
import { envelopeFile, factsFile, keyName, keysFile, manifestFile, predicateTypes, statementNames } from './names.ts'
import { startOf, type Link } from './links.ts'
import { readChain } from './verify-chain.ts'
import { readEnvelopes, type FoundStatement } from './verify-envelopes.ts'
import { bodyFaults, fileFaults, readManifest, strayManifestCopies } from './verify-files.ts'
import { readKeys, type Keys } from './verify-keys.ts'
import { checkReports } from './verify-reports.ts'
import { statementFaults } from './verify-statements.ts'
import { checkStory } from './verify-story.ts'
import { fault, type Fault, type PublicKey, type SignerSeen, type Verdict } from './verdict.ts'

/** What a signed head must hold to measure facts against it. */
const Head = z.looseObject({
  count: z.int().positive(),
  hash: Sha256,
  chain: z.array(Sha256).min(1),
  reports: z.array(z.int().positive()),
})

/**
 * Verifies a packet's files (path -> bytes) against keys that the verifier was given.
 * `check` replaces the signature check (another implementation of Ed25519); the default is strict RFC 8032.
 * Never throws on bad input: everything that is wrong is a fault with the file and the record it is in.
 */
export const verifyPacket = (
  files: ReadonlyMap<string, Uint8Array>,
  given: { keys: readonly PublicKey[]; check?: SignatureCheck },
): Verdict => {
  if (![manifestFile, factsFile, keysFile].some((name) => files.has(name)))
    return unusable('Neither facts nor keys nor a manifest are in it.')
  const check = given.check ?? checkEd25519
  const keys = readKeys(files, given.keys)
  const { found, faults: envelopeFaults, copies } = readEnvelopes(files, keys, check)
  const signedManifest = found.get(statementNames.manifest)
  const read = readManifest(files, signedManifest?.believed ? signedManifest : undefined)
  const missingManifest = files.has(envelopeFile(statementNames.manifest))
    ? []
    : [fault('missing_statement', envelopeFile(statementNames.manifest), 'Nobody signed the manifest.')]

  const head = headOf(found)
  const factBytes = files.get(factsFile)
  const chain = factBytes
    ? readChain(factBytes, head?.chain ?? null)
    : { links: null, faults: [fault('missing_file', factsFile, 'The packet has no facts.')] }
  const { links } = chain
  const stated = links ? statementFaults(found, links, head?.reports ?? []) : { faults: [], notes: [] }
  const reported = links
    ? checkReports(files, keys, head?.reports ?? null, links, check)
    : { kids: [], faults: [], copies: [] }
  const story = links ? checkStory(links) : { state: null, faults: [], notes: [] }

  // The precise fault first: that a file's digest is wrong says less than what is wrong in it, and a copy says less than its source.
  const precise = [
    ...keys.faults,
    ...envelopeFaults,
    ...chain.faults,
    ...stated.faults,
    ...reported.faults,
    ...story.faults,
    ...bodyFaults(files, links),
    ...missingManifest,
    ...read.faults,
    ...strayManifestCopies(files, foldersOf(keys, signedManifest)),
  ]
  const listed = read.manifest ? without(precise, fileFaults(files, read.manifest)) : []
  const copied = [...copies, ...reported.copies].filter(
    (one) => ![...precise, ...listed].some((other) => other.file === one.source),
  )
  const signers = signersOf(keys, found, reported.kids)
  const faults = [
    ...precise,
    ...listed,
    ...without([...precise, ...listed], copied).map(({ code, file, record, words }) => ({ code, file, record, words })),
    ...strangers(signers, given.keys, found),
  ]
  const known = signers.some((one) => one.given && one.owner === 'control plane')
  return {
    outcome: faults.length > 0 ? 'faulty' : known ? 'verified' : 'signer_unknown',
    faults,
    notes: [...story.notes, ...stated.notes],
    signers,
    run: links && links[0]?.fact.type === 'run.started' ? runOf(links, read.manifest?.exportedAt ?? null) : null,
    counts: countsOf(files, links, found, reported.kids.length),
  }
}

const headOf = (found: ReadonlyMap<string, FoundStatement>): z.infer<typeof Head> | null => {
  const head = found.get(statementNames.head)
  return head?.believed && head.statement.predicateType === predicateTypes.head
    ? (Head.safeParse(head.statement.predicate).data ?? null)
    : null
}

/** Faults of files that are not named yet. */
const without = <T extends Fault>(named: readonly Fault[], more: readonly T[]): T[] => {
  const files = new Set(named.map((one) => one.file))
  return more.filter((one) => !files.has(one.file))
}

/** In whose folders copies of the manifest's signature may lie: the signer's; while nobody is known to have signed, any control plane key's. */
const foldersOf = (keys: Keys, manifest: FoundStatement | undefined): string[] =>
  [...keys.known.values()].flatMap(({ kid, key }) =>
    key?.owner.kind === 'control-plane' && (!manifest || manifest.kid === kid) ? [keyName(key)] : [],
  )

const signersOf = (
  keys: Keys,
  found: ReadonlyMap<string, FoundStatement>,
  reportKids: readonly string[],
): SignerSeen[] => {
  const kids = [...[...found.values()].filter((one) => one.believed).map((one) => one.kid), ...reportKids]
  return [...new Set(kids)].map((kid) => {
    const known = keys.known.get(kid)!
    const owner = known.key?.owner.kind === 'runner' ? `runner ${known.key.owner.name}` : 'control plane'
    return { kid, owner, given: known.given !== null, signatures: kids.filter((one) => one === kid).length }
  })
}

/** The control plane's signature must be by a key that was given, as soon as any was given. */
const strangers = (
  signers: readonly SignerSeen[],
  given: readonly PublicKey[],
  found: ReadonlyMap<string, FoundStatement>,
): Fault[] => {
  if (given.length === 0) return []
  const own = signers.filter((one) => one.owner === 'control plane' && !one.given)
  return own.map(({ kid, signatures }) => {
    const file = [...found.values()].find((one) => one.kid === kid)?.file ?? keysFile
    const trusted = given.map((key) => key.kid).join(', ')
    return fault(
      'wrong_key',
      file,
      `${signatures === 1 ? 'One statement is' : `${signatures} statements are`} signed with the key ${kid}; given ${given.length === 1 ? 'was' : 'were'} ${trusted}. Somebody else signed this packet, or it comes from another Viewport.`,
      `key ${kid}`,
    )
  })
}

const runOf = (links: readonly Link[], exportedAt: number | null): NonNullable<Verdict['run']> => {
  const { fact } = startOf(links)
  const ended = links.findLast((link) => link.fact.type === 'run.finished')
  const { name, version } = fact.data.spec.workflow
  return {
    id: fact.run,
    number: fact.data.number,
    workflow: `${name} v${version}`,
    outcome: ended?.fact.type === 'run.finished' ? ended.fact.data.outcome : null,
    head: links.at(-1)!.hash,
    exportedAt,
  }
}

const countsOf = (
  files: ReadonlyMap<string, Uint8Array>,
  links: readonly Link[] | null,
  found: ReadonlyMap<string, FoundStatement>,
  reports: number,
): Verdict['counts'] => ({
  files: files.size,
  facts: links?.length ?? 0,
  statements: found.size,
  decisions: [...found.keys()].filter((name) => name.startsWith('decision-')).length,
  effects: [...found.keys()].filter((name) => name.startsWith('effect-')).length,
  reports,
  bodies: [...files.keys()].filter((path) => path.startsWith('bodies/')).length,
})

/** The verdict on something that is no packet. `why` is a sentence. */
export const unusable = (why: string): Verdict => ({
  outcome: 'unusable',
  faults: [fault('malformed', '', why)],
  notes: [],
  signers: [],
  run: null,
  counts: { files: 0, facts: 0, statements: 0, decisions: 0, effects: 0, reports: 0, bodies: 0 },
})
