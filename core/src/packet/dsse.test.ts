import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'
import { checkEd25519, envelopeBytes, pae, readEnvelope } from './dsse.ts'
import { readGivenKeys } from './given-keys.ts'
import { packetKey, pemOf, rawOfPem } from './keys.ts'
import { bytesOf, textOf } from './utf8.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

test('the pre-authentication encoding is the one of the DSSE protocol', () => {
  expect(textOf(pae('http://example.com/HelloWorld', bytesOf('hello world')))).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  )
  expect(textOf(pae('ü', bytesOf('€')))).toBe('DSSEv1 2 ü 3 €') // lengths are of bytes
})

test('signatures are checked as RFC 8032 says (section 7.1, tests 1 and 3)', () => {
  const one = [
    hex(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ),
    new Uint8Array(),
    hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
  ] as const
  const three = [
    hex(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ),
    hex('af82'),
    hex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'),
  ] as const
  expect(checkEd25519(...one)).toBe(true)
  expect(checkEd25519(...three)).toBe(true)
  expect(checkEd25519(one[0], three[1], one[2])).toBe(false)
  expect(checkEd25519(one[0].subarray(1), one[1], one[2])).toBe(false)
  expect(checkEd25519(one[0], one[1], new Uint8Array(32).fill(255))).toBe(false)
})

test('keys of small order sign nothing', () => {
  // With the neutral element as key, R = identity and s = 0 "sign" every message where the check is lenient.
  const neutral = Uint8Array.from([1, ...new Uint8Array(31)])
  expect(checkEd25519(Uint8Array.from([...neutral, ...new Uint8Array(32)]), bytesOf('anything'), neutral)).toBe(false)
})

test('an envelope has one written form', () => {
  const envelope = {
    type: 'application/x',
    payload: bytesOf('{"a":1}'),
    kid: 'k',
    signature: new Uint8Array(64).fill(7),
  }
  const bytes = envelopeBytes(envelope)
  expect(readEnvelope(bytes)).toEqual(envelope)
  const text = textOf(bytes)!
  for (const other of [
    text.trimEnd(),
    text.replace('"k"', '"k" '),
    text.replace('"payload"', '"payload" '),
    text.replace('}\n', ',"x":1}\n'),
    text.replaceAll('\n', '\r\n'),
    text.replace('eyJhIjoxfQ==', 'eyJhIjoxfR=='),
    text.replace('eyJhIjoxfQ==', 'eyJhIjoxfQ'),
    '[]',
    'null',
    '',
  ])
    expect(readEnvelope(bytesOf(other))).toBeNull()
})

test('base64 goes both ways and is unambiguous', () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 59 + length) & 255)
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    expect(fromBase64(toBase64(bytes))).toEqual(bytes)
  }
  expect(['A', 'AA', 'AAA', 'AB==', 'A-==', 'AA==\n', 'AA===', '====', 'A==='].map(fromBase64)).toEqual(
    Array(9).fill(null),
  )
})

test('a key is the same as PEM, as JWK and in a set, and its id is its thumbprint', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const jwk = publicKey.export({ format: 'jwk' })
  const raw = rawOfPem(pem)!
  expect(pemOf(raw)).toBe(pem)
  const { kid } = packetKey(raw, { kind: 'control-plane' }, 0)
  expect(kid).toBe(createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`).digest('base64url'))
  expect(checkEd25519(sign(null, Buffer.from('x'), privateKey), bytesOf('x'), raw)).toBe(true)
  const keys = [{ kid, raw }]
  expect(readGivenKeys(pem)).toEqual({ keys })
  expect(readGivenKeys(`\n${pem}\n${pem}`)).toEqual({ keys: [...keys, ...keys] })
  expect(readGivenKeys(JSON.stringify(jwk))).toEqual({ keys: [{ kid, raw, notBefore: null, notAfter: null }] })
  expect(readGivenKeys(JSON.stringify({ keys: [{ ...jwk, kid: 'anything', notBefore: 5 }] }))).toEqual({
    keys: [{ kid, raw, notBefore: 5, notAfter: null }],
  })
  expect(createPublicKey(pemOf(raw)).equals(publicKey)).toBe(true)
})

test.each([
  [
    'a private key',
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'is a private key',
  ],
  [
    'a private JWK',
    JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
    'is a private key',
  ],
  [
    'an RSA key',
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'not of an Ed25519',
  ],
  [
    'an X25519 key',
    generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'not of an Ed25519',
  ],
  [
    'a P-256 JWK',
    JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })),
    'not an Ed25519',
  ],
  ['a short JWK', '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}', 'not 32 bytes'],
  ['an empty set', '{"keys":[]}', 'not an Ed25519'],
  ['broken JSON', '{"kty"', 'is none'],
  ['nothing', '', 'neither PEM nor a JWK'],
])('%s is not taken as a key', (_, text, words) => {
  const read = readGivenKeys(text)
  expect(read).toHaveProperty('problem')
  expect((read as { problem: string }).problem).toContain(words)
})
