// Which files does a zip hold? Reads packets that anybody may have made: every oddity is an error with its name, nothing is written to disk.
// The format: PKWARE APPNOTE 6.3.3, sections 4.3 to 4.5; only what a packet needs of it.
import { crc32, inflateRawSync } from 'node:zlib'

/** What a packet may weigh, so that a bomb ends early: entries, bytes of all files unpacked, bytes of one name. */
export const zipLimits = { entries: 100_000, bytes: 512 * 1024 * 1024, name: 300 } as const

/** A zip that cannot be read as a packet. The message is a sentence that names the entry. */
export class ZipUnusable extends Error {}

/** Reads a zip from memory: path -> bytes. Throws ZipUnusable on anything but a plain zip of plain files. */
export function readZip(zip: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength)
  const end = endOf(zip, view)
  const files = new Map<string, Uint8Array>()
  const folded = new Map<string, string>()
  let at = end.directory
  let body = 0 // local entries stand one after the other from the first byte on
  let unpacked = 0
  for (let n = 0; n < end.entries; n++) {
    const entry = centralEntry(zip, view, at, end.directory + end.size)
    at = entry.next
    if (entry.offset !== body)
      fail(entry.name, 'does not begin where the one before it ends: bytes are hidden or shared between entries')
    body = entry.offset + localLength(zip, view, entry, end.directory)
    unpacked += entry.size
    if (unpacked > zipLimits.bytes) fail(entry.name, `brings the packet above ${zipLimits.bytes} bytes unpacked`)
    const twin = folded.get(entry.name.toLowerCase().normalize('NFC'))
    if (twin !== undefined)
      fail(
        entry.name,
        twin === entry.name ? 'stands in the zip twice' : `is the same file as ${JSON.stringify(twin)} on some systems`,
      )
    folded.set(entry.name.toLowerCase().normalize('NFC'), entry.name)
    const bytes = unpack(zip, entry, body)
    if (!entry.folder) files.set(entry.name, bytes)
  }
  if (at !== end.directory + end.size)
    throw new ZipUnusable('The directory of the zip has bytes that belong to no entry.')
  if (body !== end.directory) throw new ZipUnusable('The zip has bytes between its entries and its directory.')
  return files
}

type Entry = {
  name: string
  folder: boolean
  method: number
  crc: number
  packed: number
  size: number
  offset: number
  next: number
}

const fail = (name: string, why: string): never => {
  throw new ZipUnusable(`The entry ${JSON.stringify(name)} ${why}.`)
}

/** The end record: the last 22 bytes, without a comment. What stands behind it, or a second one, would be another zip for another reader. */
function endOf(zip: Uint8Array, view: DataView): { entries: number; size: number; directory: number } {
  const at = zip.length - 22
  if (at < 0 || view.getUint32(at, true) !== 0x06054b50)
    throw new ZipUnusable('The file is no zip, is cut short, or has bytes after its end.')
  const [disk, start, here, entries] = [4, 6, 8, 10].map((offset) => view.getUint16(at + offset, true)) as [
    number,
    number,
    number,
    number,
  ]
  const size = view.getUint32(at + 12, true)
  const directory = view.getUint32(at + 16, true)
  if (disk !== 0 || start !== 0 || here !== entries) throw new ZipUnusable('The zip is in several parts.')
  if (view.getUint16(at + 20, true) !== 0) throw new ZipUnusable('The zip has a comment.')
  if (entries === 0xffff || size === 0xffffffff || directory === 0xffffffff)
    throw new ZipUnusable('The zip is a Zip64; a packet never is.')
  if (entries > zipLimits.entries)
    throw new ZipUnusable(`The zip has ${entries} entries; ${zipLimits.entries} are allowed.`)
  if (directory + size !== at) throw new ZipUnusable('The directory of the zip is not where its end says.')
  return { entries, size, directory }
}

function centralEntry(zip: Uint8Array, view: DataView, at: number, limit: number): Entry {
  if (at + 46 > limit || view.getUint32(at, true) !== 0x02014b50)
    throw new ZipUnusable('The directory of the zip is damaged.')
  const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
    number,
    number,
    number,
  ]
  const next = at + 46 + nameLength + extra + comment
  if (next > limit) throw new ZipUnusable('The directory of the zip is damaged.')
  const name = nameOf(zip.subarray(at + 46, at + 46 + nameLength))
  if (comment !== 0) fail(name, 'has a comment')
  const flags = view.getUint16(at + 8, true)
  // bit 11: the name is UTF-8; bits 1 and 2: how hard it was packed
  if (flags & 1) fail(name, 'is encrypted')
  if (flags & ~0x0806)
    fail(name, 'was written as a stream or in a way that packets are not; verify the packet as it was downloaded')
  const method = view.getUint16(at + 10, true)
  if (method !== 0 && method !== 8) fail(name, `is packed with method ${method}; stored and deflated are read`)
  const [crc, packed, size, offset] = [16, 20, 24, 42].map((field) => view.getUint32(at + field, true)) as [
    number,
    number,
    number,
    number,
  ]
  if (packed === 0xffffffff || size === 0xffffffff || offset === 0xffffffff)
    fail(name, 'is a Zip64 entry; a packet has none')
  const system = view.getUint8(at + 5)
  const mode = view.getUint32(at + 38, true) >>> 16
  const kind = mode & 0o170000
  const folder = name.endsWith('/')
  if (system === 3 && kind !== 0 && kind !== (folder ? 0o040000 : 0o100000)) fail(name, 'is no plain file')
  if (folder && size !== 0) fail(name, 'is a folder with content')
  return { name, folder, method, crc, packed, size, offset, next }
}

/** A relative path of printable characters with `/` between its parts; nothing that leaves the folder or means a drive. */
function nameOf(bytes: Uint8Array): string {
  let name: string
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ZipUnusable('An entry has a name that is not UTF-8.')
  }
  if (name === '' || name.length > zipLimits.name)
    throw new ZipUnusable('An entry has no name, or one that is too long.')
  const parts = name.replace(/\/$/, '').split('/')
  if (
    name.startsWith('/') ||
    /^[A-Za-z]:/.test(name) ||
    name.includes('\\') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  )
    fail(name, 'would be unpacked outside its folder')
  if (!/^[\x20-\x7e]+$/.test(name)) fail(name, 'has characters in its name that no file of a packet has')
  return name
}

/** The length of a local entry with its bytes. Its header must say what the directory says. */
function localLength(zip: Uint8Array, view: DataView, entry: Entry, limit: number): number {
  const { name, offset } = entry
  if (offset + 30 > limit || view.getUint32(offset, true) !== 0x04034b50) return fail(name, 'has no header of its own')
  const nameLength = view.getUint16(offset + 26, true)
  const start = offset + 30 + nameLength + view.getUint16(offset + 28, true)
  if (start + entry.packed > limit) return fail(name, 'is longer than the zip')
  const same =
    view.getUint16(offset + 8, true) === entry.method &&
    view.getUint32(offset + 14, true) === entry.crc &&
    view.getUint32(offset + 18, true) === entry.packed &&
    view.getUint32(offset + 22, true) === entry.size &&
    (view.getUint16(offset + 6, true) & ~0x0806) === 0 &&
    nameOf(zip.subarray(offset + 30, offset + 30 + nameLength)) === name
  return same
    ? start + entry.packed - offset
    : fail(name, 'is described in two ways: its own header and the directory differ')
}

function unpack(zip: Uint8Array, entry: Entry, end: number): Uint8Array {
  const packed = zip.subarray(end - entry.packed, end)
  const bytes = entry.method === 0 ? packed : inflated(packed, entry)
  if (bytes.length !== entry.size) return fail(entry.name, `has ${bytes.length} bytes; the zip says ${entry.size}`)
  if (crc32(bytes) !== entry.crc) return fail(entry.name, 'is damaged (its checksum does not fit)')
  return bytes
}

function inflated(packed: Uint8Array, entry: Entry): Uint8Array {
  try {
    // `info` also answers how much was read, which the types leave out: bytes behind the end would be hidden ones.
    const { buffer, engine } = inflateRawSync(packed, {
      maxOutputLength: Math.max(entry.size, 1),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    return engine.bytesWritten === packed.length
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
      : fail(entry.name, 'hides bytes behind its content')
  } catch (cause) {
    if (cause instanceof ZipUnusable) throw cause
    return fail(entry.name, 'cannot be unpacked: it is damaged, or larger than it says')
  }
}
