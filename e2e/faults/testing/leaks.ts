// I6: does a secret that was planted stand anywhere it must not? In the database, in packets, in logs and programs' words, in what passed
// on the wire; in plain, base64 or hexadecimal form.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import type { Ground } from './ground.ts'

/** Where which one stands, in words; none when all is well. */
export async function leaksOn(ground: Ground): Promise<string[]> {
  const backup = join(ground.place.folder, 'all.backup')
  await ground.tell(['backup', backup, '--data', ground.place.data])
  const said = [ground.server, ...ground.runners.map(({ program }) => program)].map((one) => one.said()).join('')
  const texts: [string, Iterable<Buffer>][] = [
    ['the database', [gunzipSync(readFileSync(backup))]],
    ['what the programs said', [Buffer.from(said)]],
    ['the log of the control plane', [readFileSync(join(ground.place.data, 'viewport.log'))]],
    ['what passed on the wire', partsOf(join(ground.place.folder, 'wire.trace'))],
  ]
  const forms = [...ground.secrets].flatMap(([name, value]) =>
    [
      value,
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(value).toString('hex'),
      Buffer.from(Buffer.from(value).toString('base64')).toString('hex'),
    ].map((form) => ({ name, form: Buffer.from(form) })),
  )
  const found = new Set<string>()
  for (const [where, parts] of texts)
    for (const part of parts)
      for (const { name, form } of forms) if (part.includes(form)) found.add(`I6 ${name} stands in ${where}`)
  return [...found]
}

/** A long file in parts that overlap by more than a secret is long. */
function* partsOf(file: string): Iterable<Buffer> {
  const [size, overlap] = [8 * 1_048_576, 4_096]
  const handle = openSync(file, 'r')
  try {
    for (let at = 0; ; at += size - overlap) {
      const part = Buffer.alloc(size)
      const read = readSync(handle, part, 0, size, at)
      yield part.subarray(0, read)
      if (read < size) return
    }
  } finally {
    closeSync(handle)
  }
}
