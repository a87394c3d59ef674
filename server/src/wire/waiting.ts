/**
 * How does a long poll wait?
 * Until a nudge says "look now", the time is over, or the client has left. A lost nudge costs at most one look interval.
 */
import type { FastifyReply } from 'fastify'
import type { Database } from '../database/open.ts'
import type { Nudge } from '../database/nudge.ts'

const lookEveryMs = 5_000

/** Is somebody still there to hear the answer? A poll whose client has gone must not take work. */
export const listening = (reply: FastifyReply): boolean =>
  !reply.raw.destroyed && !reply.raw.writableEnded && reply.raw.socket?.destroyed === false

/** Asks `look` at once, after each nudge that `concerns` it and every few seconds; gives its first non-null answer, or null when the time is over or the client left. */
export const longPoll = async <T>(
  db: Database,
  reply: FastifyReply,
  millis: number,
  concerns: (nudge: Nudge) => boolean,
  look: () => Promise<T | null>,
): Promise<T | null> => {
  const until = Date.now() + millis
  let wake: () => void = () => {}
  let nudged = false
  const off = db.nudges.on((nudge) => {
    if (nudge.topic !== 'resync' && !concerns(nudge)) return
    nudged = true
    wake()
  })
  const left = (): void => wake()
  reply.raw.on('close', left)
  try {
    for (;;) {
      nudged = false
      if (!listening(reply)) return null
      const found = await look()
      if (found !== null) return found
      const rest = Math.min(until - Date.now(), lookEveryMs)
      if (rest <= 0) return null
      if (!nudged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, rest)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      if (Date.now() >= until) return listening(reply) ? await look() : null
    }
  } finally {
    off()
    reply.raw.off('close', left)
  }
}
