/**
 * Are these exactly the files that were signed as a whole?
 * Bodies are checked by their own names, so that an erased body is no fault. It never reads what a file means.
 */
import { sha256Hex } from '../digest/canonical.ts'
import { sameBytes } from './dsse.ts'
import type { Link } from './links.ts'
import { isListed, Manifest, manifestBytes } from './manifest.ts'
import { bodiesFolder, manifestFile, predicateTypes, signatureFile, signedFile, statementNames } from './names.ts'
import type { FoundStatement } from './verify-envelopes.ts'
import { jsonOf } from './utf8.ts'
import { fault, type Fault } from './verdict.ts'

export type ReadManifest = { manifest: Manifest | null; faults: Fault[] }

/** Reads the manifest and holds it against its signed statement. */
export const readManifest = (
  files: ReadonlyMap<string, Uint8Array>,
  signed: FoundStatement | undefined,
): ReadManifest => {
  const bytes = files.get(manifestFile)
  if (!bytes) return { manifest: null, faults: [fault('missing_file', manifestFile, 'The packet has no manifest.')] }
  const read = Manifest.safeParse(jsonOf(bytes))
  const exact = read.success && sameBytes(manifestBytes(read.data), bytes)
  const covered = signed?.statement.subject[0]?.digest.sha256
  if (covered !== undefined && covered !== sha256Hex(bytes))
    return { manifest: null, faults: [fault('edited', manifestFile, 'It is not the manifest that was signed.')] }
  if (!exact || new Set(read.data.files.map((file) => file.path)).size !== read.data.files.length)
    return {
      manifest: null,
      faults: [fault('malformed', manifestFile, 'It is no manifest in the form that Viewport writes.')],
    }
  if (signed && signed.statement.predicateType !== predicateTypes.manifest)
    return {
      manifest: read.data,
      faults: [fault('statement_differs', signed.file, 'It is no statement about a manifest.')],
    }
  if (
    signed &&
    (signed.statement.predicate['run'] !== read.data.run ||
      signed.statement.predicate.signedAt !== read.data.exportedAt)
  )
    return {
      manifest: read.data,
      faults: [fault('statement_differs', signed.file, 'Its run or time is not that of the manifest.')],
    }
  return { manifest: read.data, faults: [] }
}

/** Every file against the manifest: missing, edited, not listed. */
export const fileFaults = (files: ReadonlyMap<string, Uint8Array>, manifest: Manifest): Fault[] => {
  const listed = new Map(manifest.files.map((file) => [file.path, file]))
  const wrong = manifest.files.flatMap(({ path, bytes, sha256 }) => {
    const found = files.get(path)
    if (!found)
      return [
        fault(
          path.startsWith('statements/') ? 'missing_statement' : 'missing_file',
          path,
          'The manifest lists it; the packet has it not.',
        ),
      ]
    if (found.length !== bytes)
      return [fault('edited', path, `It has ${found.length} bytes; the manifest says ${bytes}.`)]
    return sha256Hex(found) === sha256 ? [] : [fault('edited', path, 'Its digest is not the one of the manifest.')]
  })
  const extra = [...files.keys()].filter((path) => isListed(path) && !listed.has(path))
  return [...wrong, ...extra.map((path) => fault('unlisted_file', path, 'The manifest does not list this file.'))]
}

/** Every body is named by its digest and named by a fact. `links` null: only the first is checked. */
export const bodyFaults = (files: ReadonlyMap<string, Uint8Array>, links: readonly Link[] | null): Fault[] => {
  const bodies = [...files].filter(([path]) => path.startsWith(bodiesFolder))
  const named = bodies.length === 0 || links === null ? null : digestsIn(links)
  return bodies.flatMap(([path, bytes]) => {
    const digest = path.slice(bodiesFolder.length)
    if (sha256Hex(bytes) !== digest)
      return [fault('edited', path, 'Its bytes do not have the digest that is its name.')]
    return named === null || named.has(digest) ? [] : [fault('unlisted_file', path, 'No fact names this body.')]
  })
}

/** Every text in the facts that may be a digest, in one pass: a packet may hold thousands of facts and of bodies. */
const digestsIn = (links: readonly Link[]): Set<string> => {
  const found = new Set<string>()
  for (const { text } of links) for (const [, digest] of text.matchAll(/"([0-9a-f]{64})(?=")/g)) found.add(digest!)
  return found
}

/** The manifest cannot list its own signature: beside the copies of it, in the signer's folder, nothing may lie there. */
export const strayManifestCopies = (files: ReadonlyMap<string, Uint8Array>, folders: readonly string[]): Fault[] => {
  const { manifest } = statementNames
  const own = new Set(
    folders.flatMap((folder) => [signedFile(folder, manifest, 'pae'), signatureFile(folder, manifest)]),
  )
  return [...files.keys()]
    .filter((path) => path.startsWith('openssl/') && !isListed(path) && !own.has(path))
    .map((path) => fault('unlisted_file', path, 'No signature of the manifest belongs to this file.'))
}
