/**
 * Which rows of a list of GitHub, newest first, come after what was seen already?
 * Its pages are followed until one reaches what is old, or so many at most. What lies beyond is said by whoever asks.
 */
import { limitIn, nextPage, type Ask, type Came } from '@viewportai/core/tools/github/rest'
import type { FoundEvent } from './poll-found.ts'

/** A thousand rows: a look may take a minute in all, and each page is a question of the limit. */
const pagesAtMost = 10

/**
 * One list, newest first: where it stands, when each of it happened, and what of it is told. `things`: what it holds, in a sentence;
 * `placed`: by what GitHub orders it (ms), where that is not when it happened.
 */
export type List = {
  readonly name: string
  readonly called: string
  readonly things: string
  ask(etag: string | undefined): Promise<Came>
  rows(body: unknown): unknown[]
  at(row: unknown): string | null
  placed?(row: unknown): number
  tell(row: unknown): Promise<FoundEvent[]>
}

type Asked = {
  readonly ask: Ask
  readonly settings: Readonly<Record<string, string>>
  /** The answer with the first page. */
  readonly first: Came
  /** How people call the list. */
  readonly called: string
}

/**
 * All rows up to the page that holds an old one. `isCut`: there are more pages, and nothing old was reached. Throws in words when a page is
 * not told: nothing is told by half.
 */
export const restOf = async (
  { ask, settings, first, called }: Asked,
  rowsIn: (body: unknown) => unknown[],
  isOld: (row: unknown) => boolean,
): Promise<{ readonly rows: unknown[]; readonly isCut: boolean }> => {
  const rows = rowsIn(first.body)
  let came = first
  for (let page = 1; !rows.some(isOld); page++) {
    const next = nextPage(came, settings)
    if (next === null) break
    if (page === pagesAtMost) return { rows, isCut: true }
    came = answered(await ask('GET', next), called)
    const more = rowsIn(came.body)
    if (more.length === 0) break
    rows.push(...more)
  }
  return { rows, isCut: false }
}

/** An answer that is none of these stops the whole asking: nothing is told by half, and its place is kept. */
export const answered = (came: Came, about: string, also: readonly number[] = []): Came => {
  const limit = limitIn(came)
  if (limit !== null) throw new Error(`GitHub limits the rate for ${Math.ceil(limit / 1_000)} s`)
  if (came.status !== 200 && !also.includes(came.status))
    throw new Error(`GitHub answered ${came.status} to a question about ${about}`)
  return came
}
