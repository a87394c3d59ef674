import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composePacket } from './compose.ts'
import { pemOf } from './keys.ts'
import {
  factsFile,
  manifestFile,
  pemFile,
  readmeFile,
  reportFile,
  signatureFile,
  signedFile,
  statementNames,
} from './names.ts'
import { control, stranger, worker } from './testing/packets.ts'
import { folder, input, play } from './testing/tampered.ts'
import { bytesOf, textOf } from './utf8.ts'

/** Runs shell text in a folder with stock tools; answers the exit code and what it said. */
const sh = (cwd: string, text: string): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', text],
      { cwd, env: { PATH: process.env['PATH'], HOME: cwd, LC_ALL: 'C' }, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          out: `${stdout}${stderr}`,
        })
      },
    )
  })

const body = bytesOf('the plan')
const digest = (play.facts.find((fact) => fact.type === 'gate.opened')!.data as { body: { digest: string } }).body
  .digest
let root = ''
let good = ''
let blocks: string[] = []

beforeAll(async () => {
  const { out } = await sh(tmpdir(), 'openssl version')
  if (!/^OpenSSL ([3-9]|\d\d)/.test(out))
    throw new Error(
      `the printed commands need OpenSSL 3 or newer on the PATH (apt-get install openssl); found: ${out.trim()}`,
    )
  root = await mkdtemp(path.join(tmpdir(), 'viewport-packet-'))
  good = path.join(root, 'good')
  const files = await composePacket({ ...input, bodies: new Map([[digest, body]]) })
  for (const [name, bytes] of files) {
    await mkdir(path.dirname(path.join(good, name)), { recursive: true })
    await writeFile(path.join(good, name), bytes)
  }
  blocks = [...textOf(files.get(readmeFile)!)!.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** The exit codes of all blocks in a copy of the packet in which one file was changed. */
const after = async (file: string, change: (bytes: Buffer) => Uint8Array): Promise<number[]> => {
  const copy = await mkdtemp(path.join(root, 'copy-'))
  await cp(good, copy, { recursive: true })
  await writeFile(path.join(copy, file), change(await readFile(path.join(copy, file))))
  const codes: number[] = []
  for (const block of blocks) codes.push((await sh(copy, block)).code)
  return codes.map((code) => Math.min(code, 1))
}
const flip = (bytes: Buffer): Uint8Array => {
  const middle = bytes.length >> 1
  bytes[middle] = bytes[middle]! ^ 1
  return bytes
}
const report = play.reports[4]!.fact
const runner = `runner-${worker.kid}`

describe('the printed commands, exactly as printed', () => {
  test('all succeed on a good packet, and each says so', async () => {
    expect(blocks).toHaveLength(6)
    for (const block of blocks) {
      const { code, out } = await sh(good, block)
      expect({ code, block, out }).toMatchObject({ code: 0 })
      expect(out).toMatch(/Signature Verified Successfully|as it says|signed head|fits its name/)
    }
    const { out } = await sh(good, blocks[2]!)
    expect(out.match(/Signature Verified Successfully/g)).toHaveLength(12)
  })
  // blocks: manifest and head · files · statements · reports · chain · bodies
  test.each([
    ['the signed manifest', signedFile(folder, 'manifest', 'pae'), [1, 1, 1, 0, 0, 0]],
    ['its signature', signatureFile(folder, 'manifest'), [1, 0, 1, 0, 0, 0]],
    ['the manifest', manifestFile, [0, 1, 0, 0, 0, 0]],
    ['the facts', factsFile, [0, 1, 0, 0, 1, 0]],
    ['a decision', signedFile(folder, 'decision-0015', 'pae'), [0, 1, 1, 0, 0, 0]],
    ['the signature of an effect', signatureFile(folder, 'effect-0020'), [0, 1, 1, 0, 0, 0]],
    ['a report', signedFile(runner, statementNames.report(report), 'input'), [0, 1, 0, 1, 0, 0]],
    ['the file of a report', reportFile(report), [0, 1, 0, 0, 0, 0]],
    ['a body', `bodies/${digest}`, [0, 0, 0, 0, 0, 1]],
  ])('fail where %s was changed by one bit', async (_, file, expected) => {
    expect(await after(file, flip)).toEqual(expected)
  })
  test('fail where the key is another one', async () => {
    expect(await after(pemFile(`control-plane-${control.kid}`), () => bytesOf(pemOf(stranger.raw)))).toEqual([
      1, 1, 1, 0, 0, 0,
    ])
  })
  test('fail where the last fact was cut off', async () => {
    expect(await after(factsFile, (bytes) => bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1))).toEqual([
      0, 1, 0, 0, 1, 0,
    ])
  })
})

test('the PEM of a key is what openssl writes', async () => {
  const out = await sh(good, `openssl pkey -pubin -in ${pemFile(`control-plane-${control.kid}`)} -pubout`)
  expect(out).toEqual({ code: 0, out: pemOf(control.raw) })
})
