import { expect, test } from 'vitest'
import { athOf, htuOf, ProofHeader, proofMisfit } from './proof.ts'

test.each([
  ['https://Vp.Example', 'https://vp.example/'],
  ['HTTPS://vp.example:443/wire/leases?x=1#y', 'https://vp.example/wire/leases'],
  ['http://127.0.0.1:80/wire', 'http://127.0.0.1/wire'],
  ['http://127.0.0.1:7171/wire/', 'http://127.0.0.1:7171/wire/'],
  ['http://[::1]:7171/wire', 'http://[::1]:7171/wire'],
  ['https://vp.example/a/./b/../c', 'https://vp.example/a/c'],
  ['https://vp.example/../../wire', 'https://vp.example/wire'],
  ['https://vp.example/a/..', 'https://vp.example/'],
  ['https://vp.example/%7ewire%2fx', 'https://vp.example/~wire%2Fx'],
])('the htu of %s is %s', (url, htu) => {
  expect(htuOf(url)).toBe(htu)
  expect(htuOf(htu)).toBe(htu)
})

test.each(['', 'wire', '/wire', 'ftp://vp.example/', 'https://', 'https:///wire', 'https://me@vp.example/wire'])(
  '%s has no htu',
  (url) => {
    expect(() => htuOf(url)).toThrow(TypeError)
  },
)

test('the ath is the one of RFC 9449 section 7', () => {
  expect(athOf('Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU')).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo')
})

const claims = {
  jti: 'a'.repeat(22),
  htm: 'POST',
  htu: 'https://vp.example/wire/leases',
  iat: 1_000,
  ath: athOf('token'),
}
const request = { method: 'POST', url: 'https://vp.example/wire/leases?x=1', token: 'token', now: 1_000 }

test('a fitting proof fits, also a little old or ahead', () => {
  for (const now of [940, 1_000, 1_120]) expect(proofMisfit(claims, { ...request, now })).toBeNull()
})

test.each([
  ['another method', { htm: 'GET' }, {}],
  ['another address', { htu: 'https://vp.example/wire/orders' }, {}],
  ['another host', { htu: 'https://vp.example.evil/wire/leases' }, {}],
  ['not an address', { htu: 'leases' }, {}],
  ['another token', {}, { token: 'other' }],
  ['no ath', { ath: undefined }, {}],
  ['an ath where no token is presented', {}, { token: null }],
  ['too old', {}, { now: 1_121 }],
  ['too far ahead', {}, { now: 939 }],
])('a proof with %s does not fit', (_, changedClaims, changedRequest) => {
  expect(proofMisfit({ ...claims, ...changedClaims }, { ...request, ...changedRequest })).toMatch(/^it /)
})

test('a header has the one algorithm and a key without its private part', () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk }
  expect(ProofHeader.safeParse(header).success).toBe(true)
  for (const wrong of [
    { ...header, alg: 'none' },
    { ...header, alg: 'HS256' },
    { ...header, typ: 'JWT' },
    { ...header, jwk: { ...jwk, d: 'x' } },
    { ...header, crit: ['x'] },
    { ...header, jku: 'https://evil' },
  ])
    expect(ProofHeader.safeParse(wrong).success).toBe(false)
})
