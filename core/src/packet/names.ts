/**
 * Which files does a packet have, and what are they called?
 * It never reads or writes one.
 */

/** The form of the packet, written in its manifest. A packet of another form is refused, not guessed at. */
export const packetForm = 'viewport-packet/1'

/** Type of every DSSE payload here. */
export const payloadType = 'application/vnd.in-toto+json'

/** What each kind of statement says: in-toto predicate types. docs/packet.md describes them. */
export const predicateTypes = {
  manifest: 'https://getviewport.com/predicates/packet-manifest/v1',
  head: 'https://getviewport.com/predicates/run-head/v1',
  decision: 'https://getviewport.com/predicates/decision/v1',
  effect: 'https://getviewport.com/predicates/effect/v1',
} as const

export const factsFile = 'facts.ndjson'
export const keysFile = 'keys.json'
export const manifestFile = 'manifest.json'
export const pageFile = 'index.html'
export const readmeFile = 'README.md'
/** Bodies by digest. Not in the manifest: each is checked by its own name, so that one can be erased and the packet still verifies. */
export const bodiesFolder = 'bodies/'

const padded = (seq: number): string => String(seq).padStart(4, '0')
/** Names of statements, without folder and ending. `seq` is the place of the fact the statement is about. */
export const statementNames = {
  manifest: 'manifest',
  head: 'head',
  decision: (seq: number) => `decision-${padded(seq)}`,
  effect: (seq: number) => `effect-${padded(seq)}`,
  report: (seq: number) => `report-${padded(seq)}`,
} as const

/** The DSSE envelope of a statement of the control plane. */
export const envelopeFile = (statement: string): string => `statements/${statement}.dsse.json`
/** A report as its runner signed it: a compact JWS. */
export const reportFile = (seq: number): string => `statements/${statementNames.report(seq)}.jws`

/** What a key's files are called: `control-plane-KID` or `runner-KID`. */
export const keyName = (key: { kid: string; owner: { kind: string } }): string => `${key.owner.kind}-${key.kid}`
export const pemFile = (name: string): string => `keys/${name}.pem`
/** The exact bytes that were signed and the raw signature, for openssl. `.pae`: DSSE; `.input`: JWS signing input. */
export const signedFile = (key: string, statement: string, ending: 'pae' | 'input'): string =>
  `openssl/${key}/${statement}.${ending}`
export const signatureFile = (key: string, statement: string): string => `openssl/${key}/${statement}.sig`
