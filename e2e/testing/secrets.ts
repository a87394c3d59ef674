// What is secret at a place, and where does it stand although it must not?
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, inflateRawSync } from 'node:zlib'

import type { Place } from './place.ts'

export type Secret = { name: string; value: string }

/** Every secret that a start with the sample makes, read from the files that alone may hold them. */
export function secretsOf(place: Place): Secret[] {
  const sample = join(place.data, 'sample')
  const runners = join(sample, 'runner/vpd/runners')
  const json = (file: string): Record<string, string> =>
    JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  const found = [
    { name: 'installation key', value: readFileSync(join(place.data, 'key'), 'utf8').trim() },
    { name: 'API token', value: json(join(place.data, 'login.json'))['token'] ?? '' },
    { name: 'webhook secret', value: json(join(sample, 'source.json'))['secret'] ?? '' },
    ...readdirSync(runners).map((id) => ({
      name: 'runner key',
      value: json(join(runners, id, 'key.json'))['d'] ?? '',
    })),
  ]
  if (found.length < 4 || found.some(({ value }) => value.length < 20))
    throw new Error(`The secrets of ${place.folder} are not where they were: ${found.map(({ name }) => name).join()}`)
  return found
}

/** Which of them stand in a backup, in a packet, in a log or in what was said. */
export function leaksIn(
  place: Place,
  secrets: readonly Secret[],
  kept: { backup: string; packet: string; said: string },
): string[] {
  const places = [
    { where: 'the database', text: gunzipSync(readFileSync(kept.backup)).toString('latin1') },
    { where: 'the packet', text: unzipped(readFileSync(kept.packet)) },
    { where: 'what was said', text: kept.said },
    ...['viewport.log', 'sample/runner.log'].map((log) => ({ where: log, text: textOf(join(place.data, log)) })),
  ]
  return places.flatMap(({ where, text }) =>
    secrets.filter(({ value }) => text.includes(value)).map(({ name }) => `the ${name} in ${where}`),
  )
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'latin1') : '')

/** All files of a zip, one after the other. The header before each file says how long it is. */
export const unzipped = (zip: Buffer): string => {
  let text = ''
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const [method, size] = [zip.readUInt16LE(at + 8), zip.readUInt32LE(at + 18)]
    const from = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28)
    at = from + size
    const bytes = zip.subarray(from, at)
    text += (method === 0 ? bytes : inflateRawSync(bytes)).toString('latin1')
  }
  return text
}
