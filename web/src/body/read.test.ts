import { bodyDigests, chunkBytes } from '@viewportai/core/digest/body'
import { expect, test } from 'vitest'
import { readBody, rangeBytes, type ReadRange } from './read.ts'

const bytesOf = (length: number) => new Uint8Array(length).map((_, i) => (i * 31 + (i >> 8)) % 256)
const serve =
  (bytes: Uint8Array): ReadRange =>
  (offset, length) =>
    Promise.resolve(bytes.slice(offset, offset + length))

test.each([0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, rangeBytes + 5])(
  '%i bytes are read and checked',
  async (length) => {
    const bytes = bytesOf(length)
    const ref = bodyDigests(bytes)
    const seen: number[] = []
    expect(await readBody(ref, serve(bytes), (checked) => seen.push(checked))).toEqual({
      ok: true,
      bytes,
      digest: ref.digest,
    })
    expect(seen.at(-1) ?? 0).toBe(length)
  },
)

test.each([
  ['first', 0, 'chunk 1 of 3'],
  ['middle', chunkBytes + 7, 'chunk 2 of 3'],
  ['last', 2 * chunkBytes + 9, 'chunk 3 of 3'],
])('one flipped bit in the %s chunk is named', async (_, at, why) => {
  const bytes = bytesOf(2 * chunkBytes + 10)
  const ref = bodyDigests(bytes)
  const forged = bytes.slice()
  forged[at]! ^= 1
  expect(await readBody(ref, serve(forged))).toEqual({ ok: false, why: `${why} has other bytes` })
})

test('fewer bytes than named', async () => {
  const bytes = bytesOf(100)
  expect(await readBody(bodyDigests(bytes), serve(bytes.slice(0, 99)))).toMatchObject({ ok: false })
})

test('chunk digests that do not cover the length', async () => {
  const bytes = bytesOf(chunkBytes + 1)
  const ref = bodyDigests(bytes)
  expect(await readBody({ ...ref, chunks: ref.chunks.slice(0, 1) }, serve(bytes))).toMatchObject({ ok: false })
})

test('chunks that fit and a whole that does not', async () => {
  const bytes = bytesOf(100)
  const ref = bodyDigests(bytes)
  expect(await readBody({ ...ref, digest: '0'.repeat(64) }, serve(bytes))).toMatchObject({
    ok: false,
    why: expect.stringContaining('whole'),
  })
})

test('what the transport throws comes through', async () => {
  const ref = bodyDigests(bytesOf(10))
  await expect(readBody(ref, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
})
