import { execFile } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { composePacket } from '@viewportai/core/packet/compose'
import { control, inputOf, sampleRun } from '@viewportai/core/packet/testing/packets'
import { verifyPacket } from '@viewportai/core/packet/verify'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'

import { buildPacket } from './build-packet.ts'
import { packedEntry, streamedEntry, zipLength, zipOf } from './zip.ts'

const input = inputOf(sampleRun())

test('the zip holds the files of the packet, and they verify', async () => {
  const files = new Map(Object.entries(unzipSync(await buffer((await buildPacket(input)).bytes))))
  expect(files).toEqual(await composePacket(input))
  expect(verifyPacket(files, { keys: [control.given] }).outcome).toBe('verified')
})

test('a damaged ledger is not signed', async () => {
  const facts = input.facts.with(7, { ...input.facts[7]!, text: input.facts[7]!.text.replace('@sam', '@max') })
  await expect(buildPacket({ ...input, facts })).rejects.toThrow('fact 8 does not have the hash that the ledger holds')
})

test('the same files are the same bytes in every time zone, at any time, in any order', async () => {
  const files = new Map([
    ['b/c.txt', new TextEncoder().encode('hello '.repeat(100))],
    ['a.txt', new Uint8Array([1, 2, 3])],
  ])
  const entries = [...files].map(([path, bytes]) => packedEntry(path, bytes))
  const here = (await buffer(zipOf(entries))).toString('hex')
  expect((await buffer(zipOf(entries.toReversed()))).toString('hex')).toBe(here)
  expect(here.length).toBe(2 * zipLength(entries))
  const program = `import { packedEntry, zipOf } from ${JSON.stringify(new URL('./zip.ts', import.meta.url).href)}
    const files = [['b/c.txt', new TextEncoder().encode('hello '.repeat(100))], ['a.txt', new Uint8Array([1, 2, 3])]]
    process.stdout.write(Buffer.concat(await Array.fromAsync(zipOf(files.map(([path, bytes]) => packedEntry(path, bytes))))).toString('hex'))`
  for (const zone of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { PATH: process.env['PATH'], TZ: zone },
    })
    expect(stdout).toBe(here)
  }
})

test('what a zip cannot hold is refused before a byte is written', async () => {
  const large = (path: string) => streamedEntry(path, { size: 3_000_000_000, crc: 0 }, async function* () {})
  expect(() => zipLength([large('a'), large('b')])).toThrow('larger than a zip may be')
  await expect(buffer(zipOf([packedEntry('a\nb', new Uint8Array())]))).rejects.toThrow('no name for a file')
})
