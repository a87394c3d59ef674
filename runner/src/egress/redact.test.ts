import { expect, test } from 'vitest'
import fc from 'fast-check'
import { redactorFor } from './redact.ts'

const canary = 'cnry-7Gx2!pQ9/vT4+mZ8wLk'
const redactor = redactorFor([{ name: 'CANARY', value: canary }])
const gone = '[redacted CANARY]'

test.each([
  ['plain', canary],
  ['base64', Buffer.from(canary).toString('base64')],
  ['base64 after one byte', Buffer.from(`x${canary}yz`).toString('base64')],
  ['base64 after two bytes', Buffer.from(`xy${canary}z`).toString('base64')],
  ['base64url', Buffer.from(canary).toString('base64url')],
  ['hex', Buffer.from(canary).toString('hex')],
  ['HEX', Buffer.from(canary).toString('hex').toUpperCase()],
  ['percent', encodeURIComponent(canary)],
  ['reversed', [...canary].toReversed().join('')],
  ['beginning cut', canary.slice(5)],
  ['end cut', canary.slice(0, -5)],
  ['both cut', canary.slice(4, -4)],
  ['one per line', [...canary].join('\n')],
  ['one per line, DOS', [...canary].join('\r\n')],
  ['spaced', [...canary].join(' ')],
])('%s is found, in whole and byte by byte', (_, disguise) => {
  const text = `before ${disguise} after`
  const whole = redactor.text(text)
  expect(whole).toContain('[redacted CANARY]')
  expect(leaks(whole)).toEqual([])
  const stream = redactor.stream()
  const pieces = [...Buffer.from(text)].map((byte) => stream.push(Uint8Array.of(byte)))
  const streamed = Buffer.concat([...pieces, stream.end()]).toString()
  expect(leaks(streamed)).toEqual([])
  expect(streamed).toMatch(/^before [^]* after$/)
})

/** Runs of twelve bytes of the canary that are still there, also when white space is taken out. */
const leaks = (text: string): string[] => {
  const squeezed = text.replace(/\s/g, '')
  return Array.from({ length: canary.length - 11 }, (_, at) => canary.slice(at, at + 12)).filter(
    (run) => squeezed.includes(run) || squeezed.includes([...run].toReversed().join('')),
  )
}

test('however a stream is cut, the same comes out as for the whole', () => {
  const word = fc.oneof(
    fc.constant(canary),
    fc.constant(`ghp_${'a'.repeat(36)}`),
    fc.string({ maxLength: 12 }),
    fc.constant('\n'),
    fc.constant(' '),
    fc.constant('cnry-7Gx2'),
  )
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
      (words, cuts) => {
        const bytes = Buffer.from(words.join(''))
        const stream = redactor.stream()
        const out: Buffer[] = []
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const size = cuts[n % cuts.length]!
          out.push(stream.push(bytes.subarray(at, at + size)))
          at += size
        }
        out.push(stream.end())
        const streamed = Buffer.concat(out).toString('latin1')
        expect(streamed).not.toContain(canary)
        expect(streamed).toBe(redactor.bytes(bytes).toString('latin1'))
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  ['github-token', `ghp_${'aB3'.repeat(12)}`],
  ['aws-access-key', 'AKIAIOSFODNN7EXAMPLE'],
  ['model-key', `sk-ant-api03-${'x1Y'.repeat(20)}`],
  ['npm-token', `npm_${'a1B2'.repeat(9)}`],
  ['json-web-token', `eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0xyz.${'Ab1-'.repeat(10)}`],
])('a %s is found by its form', (name, secret) => {
  expect(redactor.text(`token=${secret}\n`)).toBe(`token=[redacted ${name}]\n`)
  const stream = redactor.stream()
  const half = Buffer.from(`token=${secret}\n`)
  const out = Buffer.concat([
    stream.push(half.subarray(0, 20)),
    stream.push(half.subarray(20)),
    stream.end(),
  ]).toString()
  expect(out).toBe(`token=[redacted ${name}]\n`)
})

test('an Authorization header and a password in a URL are found', () => {
  expect(redactor.text('Authorization: Bearer abcdefgh12345678')).toBe('Authorization: Bearer [redacted authorization]')
  expect(redactor.text('fetch https://me:hunter22@git.example/x.git')).toBe(
    'fetch https://me:[redacted url-password]@git.example/x.git',
  )
})

test('a private key is taken out whole, over many chunks, also when its end never comes', () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXk\n'.repeat(3_000)}-----END OPENSSH PRIVATE KEY-----`
  for (const [text, expected] of [
    [`a\n${key}\nz`, 'a\n[redacted private-key]\nz'],
    [`a\n${key.slice(0, -10)}`, 'a\n[redacted private-key]'],
  ] as const) {
    const stream = redactor.stream()
    const bytes = Buffer.from(text)
    const out: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 1_000) out.push(stream.push(bytes.subarray(at, at + 1_000)))
    out.push(stream.end())
    expect(Buffer.concat(out).toString()).toBe(expected)
  }
})

test('bytes that are no text pass unchanged, and little is held back', () => {
  const bytes = Buffer.from([0, 255, 254, 0x80, 10, 0xe2, 0x82, 0x0a, 0])
  expect(redactor.bytes(bytes)).toEqual(bytes)
  const stream = redactor.stream()
  expect(stream.push(Buffer.from('line one\nline two\n')).toString()).toBe('line one\nline two\n')
  const long = stream.push(Buffer.alloc(10_000_000, 'a'))
  expect(long.length).toBeGreaterThan(9_990_000)
})

test('only known values count as a leak in a change; values that are too short are left alone', () => {
  expect(redactor.known(Buffer.from(`AKIAIOSFODNN7EXAMPLE ${canary}`))).toEqual(['CANARY'])
  expect(redactorFor([{ name: 'SHORT', value: '1234' }]).text('1234 12345')).toBe('1234 12345')
})

test('every text of a message is redacted, its form stays', () => {
  expect(redactor.json({ a: [canary, 1, null], b: { c: `x ${canary}` } })).toEqual({
    a: [gone, 1, null],
    b: { c: `x ${gone}` },
  })
})
