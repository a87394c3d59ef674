/** What can go wrong between a runner and its control plane, on purpose? */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export const faultKinds = [
  '500',
  '503',
  'html',
  'truncated',
  '429',
  'reset',
  'hang',
  'lost',
  'redirect',
  '409',
  '410',
  '404',
  '401',
  '403',
] as const
/** `lost`: the request is carried out and its answer thrown away; the others never reach the control plane. */
export type FaultKind = (typeof faultKinds)[number]

/** Breaks a connection, as hard as its kind allows. */
export const dropped = (socket: Socket | Duplex): void =>
  void ('resetAndDestroy' in socket ? socket.resetAndDestroy() : socket.destroy())

/** Makes an answer go wrong. */
export const spoil = (kind: FaultKind, request: IncomingMessage, response: ServerResponse): void => {
  const problem = (status: number, code: string): void => {
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(
      JSON.stringify({
        type: 'about:blank',
        title: code,
        status,
        detail: `A planted ${code}.`,
        code,
        next: 'Nothing.',
        errors: [],
      }),
    )
  }
  switch (kind) {
    case '500':
    case '503':
      return problem(Number(kind), 'fault')
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' })
      return void response.end('<html><body>Welcome to the hotel network</body></html>')
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' })
      response.write('{"ttlSeconds":')
      return void setTimeout(() => request.socket.destroy(), 5)
    case '429':
      response.writeHead(429, { 'retry-after': '1' })
      return void response.end()
    case 'lost':
    case 'reset':
      return dropped(request.socket)
    case 'hang':
      return // until the client gives up
    case 'redirect':
      response.writeHead(302, { location: 'https://elsewhere.example/' })
      return void response.end()
    case '409':
      return problem(409, 'stale_epoch')
    case '410':
      return problem(410, 'lease_gone')
    case '404':
      return problem(404, 'not_found')
    case '401':
      return problem(401, 'proof_invalid')
    case '403':
      return problem(403, 'not_allowed')
  }
}
