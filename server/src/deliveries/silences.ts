/**
 * Which connections answer nothing just now, and when is each asked again?
 * A provider that is away costs one question its whole time, not every start that waits for a word of it: the next question after one without any answer comes later each
 * time. In memory only: another process finds out for itself.
 */
import { NoWholeAnswer, NotSent, TooLong, type Outside } from '@viewportai/core/tools/outside'

const shortestMillis = 15_000
const longestMillis = 60_000
/** Connections that are remembered; of more each is asked every time. */
const most = 10_000

export type Silences = {
  /** Until when (ms, by the clock that `silent` was given) it is not asked, or null: it may be asked now. */
  until(connection: string, now: number): number | null
  /** Nothing of it answered. Gives until when (ms) it is left alone: 15 s, 30 s, a minute at most. */
  silent(connection: string, now: number): number
  /** It answered, be it with a no. */
  answered(connection: string): void
}

/** A memory of its own. `connection`: an id that no other workspace has. */
export const makeSilences = (): Silences => {
  const silences = new Map<string, { times: number; until: number }>()
  return {
    until(connection, now) {
      const until = silences.get(connection)?.until ?? 0
      return until > now ? until : null
    },
    silent(connection, now) {
      const times = silences.get(connection)?.times ?? 0
      const until = now + Math.min(longestMillis, shortestMillis * 2 ** times)
      if (silences.has(connection) || silences.size < most) silences.set(connection, { times: times + 1, until })
      return until
    },
    answered: (connection) => void silences.delete(connection),
  }
}

/** The same way out, and whether what was asked by it brought no answer at all. One that is too long is an answer. */
export const heardBy = (outside: Outside): { readonly outside: Outside; isSilent(): boolean } => {
  let answered = 0
  let unanswered = 0
  return {
    isSilent: () => answered === 0 && unanswered > 0,
    outside: {
      now: () => outside.now(),
      async ask(asked) {
        try {
          const answer = await outside.ask(asked)
          answered++
          return answer
        } catch (error) {
          if ((error instanceof NotSent || error instanceof NoWholeAnswer) && !(error instanceof TooLong)) unanswered++
          else answered++
          throw error
        }
      },
    },
  }
}
