/**
 * How is a large thing (plan, patch, log, output) named without holding it?
 * A body reference names the bytes by digest; chunk digests let a range be checked. It never holds bytes.
 */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { metadata } from '../wire/level.ts'
import { sha256Hex } from './canonical.ts'

/** Bytes in one chunk of a body. */
export const chunkBytes = 65_536

export const bodyKinds = [
  'plan',
  'patch',
  'log',
  'output',
  'context',
  'transcript',
  'question',
  'comment',
  'summary',
] as const

/** A named body: whole digest, length, chunk digests (65,536 bytes each), and where it lives. */
export const BodyRef = z.strictObject({
  digest: Sha256,
  bytes: z.int().nonnegative(),
  chunks: z.array(Sha256).max(10_000), // 655 MB
  kind: z.enum(bodyKinds),
  media: metadata(z.string().max(100)),
  lines: z.int().nonnegative().optional(),
  home: z.enum(['edge', 'stored']),
})
export type BodyRef = z.infer<typeof BodyRef>

/** Digest and chunk digests of bytes. */
export const bodyDigests = (bytes: Uint8Array): { digest: string; bytes: number; chunks: string[] } => {
  const chunks: string[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(sha256Hex(bytes.subarray(at, at + chunkBytes)))
  return { digest: sha256Hex(bytes), bytes: bytes.length, chunks }
}

/** The index of the first chunk whose bytes differ from the reference, or null when all of them fit. */
export const firstWrongChunk = (ref: Pick<BodyRef, 'chunks' | 'bytes'>, bytes: Uint8Array): number | null => {
  const found = bodyDigests(bytes).chunks
  if (bytes.length !== ref.bytes) return Math.min(found.length, ref.chunks.length)
  const at = found.findIndex((digest, i) => digest !== ref.chunks[i])
  return at < 0 ? null : at
}
