/**
 * How far did an asking come on a page of things of which each has to be read whole, by questions of its own?
 * What finds no time is left for the next asking of the same page. One that no asking can read whole is taken as the page told it, and that is said: nobody else waits for
 * it for ever.
 */
import { z } from 'zod'
import { NotSent, NoWholeAnswer } from '@viewportai/core/tools/outside'

/** Where the next asking goes on within a page. `done`: names of what was taken of it; `hard`: what was begun with, and how often in a row it took too long. */
export const PagePlace = z.object({
  done: z.array(z.string()).default([]),
  hard: z.object({ name: z.string(), times: z.int() }).optional(),
})
export type PagePlace = z.infer<typeof PagePlace>

const triesAtMost = 3

/** The time of an asking is over in the middle of a thing; it is read by the next one. */
export const timeIsOver = (): NotSent => new NotSent('the time of this asking is over')

export type PageTaken<T> = {
  readonly taken: T[]
  /** Null: all of it was taken. */
  readonly rest: PagePlace | null
  /** Why the first of it could not be read yet, a sentence. */
  readonly problem: string | null
}

/**
 * Takes the things of a page in their order. `isFirst`: nothing was taken before it in this asking, so its first thing has all the time there is. `whole`: reads one; it is told
 * whether it is the first of the asking, and throws `timeIsOver` where it needs a question and has no time for it. Throws what is no matter of time.
 */
export const takePage = async <T>(
  page: readonly T[],
  { done, hard }: PagePlace,
  {
    isFirst,
    nameOf,
    whole,
    lost,
  }: {
    readonly isFirst: boolean
    nameOf(one: T): string
    whole(one: T, isFirst: boolean): Promise<T>
    lost(what: string): void
  },
): Promise<PageTaken<T>> => {
  const known = new Set(done)
  const taken: T[] = []
  const rest = (more?: PagePlace['hard']): PagePlace => ({ done: [...known], ...(more && { hard: more }) })
  for (const one of page) {
    const name = nameOf(one)
    if (known.has(name)) continue
    const first = isFirst && taken.length === 0
    const times = hard?.name === name ? hard.times : 0
    if (times >= triesAtMost) {
      lost(
        `What happened to ${name} could not be read whole ${times} times in a row: what the list did not tell was left out.`,
      )
      taken.push(one)
    } else
      try {
        taken.push(await whole(one, first))
      } catch (error) {
        if (!(error instanceof NotSent || error instanceof NoWholeAnswer)) throw error
        if (!first) return { taken, rest: rest(), problem: null }
        const problem = `What happened to ${name} could not be read: ${error.message}.`
        return { taken, rest: rest({ name, times: times + 1 }), problem }
      }
    known.add(name)
  }
  return { taken, rest: null, problem: null }
}
