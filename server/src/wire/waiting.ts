/**
 * How does a long poll wait?
 * Until somebody wakes it to look again, the time is over, or the client has left. Who wakes it is the line's business
 * (work-line.ts, order-line.ts).
 */
import type { FastifyReply } from 'fastify'

/** Is somebody still there to hear the answer? A poll whose client has gone must not take work. */
export const listening = (reply: FastifyReply): boolean =>
  !reply.raw.destroyed && !reply.raw.writableEnded && reply.raw.socket?.destroyed === false

/** A place in a line. */
export type Place = {
  /** Told after each look. */
  looked(found: boolean): void
  leave(): void
}

/** Asks `look` at once and whenever the line wakes it; gives its first non-null answer, or null when the time is over or the client left. */
export const longPoll = async <T>(
  reply: FastifyReply,
  millis: number,
  join: (wake: () => void) => Place,
  look: () => Promise<T | null>,
): Promise<T | null> => {
  const until = performance.now() + millis // this machine's clock may be set meanwhile
  let go: () => void = () => {}
  let woken = false
  const place = join(() => {
    woken = true
    go()
  })
  const left = (): void => go()
  reply.raw.on('close', left)
  try {
    for (;;) {
      woken = false
      if (!listening(reply)) return null
      const found = await look()
      place.looked(found !== null)
      if (found !== null) return found
      const rest = until - performance.now()
      if (rest <= 0) return null
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, rest)
          go = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      if (!woken && performance.now() >= until) return null
    }
  } finally {
    place.leave()
    reply.raw.off('close', left)
  }
}
