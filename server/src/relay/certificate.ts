/** Which certificate does this program show inside relays? One that nobody believes (core/wire/relay-certificate), new at every start. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { relayCertificate } from '@viewportai/core/wire/relay-certificate'

/** What TLS inside a relay is spoken with: 1.3 and nothing older. */
export const relayContext = (): SecureContext => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = relayCertificate(publicKey.export({ type: 'spki', format: 'der' }), (bytes) =>
    sign(null, bytes, privateKey),
  )
  return createSecureContext({
    cert: `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    minVersion: 'TLSv1.3',
  })
}
