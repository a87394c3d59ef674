// The way between one runner and its relay, which goes wrong on demand: bytes of one TCP connection, whose sealed content nobody here can
// read, let alone change unnoticed.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * `cut`, `closed`: every connection, at once. `silent`, `silent up`, `silent down`: half open, both ways or one. `slow`: what is said comes late.
 * `garbled`, `doubled`, `gap`: one piece arrives changed, twice or not at all. `page`, `full`: who comes anew is answered something else.
 */
export const lineFaults = [
  'cut',
  'closed',
  'silent',
  'silent up',
  'silent down',
  'slow',
  'garbled',
  'doubled',
  'gap',
  'page',
  'full',
] as const
export type LineFault = (typeof lineFaults)[number]

export type Line = {
  url: string
  /** Where it leads from now on; null: nothing listens there. */
  lead(port: number | null): void
  /** Goes wrong now; what lasts, lasts so many milliseconds. */
  fail(fault: LineFault, millis: number): void
  close(): void
}
type Pair = { near: Socket; far: Socket; hurt: boolean }

const lateMillis = 700
const answers: Partial<Record<LineFault, string>> = {
  page: 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n<h1>Please wait</h1>',
  full: 'HTTP/1.1 503 Full\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n',
}

/** Opens it on a free port of 127.0.0.1. */
export async function openLine(): Promise<Line> {
  const pairs = new Set<Pair>()
  const waiting = new Set<Socket>()
  let port: number | null = null
  let lasting: { fault: LineFault; until: number } | null = null
  let next: { fault: LineFault; up: boolean } | null = null

  const now = (): LineFault | null => (lasting && lasting.until > performance.now() ? lasting.fault : null)
  const pour = (pair: Pair, up: boolean): void => {
    const [from, to] = up ? [pair.near, pair.far] : [pair.far, pair.near]
    let free = 0 // when the last late piece goes on: the order stays
    from.on('data', (bytes: Buffer) => {
      const fault = now()
      if (fault === 'silent' || fault === (up ? 'silent up' : 'silent down')) return void (pair.hurt = true)
      const pieces = next?.up === up ? changed(bytes, next.fault) : [bytes]
      if (next?.up === up) next = null
      const wait = Math.max(fault === 'slow' ? lateMillis : 0, free - performance.now())
      if (wait <= 0) return pieces.forEach((piece) => to.write(piece))
      free = performance.now() + wait
      setTimeout(() => pieces.forEach((piece) => to.write(piece)), wait)
    })
    from.on('error', () => from.destroy())
    from.once('close', () => void (pairs.delete(pair), to.destroy()))
  }
  const server = createServer((near) => {
    const fault = now()
    const answer = fault && answers[fault]
    near.on('error', () => near.destroy())
    if (answer) return void near.once('data', () => near.end(answer))
    if (fault === 'silent' || fault === 'silent down') {
      waiting.add(near)
      near.resume().once('close', () => waiting.delete(near))
      return
    }
    if (port === null) return void near.resetAndDestroy()
    const pair = { near, far: connect(port, '127.0.0.1'), hurt: false }
    pairs.add(pair)
    pour(pair, true)
    pour(pair, false)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const reset = (): void => [...pairs].forEach(({ near }) => near.resetAndDestroy())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => void (port = to),
    fail(fault, millis) {
      if (fault === 'garbled' || fault === 'doubled' || fault === 'gap') next = { fault, up: millis % 2 === 0 }
      else if (fault === 'cut') reset()
      else if (fault === 'closed') for (const { near } of pairs) near.end()
      else {
        lasting = { fault, until: performance.now() + millis }
        if (answers[fault]) reset()
        // Of what was said into nothing nobody on the way knows afterwards.
        setTimeout(() => {
          for (const { near, hurt } of pairs) if (hurt) near.resetAndDestroy()
          for (const near of waiting) near.resetAndDestroy()
        }, millis)
      }
    },
    close() {
      server.close()
      for (const { near } of pairs) near.destroy()
      for (const near of waiting) near.destroy()
    },
  }
}

const changed = (bytes: Buffer, fault: LineFault): Buffer[] => {
  if (fault === 'gap') return []
  if (fault === 'doubled') return [bytes, bytes]
  const other = Buffer.from(bytes)
  other[other.length - 1]! ^= 0x20
  return [other]
}
