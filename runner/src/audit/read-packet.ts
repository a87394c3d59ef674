// Which files does a packet on this disk hold? A zip, or the folder it was unpacked to.
import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

import { readZip, ZipUnusable, zipLimits } from './read-zip.ts'

/** Reads a packet: path inside it -> bytes. Throws ZipUnusable, with a sentence, when it cannot be read. */
export async function readPacket(place: string): Promise<Map<string, Uint8Array>> {
  const found = await stat(place).catch((cause: NodeJS.ErrnoException) => {
    throw new ZipUnusable(
      cause.code === 'ENOENT'
        ? `There is no file ${JSON.stringify(place)}.`
        : `${JSON.stringify(place)} cannot be read: ${cause.message}.`,
      { cause },
    )
  })
  if (found.isDirectory()) return readFolder(place)
  if (!found.isFile()) throw new ZipUnusable(`${JSON.stringify(place)} is neither a file nor a folder.`)
  if (found.size > zipLimits.bytes)
    throw new ZipUnusable(`${JSON.stringify(place)} has ${found.size} bytes; a packet has at most ${zipLimits.bytes}.`)
  return readZip(await readFile(place))
}

/** An unpacked packet. Links are refused: they would bring in files from elsewhere. */
async function readFolder(root: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  let bytes = 0
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath, entry.name)
    const name = path.relative(root, full).split(path.sep).join('/')
    if (entry.isDirectory()) continue
    const { size } = await lstat(full)
    if (!entry.isFile()) throw new ZipUnusable(`${JSON.stringify(name)} is no plain file.`)
    bytes += size
    if (bytes > zipLimits.bytes || files.size >= zipLimits.entries)
      throw new ZipUnusable(
        `The folder is larger than a packet can be (${zipLimits.bytes} bytes, ${zipLimits.entries} files).`,
      )
    files.set(name, await readFile(full))
  }
  return files
}
