import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { composePacket } from '@viewportai/core/packet/compose'
import { packetKey, pemOf } from '@viewportai/core/packet/keys'
import { control, inputOf, sampleRun, stranger } from '@viewportai/core/packet/testing/packets'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { auditVerify, verifyPacketFile } from './verify.ts'

const input = inputOf(sampleRun())
const pem = pemOf(control.raw)
let root = ''
let packet = ''
const zipped = (files: ReadonlyMap<string, Uint8Array>): Uint8Array => zipSync(Object.fromEntries(files))
const put = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  const place = path.join(root, name)
  await mkdir(path.dirname(place), { recursive: true })
  await writeFile(place, bytes)
  return place
}
const changed = async (name: string, change: (files: Map<string, Uint8Array>) => void): Promise<string> => {
  const files = new Map(await composePacket(input))
  change(files)
  return put(name, zipped(files))
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-audit-'))
  packet = await put('packet.zip', zipped(await composePacket(input)))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test.each([
  ['the text of a PEM', () => pem],
  ['a PEM file', () => put('key.pem', pem)],
  ['the text of a JWK', () => JSON.stringify(packetKey(control.raw, { kind: 'control-plane' }, 0))],
  [
    'a JWK set file',
    () =>
      put(
        'keys.json',
        JSON.stringify({
          keys: [
            packetKey(stranger.raw, { kind: 'control-plane' }, 0),
            packetKey(control.raw, { kind: 'control-plane' }, 0),
          ],
        }),
      ),
  ],
])('0: a good packet with its key as %s', async (_, key) => {
  const { exit, words } = await verifyPacketFile(packet, { keys: [await key()] })
  expect({ exit, words }).toMatchObject({ exit: 0 })
  expect(words).toContain('\nVerified: complete, unchanged, signed by the control plane')
  expect(words).toContain('56 facts')
})

test('1: an edited fact is named', async () => {
  const place = await changed('edited.zip', (files) =>
    files.set(
      'facts.ndjson',
      Buffer.from(
        Buffer.from(files.get('facts.ndjson')!).toString().replace('Round at the end only.', 'Round at the very end.'),
      ),
    ),
  )
  const { exit, words, verdict } = await verifyPacketFile(place, { keys: [pem] })
  expect(exit).toBe(1)
  expect(words).toContain(
    'NOT VALID, 1 fault:\n  edited bytes: facts.ndjson, fact 30. The text is not the one whose hash was signed.',
  )
  expect(verdict.faults).toEqual([
    {
      code: 'edited',
      file: 'facts.ndjson',
      record: 'fact 30',
      words: 'The text is not the one whose hash was signed.',
    },
  ])
})

test('1: another key than the signer’s', async () => {
  const { exit, words } = await verifyPacketFile(packet, { keys: [pemOf(stranger.raw)] })
  expect(exit).toBe(1)
  expect(words).toContain('wrong key')
})

test('3: no key, consistent and not a success', async () => {
  const { exit, words } = await verifyPacketFile(packet, { keys: [] })
  expect(exit).toBe(3)
  expect(words).toContain('signer unknown')
  expect(words).not.toContain('Verified')
})

test.each([
  ['no file', () => path.join(root, 'nothing.zip'), 'There is no file'],
  ['a text', () => put('text.zip', 'hello'), 'is no zip'],
  ['a zip of something else', () => put('other.zip', zipSync({ 'a.txt': Buffer.from('a') })), 'Neither facts nor keys'],
  [
    'a zip with a path that leaves',
    () => changed('leaves.zip', (files) => files.set('../evil.txt', Buffer.from('x'))),
    'outside its folder',
  ],
])('2: %s', async (_, place, words) => {
  const audit = await verifyPacketFile(await place(), { keys: [pem] })
  expect(audit.exit).toBe(2)
  expect(audit.words).toContain(words)
})

test.each([
  ['a file that is not there', () => 'no-such-key.pem', 'There is no key file'],
  ['a file without a key', () => put('empty.pem', 'hello'), 'is neither PEM nor a JWK'],
  [
    'a private key',
    () => '-----BEGIN PRIVATE KEY-----\nsecret-part\n-----END PRIVATE KEY-----',
    'is a private key; give the public one',
  ],
])('2: a key as %s', async (_, key, words) => {
  const audit = await verifyPacketFile(packet, { keys: [await key()] })
  expect(audit.exit).toBe(2)
  expect(audit.words).toContain(words)
  expect(audit.words).not.toContain('secret-part')
})

test('an unpacked packet verifies as its zip does; a link in it is refused', async () => {
  for (const [name, bytes] of await composePacket(input)) await put(`folder/${name}`, bytes)
  expect((await verifyPacketFile(path.join(root, 'folder'), { keys: [pem] })).exit).toBe(0)
  await symlink('/etc/hostname', path.join(root, 'folder', 'link'))
  expect(await verifyPacketFile(path.join(root, 'folder'), { keys: [pem] })).toMatchObject({
    exit: 2,
    words: expect.stringContaining('"link" is no plain file'),
  })
})

test('--json prints the verdict with its exit code', async () => {
  const printed: string[] = []
  expect(await auditVerify(packet, { keys: [pem], json: true, print: (text) => printed.push(text) })).toBe(0)
  expect(JSON.parse(printed.join(''))).toMatchObject({
    outcome: 'verified',
    exit: 0,
    faults: [],
    run: { number: 1 },
    counts: { facts: 56 },
  })
})

test('what a terminal would obey is written out', async () => {
  const place = await changed('hostile.zip', (files) => files.set('a\u001b[2Jb', Buffer.from('x')))
  const { words } = await verifyPacketFile(place, { keys: [pem] })
  expect(words).not.toContain('\u001b')
})

test('it works without a server, a network, or the clock: the file alone', async () => {
  const program = `import { verifyPacketFile } from ${JSON.stringify(new URL('./verify.ts', import.meta.url).href)}
    const audit = await verifyPacketFile(process.argv[1], { keys: [process.argv[2]] }); console.log(audit.exit)`
  const out = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ['--input-type=module', '-e', program, packet, pem],
      { env: { PATH: process.env['PATH'] } },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    ),
  )
  expect(out.trim()).toBe('0')
})
