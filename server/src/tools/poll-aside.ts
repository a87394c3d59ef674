/**
 * What of a list could not be read, although it had the time of a whole asking?
 * It is set aside, so that what changed after it is told, and is read again later, less and less often, with all that happened to it since. What stays unreadable is told at last as
 * far as it can be read, and that is said: neither does anybody wait for it for ever, nor is it lost without a word.
 */
import { z } from 'zod'
import { NoWholeAnswer, NotSent } from '@viewportai/core/tools/outside'
import { moment } from './poll-clock.ts'

/**
 * One that is set aside. `key`: where it is asked for again, below its repository. `news`: what happened at or after this is told of it. `times`: how often it could not be
 * read, and `why` the last time; `at`: when it is read again (ms). `over`: as it was changed then it is not read any more, it was told as far as it could be read.
 */
export const Aside = z.object({
  name: z.string().max(300),
  key: z.string().max(300),
  news: z.string(),
  times: z.int(),
  why: z.string().max(200),
  at: z.number(),
  over: z.string().optional(),
})
export type Aside = z.infer<typeof Aside>

/** More of them mean that it is not these things that are wrong: then the asking fails as a whole, and nothing is given up. */
export const asideAtMost = 20
/** So often one is tried (over two hours) before it is told as far as it can be read. */
const triesAtMost = 8
const [firstMillis, longestMillis] = [60_000, 3_600_000]

/** A thing that was asked about was answered with a no that says nothing of the others. */
export class Unread extends Error {
  override readonly name = 'Unread'
}
/** The thing is not there any more. */
export class Gone extends Unread {}

/** May the others be read all the same? A limit of the rate or a token that is not taken concerns them all. */
export const isOfOne = (error: unknown): error is Error =>
  error instanceof Unread || error instanceof NotSent || error instanceof NoWholeAnswer

/** A way to ask for each part of a thing, where one that cannot be read is left out; null: all of it is read, or it throws. */
export type Parts<Ask> = { ask(): Ask } | null

/** Reads the parts of one thing, by `ask` or each by a way of its own. `name`: of the thing, for what is said (`lost`) of a part that is left out. */
export const readerOf =
  <Ask>(ask: Ask, parts: Parts<Ask>, name: string, lost: (what: string) => void) =>
  async <T>(what: string, none: T, read: (by: Ask) => Promise<T>): Promise<T> => {
    if (parts === null) return read(ask)
    try {
      return await read(parts.ask())
    } catch (error) {
      if (!isOfOne(error)) throw error
      lost(`The ${what} of ${name} could not be read (${error.message}): they were left out.`)
      return none
    }
  }

/** It could not be read, once more or for the first time. */
export const setAside = (
  { name, key, news, times }: Pick<Aside, 'name' | 'key' | 'news' | 'times'>,
  error: Error,
  now: number,
): Aside => ({
  name,
  key,
  news,
  times: times + 1,
  why: error.message.slice(0, 200),
  at: now + Math.min(longestMillis, firstMillis * 2 ** times),
})

/** It waits no more. As long as lists still show it as it was, nobody tries again. */
export const givenUp = (aside: Aside, updatedAt: string, now: number): Aside => ({ ...aside, over: updatedAt, at: now })
/** A day later no list shows it any more for what changed then. */
export const isForgotten = ({ over, at }: Aside, now: number): boolean => over !== undefined && at < now - 86_400_000
export const isWaiting = ({ over }: Aside): boolean => over === undefined

/** Is it told now as far as it can be read? */
export const isGivenUp = ({ times }: Aside): boolean => times >= triesAtMost

/** What the connection says of those that wait, in sentences; null: none does. */
export const asideWords = (all: readonly Aside[]): string | null => {
  const aside = all.filter(isWaiting)
  return aside.length === 0
    ? null
    : aside
        .slice(0, 5)
        .map(
          ({ name, why, at }) =>
            `What happened to ${name} could not be read (${why}): the rest goes on without it, and it is read again at ${moment(new Date(at).toISOString())}.`,
        )
        .join(' ') + (aside.length > 5 ? ` So it is with ${aside.length - 5} others.` : '')
}
