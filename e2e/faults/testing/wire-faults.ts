// What can go wrong with one request between a runner and its control plane?

/** Kinds that never reach the control plane: the connection breaks or stays silent, or something else answers. */
export const unsent = [
  'reset',
  'closed',
  'silent',
  'silent for ever',
  'html',
  '502',
  '503',
  '429',
  'redirect',
  'empty',
] as const
/** Kinds where it is carried out and the answer goes wrong, or where it comes late, in pieces, or more than once. */
export const carriedOut = [
  'lost',
  'swallowed',
  'swallowed for ever',
  'cut',
  'drip',
  'late',
  'late-answer',
  'twice',
  'second-answer',
  'replayed',
] as const
export const wireFaults = [...unsent, ...carriedOut] as const
export type WireFault = (typeof wireFaults)[number]

/** How long nothing happens on a half-open connection before something on the way breaks it: longer than a lease. */
export const halfOpenMillis = 7_000

/** An answer as it came, or as it is made up. */
export type WholeAnswer = { status: number; headers: Record<string, string | string[]>; body: Buffer }

const page = '<!doctype html><title>Sign in to this network</title><h1>Welcome to the hotel</h1>'
const answer = (status: number, headers: Record<string, string>, text = ''): WholeAnswer => ({
  status,
  headers: { ...headers, 'content-length': String(Buffer.byteLength(text)) },
  body: Buffer.from(text),
})

/** What answers in the place of the control plane, or null for a kind that answers nothing. */
export const madeUp = (fault: WireFault): WholeAnswer | null => {
  switch (fault) {
    case 'html':
      return answer(200, { 'content-type': 'text/html' }, page)
    case '502':
      return answer(502, { 'content-type': 'text/html' }, page)
    case '503':
      return answer(503, { 'content-type': 'text/plain', 'retry-after': '1' }, 'busy')
    case '429':
      return answer(429, { 'retry-after': '1' })
    case 'redirect':
      return answer(302, { location: 'http://127.0.0.1:9/elsewhere' })
    case 'empty':
      return answer(200, { 'content-type': 'application/json' })
    default:
      return null
  }
}
