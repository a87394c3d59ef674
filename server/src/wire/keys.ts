/** How does the wire sign with the control plane's keys? A thin reading of server/src/keys. */
import { CompactSign } from 'jose'
import type { SigningKeys } from '../keys/signing-keys.ts'
import type { WireKeys } from './context.ts'

/** The wire's view of the signing keys: current first, then those that signed before. */
export const wireKeys = (keys: SigningKeys): WireKeys => ({
  publicKeys: () => [
    keys.current.public,
    ...keys.all.map((known) => known.key).filter((key) => key.kid !== keys.current.kid),
  ],
  successions: () => keys.successions,
  sign: (claims, typ) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: keys.current.kid })
      .sign(keys.current.key),
})
