/** How is GitLab asked when a merge request is looked at? A no throws, in words; lists come page by page, so many at most. */
import type { z } from 'zod'
import type { ForgeAccount } from '../../run/pull-seen.ts'
import { messageIn, nextPage, type Ask, type Came } from './ask.ts'

/** Where a merge request is. `project`, `mr`: paths in the API. */
export type Spot = { readonly ask: Ask; readonly project: string; readonly mr: string }

const pagesAtMost = 3

/** A good answer. Throws with GitLab's words. */
export const got = async (ask: Ask, path: string): Promise<Came> => {
  const came = await ask('GET', path)
  if (came.status === 200) return came
  const said = messageIn(came.body)
  throw new Error(`GitLab answered ${came.status}${said ? `: ${said}` : ''}`)
}

/** At most 300 things of a list, in GitLab's order. `isCut`: there are more. */
export const listed = async <T extends z.ZodType>(
  ask: Ask,
  path: string,
  of: T,
): Promise<{ all: z.infer<T>[]; isCut: boolean }> => {
  const all: z.infer<T>[] = []
  let page: string | null = '1'
  for (let n = 0; page !== null && n < pagesAtMost; n++) {
    const came: Came = await got(ask, `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`)
    if (!Array.isArray(came.body)) throw new Error('GitLab answered with no list')
    all.push(...came.body.map((one) => of.parse(one)))
    page = nextPage(came)
  }
  return { all, isCut: page !== null }
}

/** As GitLab names the accounts of access tokens of projects and groups, and people may not name theirs. */
const byProgram = /^(project|group)_\d+_bot(_[0-9a-z]+)?$/

/** Who it was by the number of the account; who of us that is, is decided outside. A program is no person, whoever linked its number. */
export const whoOf = ({ id, username }: { readonly id: number | null; readonly username: string }): ForgeAccount => ({
  account: id === null ? 'nobody' : byProgram.test(username) ? `bot/${id}` : String(id),
  name: `@${username}`.slice(0, 200),
  person: null,
})
