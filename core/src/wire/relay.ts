/**
 * How is the one socket of a runner opened, and how does each end know that nobody sits between them?
 * WebSocket, in it TLS 1.3, in it HTTP/2 streams; every stream is a connection on which the messages are sent as over HTTPS.
 * The certificate proves nothing: each end signs the binding of the TLS connection (RFC 9266) with the key it was paired with,
 * the control plane first. It never signs, verifies or draws randomness: the rooms do.
 */
import { z } from 'zod'

/** Below the control plane's address, or below that of a separate relay. */
export const relayPath = '/wire/relay'
/** The WebSocket subprotocol; another layout of what is inside gets another name. */
export const relayProtocol = 'viewport-relay.1'
/** What the keys sign: so many bytes of this exporter of the TLS connection, without a context. */
export const relayBinding = { label: 'EXPORTER-Channel-Binding', bytes: 32 } as const

/** Limits that both ends keep, and count on. */
export const relayLimits = {
  /** Requests of one socket that are no connections: the proof of the control plane, that of the runner, and one more try of each. */
  introductions: 4,
  /** Bytes of one WebSocket message at most. TLS needs 17 kB. */
  messageBytes: 1_048_576,
  /** Fragments of one message, and pieces of it that the network brought: each costs half a kilobyte, whatever is in it. Nobody honest sends fragments. */
  messageFragments: 64,
  messagePieces: 2_048,
  /** Streams at a time. With the window of each, no stream that is not read keeps another one waiting. */
  streams: 64,
  /** Bytes of one stream that may be on their way unread. */
  streamBytes: 262_144,
  /** The same before the runner has proved itself: what it says until then is short, and anybody may say it in frames of a byte. */
  strangerStreamBytes: 8_192,
  /** From the WebSocket to the proof of the runner. */
  proofSeconds: 10,
  /** The runner asks (HTTP/2 PING) when so long passed, and gives the socket up when no answer came in `pongSeconds`. */
  pingSeconds: 20,
  pongSeconds: 10,
  /** The control plane and a separate relay end a socket on which nothing came for so long. */
  silenceSeconds: 75,
} as const

/** `GET /wire/relay` on the HTTP/2 session: a compact JWS, alg EdDSA, of this `typ`, signed by the control plane's key. */
export const planeProofType = 'viewport-relay-plane+jws'
export const PlaneProofClaims = z.object({ binding: z.string() })
export const RelayOffer = z.strictObject({
  proof: z.string().max(2_000),
  /** As in KeysAnswer: how a runner that pinned an earlier key comes to believe this one. */
  successions: z.array(z.string().max(2_000)).max(1_000),
})
export type RelayOffer = z.infer<typeof RelayOffer>

/** `POST /wire/relay`, then: signed by the runner's key. `to`: the thumbprint of the key that signed the first proof. */
export const runnerProofType = 'viewport-relay-runner+jws'
export const RunnerProofClaims = z.object({ binding: z.string(), runner: z.string(), to: z.string() })
export const RelayEntry = z.strictObject({ runner: z.string().max(80), proof: z.string().max(2_000) })

/** Why the control plane's proof does not fit this connection, or null. */
export const planeProofMisfit = (claims: z.infer<typeof PlaneProofClaims>, binding: string): string | null =>
  claims.binding === binding ? null : 'it was made for another connection'

/** Why a runner's proof does not fit this connection, or null. */
export const runnerProofMisfit = (
  claims: z.infer<typeof RunnerProofClaims>,
  expected: z.infer<typeof RunnerProofClaims>,
): string | null => {
  if (claims.binding !== expected.binding) return 'it was made for another connection'
  if (claims.runner !== expected.runner) return 'it names another runner'
  return claims.to === expected.to ? null : 'it is for another control plane'
}
