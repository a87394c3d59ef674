import zlib from 'node:zlib'
import { expect, test } from 'vitest'
import { redactorFor } from './redact.ts'
import { disguises, isLeft } from './testing/canaries.ts'

const canary = 'cnry-7Gx2!pQ9/vT4+mZ8wLk'
const token = 'xKd83hTq0vNw72LmPzR4cYb1'
const redactor = redactorFor([
  { name: 'CANARY', value: canary },
  { name: 'TOKEN', value: token },
])

test(`${disguises.length} ways to write a secret are seen, wherever a chunk ends`, () => {
  const seen: string[] = []
  for (const secret of [canary, token])
    for (const [name, write] of disguises) {
      const disguise = write(secret)
      const text = Buffer.from(`what comes before\n${disguise}\nwhat comes after`, 'latin1')
      const from = 'what comes before\n'.length
      for (let cut = from; cut <= from + disguise.length; cut++) {
        const stream = redactor.stream()
        const out = Buffer.concat([stream.push(text.subarray(0, cut)), stream.push(text.subarray(cut)), stream.end()])
        const left = out.toString('latin1')
        if (!left.startsWith('what comes ') || !left.endsWith(' comes after')) seen.push(`${name}: lost words`)
        if (!left.includes('[redacted ') || isLeft(left, disguise, secret))
          seen.push(`${name} cut at ${cut - from}: ${left}`)
      }
    }
  expect(seen.slice(0, 5)).toEqual([])
})

test('byte by byte as well', () => {
  const seen: string[] = []
  for (const [name, write] of disguises) {
    const disguise = write(canary)
    const stream = redactor.stream()
    const parts = [...Buffer.from(`before\n${disguise}\nafter`, 'latin1')].map((byte) =>
      stream.push(Uint8Array.of(byte)),
    )
    const left = Buffer.concat([...parts, stream.end()]).toString('latin1')
    if (isLeft(left, disguise, canary)) seen.push(`${name}: ${left}`)
  }
  expect(seen).toEqual([])
})

test('a change that holds one in any of these ways is known to', () => {
  const missed = disguises.filter(
    ([, write]) => redactor.known(Buffer.from(`a\n${write(token)}\nb`, 'latin1')).length === 0,
  )
  expect(missed.map(([name]) => name)).toEqual([])
})

test.each(['refs/heads/', '/tmp/x-', 'name_', 'a+', 'key='])('right behind %j too', (before) => {
  const within = disguises.filter(([name]) => name !== 'uuencode') // its lines begin with their length
  const missed = [canary, token].flatMap((secret) =>
    within.filter(([, write]) => {
      const left = redactor.bytes(Buffer.from(`to ${before}${write(secret)} now`, 'latin1')).toString('latin1')
      return isLeft(left, write(secret), secret)
    }),
  )
  expect(missed.map(([name]) => name)).toEqual([])
})

test('a zip with it is seen, and packed bytes in packed bytes', () => {
  const inner = zlib.gzipSync(Buffer.from(`key ${token}`))
  expect(redactor.known(zlib.gzipSync(Buffer.concat([Buffer.from('x'), inner])))).toEqual(['TOKEN'])
  const deflated = zlib.deflateRawSync(Buffer.from(`key ${token}`))
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(8, 8)
  head.writeUInt16LE(5, 26)
  expect(
    redactor.known(Buffer.concat([head, Buffer.from('a.txt'), deflated, Buffer.from('PK\x01\x02 the rest')])),
  ).toEqual(['TOKEN'])
})

test('ordinary texts stay as they are', () => {
  const texts = [
    'commit 6ca1e49d0c8b7f6a5e4d3c2b1a09f8e7d6c5b4a3 (HEAD -> main)',
    'GET /api/runs?after=12&limit=50 200 %7B%22a%22%3A1%7D',
    JSON.stringify({ path: 'C:\\Users\\x', text: 'a "b"\n\tc \u00e4', bytes: [99, 110, 114, 121, 45] }),
    '00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF............',
    zlib.gzipSync(Buffer.from('nothing in here at all, only words')).toString('base64'),
    'cnry-7Gx2 is where it begins, and 8wLk where it ends',
  ]
  for (const text of texts) expect(redactor.text(text)).toBe(text)
  // A value that is an ordinary word with a dash is not looked for without it.
  expect(redactorFor([{ name: 'WORD', value: 'pass-word' }]).text('the password, pass-word')).toBe(
    'the password, [redacted WORD]',
  )
})

test('what only looks packed is let go at once, and many packed things do not keep it busy', () => {
  const line = 'x^2 + y, PK and \u001f; eJwhat\n'
  expect(redactor.stream().push(Buffer.from(line)).toString()).toBe(line)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(8, 8)
  const entry = Buffer.concat([
    head,
    zlib.deflateRawSync(Buffer.alloc(1_000, 'nothing of note ')),
    Buffer.alloc(300, 1),
  ])
  const bomb = zlib.gzipSync(Buffer.concat([Buffer.alloc(5_000_000), Buffer.from(canary)])).toString('base64')
  expect(redactor.text(`a ${bomb} z`)).toBe('a [redacted packed-data] z')
  const began = performance.now()
  expect(redactor.known(Buffer.concat(Array.from({ length: 10_000 }, () => entry)))).toEqual([])
  expect(performance.now() - began).toBeLessThan(20_000)
})

test('what is long and what comes in small pieces is not looked at again and again', () => {
  const began = performance.now()
  const stream = redactor.stream()
  const run = Buffer.alloc(64, 'k')
  let out = 0
  for (let n = 0; n < 16_384; n++) out += stream.push(run).length // a megabyte without a blank
  out += stream.end().length
  expect(out).toBe(64 * 16_384)
  const packed = zlib.gzipSync(
    Buffer.from(Array.from({ length: 60_000 }, (_, n) => (n * 2_654_435_761).toString(36)).join(' ')),
  )
  const lines = packed.toString('base64').replace(/(.{76})/g, '$1\n')
  const slow = redactor.stream()
  for (let at = 0; at < lines.length; at += 77) slow.push(Buffer.from(lines.slice(at, at + 77)))
  slow.end()
  expect(performance.now() - began).toBeLessThan(20_000) // a second or two; minutes when every piece is looked at anew
})
