/**
 * How is asked about one pull request at GitHub, page by page?
 * Every look of `sight.ts` goes through here. It judges nothing.
 */
import type { z } from 'zod'
import type { ReviewSeen } from '../../run/pull-seen.ts'
import type { Connection } from '../port.ts'
import type { User } from './payload.ts'
import { messageIn, type Ask, type Came } from './rest.ts'

/** A pull request. `next`: the address of the page after an answer. */
export type Spot = {
  readonly ask: Ask
  readonly settings: Connection['settings']
  readonly repo: string
  readonly number: number
  readonly next: (came: Came) => string | null
}

/** Who it was by the number of the account; who of us that is, is decided outside. A program is no person, whoever linked its number. */
export const whoOf = ({ id, login, type }: User): ReviewSeen['who'] => ({
  account: type === 'Bot' ? `bot/${id}` : String(id),
  name: `@${login}`,
  person: null,
})

/** A good answer. Throws in words. */
export const got = async (ask: Ask, path: string): Promise<Came> => {
  const came = await ask('GET', path)
  if (came.status === 200) return came
  const said = messageIn(came.body)
  throw new Error(`GitHub answered ${came.status}${said ? `: ${said}` : ''}`)
}

/** Everything of a list, up to so many pages; `isWhole` false: there are more. Throws in words. */
export const listed = async <T extends z.ZodType>(
  spot: Spot,
  path: string,
  of: T,
  pagesAtMost = 3,
): Promise<{ all: z.infer<T>[]; isWhole: boolean }> => {
  const all: z.infer<T>[] = []
  let next: string | null = path
  for (let n = 0; next !== null && n < pagesAtMost; n++) {
    const came: Came = await got(spot.ask, next)
    all.push(...(Array.isArray(came.body) ? came.body : []).map((one) => of.parse(one)))
    next = spot.next(came)
  }
  return { all, isWhole: next === null }
}
