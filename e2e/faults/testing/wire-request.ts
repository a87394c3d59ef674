// What is a request of a runner about? Read from its address, its proof and its body, as anybody on the way could.
import type { IncomingMessage } from 'node:http'

/** `what`: ask, ack, refuse, beat, reports, log, body, token, hello, orders, transfer, keys or pairing. `x`: the runner's public key. */
export type WireRequest = {
  what: string
  x: string | null
  lease: string | null
  /** Named in the address of a body; else the lease says. */
  run: string | null
  epoch: number | null
  reports: { seq: number; type: string }[]
}

/** Reads it. `body`: null where it is not looked into. */
export function readRequest(request: Pick<IncomingMessage, 'url' | 'headers'>, body: Buffer | null): WireRequest {
  const url = new URL(request.url ?? '/', 'http://proxy')
  const [, , first = '', second = null, third = null] = url.pathname.split('/')
  const said = json(body)
  return {
    what: whatOf(first, third),
    x: keyOf(request),
    lease: first === 'leases' ? second : null,
    run: url.searchParams.get('run'),
    epoch: Number(said['epoch'] ?? url.searchParams.get('epoch')) || null,
    reports: ((said['reports'] ?? []) as { seq: number; report: { type: string } }[]).map(({ seq, report }) => ({
      seq,
      type: report.type,
    })),
  }
}

const whatOf = (first: string, third: string | null): string => {
  if (first === 'leases') return third ?? 'ask'
  return { bodies: 'body', transfers: 'transfer', pairings: 'pairing' }[first] ?? first
}

/** The public key in the header of the DPoP proof (RFC 9449). */
const keyOf = (request: Pick<IncomingMessage, 'headers'>): string | null => {
  const [head = ''] = String(request.headers['dpop'] ?? '').split('.')
  return (json(Buffer.from(head, 'base64url'))['jwk'] as { x?: string } | undefined)?.x ?? null
}

const json = (bytes: Buffer | null): Record<string, unknown> => {
  if (bytes === null || bytes[0] !== 0x7b) return {}
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>
  } catch {
    return {}
  }
}
