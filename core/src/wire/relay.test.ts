import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { planeProofMisfit, runnerProofMisfit } from './relay.ts'
import { relayCertificate } from './relay-certificate.ts'

test('a proof is for one connection, one runner and one control plane', () => {
  const fits = { binding: 'b', runner: 'rnr_1', to: 'k' }
  expect(runnerProofMisfit(fits, fits)).toBeNull()
  expect(runnerProofMisfit({ ...fits, binding: 'c' }, fits)).toContain('another connection')
  expect(runnerProofMisfit({ ...fits, runner: 'rnr_2' }, fits)).toContain('another runner')
  expect(runnerProofMisfit({ ...fits, to: 'l' }, fits)).toContain('another control plane')
  expect(planeProofMisfit({ binding: 'b' }, 'b')).toBeNull()
  expect(planeProofMisfit({ binding: 'b' }, 'c')).toContain('another connection')
})

test('the certificate is one that others can read', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const bytes = relayCertificate(publicKey.export({ type: 'spki', format: 'der' }), (body) =>
    sign(null, body, privateKey),
  )
  const read = new X509Certificate(bytes)
  expect(read.verify(publicKey)).toBe(true)
  expect(read.subject).toBe('CN=viewport relay')
  expect([new Date(read.validFrom).getUTCFullYear(), new Date(read.validTo).getUTCFullYear()]).toEqual([1970, 9999])
})
