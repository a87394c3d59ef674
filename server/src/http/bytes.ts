/**
 * How do bytes that somebody else wrote leave the server?
 * As a file to save: a browser never renders them, whatever they claim to be, and no cache keeps them.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Bytes } from './answers.ts'

/** Streams them. When the source fails midway the connection is cut, so that a part never looks like the whole. */
export const sendBytes = (
  reply: FastifyReply,
  { bytes, name, media, total }: Bytes,
  routeMedia: string,
): FastifyReply => {
  reply
    .type(media ?? routeMedia)
    .header(
      'content-disposition',
      `attachment; filename="${asciiName(name)}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    )
    .header('content-security-policy', "default-src 'none'; sandbox")
  if (bytes instanceof Uint8Array) return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (total !== undefined) reply.header('content-length', total)
  return reply.send(Readable.from(bytes, { objectMode: false }))
}

const asciiName = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 120) || 'file'
