/**
 * How do files become a zip with the same bytes everywhere and every time?
 * Without times, owners or comments, in the order of the paths. Sizes and checksums stand before the bytes, as readers that trust no stream
 * want them; large files are read twice for that, and never held in memory. The form: APPNOTE.TXT of PKWARE, without Zip64.
 */
import { crc32 } from 'node:zlib'
import { deflateSync } from 'fflate'

/** A file of a zip. `bytes` gives what stands in the zip: `packedSize` bytes. */
export type ZipEntry = {
  readonly path: string
  readonly size: number
  readonly packedSize: number
  readonly crc: number
  readonly deflated: boolean
  readonly bytes: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/** A file that is in memory anyway, deflated. */
export const packedEntry = (path: string, bytes: Uint8Array): ZipEntry => {
  const packed = deflateSync(bytes, { level: 6 })
  return {
    path,
    size: bytes.length,
    packedSize: packed.length,
    crc: crc32(bytes),
    deflated: true,
    bytes: () => [packed],
  }
}

/** A file that is read when its turn comes, as it is. `known`: what a reading before found, held against the bytes again. */
export const streamedEntry = (
  path: string,
  known: { readonly size: number; readonly crc: number },
  read: () => AsyncIterable<Uint8Array>,
): ZipEntry => ({
  path,
  ...known,
  packedSize: known.size,
  deflated: false,
  bytes: async function* () {
    let [size, crc] = [0, 0]
    for await (const part of read()) {
      size += part.length
      crc = crc32(part, crc)
      yield part
    }
    if (size !== known.size || crc !== known.crc) throw new Error(`${path} changed while the zip was written`)
  },
})

const [localBytes, centralBytes, endBytes] = [30, 46, 22]
const most = 0xffff_ffff

/** Bytes of the zip of these entries. Throws when it would need Zip64. */
export const zipLength = (entries: readonly ZipEntry[]): number => {
  const names = entries.reduce((sum, { path }) => sum + Buffer.byteLength(path), 0)
  const length =
    entries.reduce((sum, { packedSize }) => sum + packedSize, 0) +
    2 * names +
    entries.length * (localBytes + centralBytes) +
    endBytes
  if (length > most || entries.length > 0xffff)
    throw new Error(`A zip of ${entries.length} files and ${length} bytes is larger than a zip may be.`)
  return length
}

/** The zip, part by part. Throws amid it when a file cannot be read as it was announced: what was written is no zip then. */
export async function* zipOf(entries: readonly ZipEntry[]): AsyncGenerator<Uint8Array> {
  zipLength(entries)
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const directory: Buffer[] = []
  let at = 0
  for (const entry of sorted) {
    const name = Buffer.from(entry.path)
    const common = commonPart(entry, name.length)
    const local = Buffer.concat([u32(0x04034b50), common, name])
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), common, Buffer.alloc(10), u32(at), name]))
    yield local
    yield* entry.bytes()
    at += local.length + entry.packedSize
  }
  const central = Buffer.concat(directory)
  yield central
  const count = u16(sorted.length)
  yield Buffer.concat([u32(0x06054b50), u32(0), count, count, u32(central.length), u32(at), u16(0)])
}

/** What stands in both headers of a file: version 2.0, its packing, the first day that a zip can name, checksum, sizes, lengths. */
const commonPart = ({ deflated, crc, packedSize, size, path }: ZipEntry, nameLength: number): Buffer => {
  if (!/^[\x20-\x7e]+$/.test(path)) throw new Error(`${path} is no name for a file of a packet`)
  const form = [u16(20), u16(0), u16(deflated ? 8 : 0), u16(0), u16(0x21)]
  return Buffer.concat([...form, u32(crc), u32(packedSize), u32(size), u16(nameLength), u16(0)])
}

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
