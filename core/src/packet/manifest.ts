/**
 * Which files belong to a packet, with which digest and length?
 * Left out: the manifest itself, its signature, and bodies, which carry their digest as their name.
 */
import { z } from 'zod'
import { Millis, Sha256 } from '../ids.ts'
import { sha256Hex } from '../digest/canonical.ts'
import { bodiesFolder, envelopeFile, manifestFile, packetForm, predicateTypes, statementNames } from './names.ts'
import { statement, type Statement } from './statement.ts'
import { bytesOf } from './utf8.ts'

export const Manifest = z.strictObject({
  form: z.literal(packetForm),
  run: z.string(),
  exportedAt: Millis,
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().nonnegative(), sha256: Sha256 })).max(100_000),
})
export type Manifest = z.infer<typeof Manifest>

/** Does the manifest say what this file must be? */
export const isListed = (path: string): boolean =>
  path !== manifestFile &&
  path !== envelopeFile(statementNames.manifest) &&
  !new RegExp(`^openssl/[^/]+/${statementNames.manifest}\\.`).test(path) &&
  !path.startsWith(bodiesFolder)

/** The manifest of these files, in the order of their paths. */
export const manifestOf = (files: ReadonlyMap<string, Uint8Array>, run: string, exportedAt: number): Manifest => ({
  form: packetForm,
  run,
  exportedAt,
  files: [...files.keys()]
    .filter(isListed)
    .toSorted()
    .map((path) => ({ path, bytes: files.get(path)!.length, sha256: sha256Hex(files.get(path)!) })),
})

/** The manifest's one written form: a line for each file, so that `sed` can turn it into the lines of `sha256sum -c`. */
export const manifestBytes = ({ form, run, exportedAt, files }: Manifest): Uint8Array =>
  bytesOf(
    `${JSON.stringify({ form, run, exportedAt }).slice(0, -1)},"files":[\n${files.map((file) => JSON.stringify(file)).join(',\n')}\n]}\n`,
  )

/** The statement that covers the manifest's bytes. */
export const manifestStatement = (bytes: Uint8Array, run: string, signedAt: number): Statement =>
  statement(manifestFile, sha256Hex(bytes), predicateTypes.manifest, { signedAt, form: packetForm, run })
