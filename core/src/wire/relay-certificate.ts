/**
 * Which certificate does the TLS inside a relay show? A self-signed one of a key that lives as long as the program (RFC 5280, 8410).
 * TLS wants one; nobody believes it. Who is at the other end is proved by wire/relay.ts.
 */

/**
 * The DER bytes of a certificate. `publicKey`: the SubjectPublicKeyInfo of an Ed25519 key; `sign`: signs with its private part.
 * It names no place and no time: any difference would only tell a listener which control plane it is.
 */
export const relayCertificate = (publicKey: Uint8Array, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
  const body = der(
    0x30,
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [1]), // serial number
    ed25519,
    name, // issuer
    der(0x30, time('19700101000000Z'), time('99991231235959Z')), // RFC 5280 4.1.2.5: no defined end
    name, // subject
    publicKey,
  )
  return der(0x30, body, ed25519, der(0x03, [0], sign(body)))
}

const der = (tag: number, ...parts: (Uint8Array | number[])[]): Uint8Array => {
  const content = parts.flatMap((part) => [...part])
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Uint8Array.from([tag, ...size, ...content])
}
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0))
const time = (text: string): Uint8Array => der(0x18, ascii(text))

const ed25519 = der(0x30, der(0x06, [0x2b, 0x65, 0x70])) // 1.3.101.112
const commonName = der(0x06, [0x55, 0x04, 0x03]) // 2.5.4.3
const name = der(0x30, der(0x31, der(0x30, commonName, der(0x0c, ascii('viewport relay')))))
