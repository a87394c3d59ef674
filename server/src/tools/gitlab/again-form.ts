/**
 * What was found when the object of a delivery was fetched again?
 * The thing as it is now, who the people of it are at GitLab, and who edited its texts. What was not asked is not known.
 */
import { z } from 'zod'
import { Note, Rest, User } from '@viewportai/core/tools/gitlab/rest'
import type { Somebody } from '../port.ts'
import { developer } from './check.ts'

export const Found = z.object({
  thing: Rest.optional(),
  note: Note.optional(),
  /** Files of the merge request. */
  paths: z.array(z.string()).optional(),
  /** By the number of an account: a program's, and the level of access to the project (0: none). */
  people: z.record(z.string(), z.object({ bot: z.boolean(), level: z.number() })).default({}),
  /** Who edited title or text; null: nobody we know. */
  editors: z.array(User.nullable()).default([null]),
})
export type Found = z.infer<typeof Found>

/** Nothing when nothing was fetched. */
export const readFound = (again: unknown): Found => Found.parse(again ?? {})

/** Somebody by the number of the account: what GitLab says of membership ranks them, a name never does. */
export const somebody = (
  user: { readonly id: number | null; readonly username: string | null } | null,
  { people }: Pick<Found, 'people'>,
): Somebody => {
  if (!user || user.id === null)
    return { id: 'nobody', name: user?.username ?? 'nobody that GitLab names', standing: 'unknown' }
  const known = people[String(user.id)]
  return {
    id: String(user.id),
    name: user.username ?? `account ${user.id}`,
    standing:
      known === undefined ? 'unknown' : known.bot ? 'bot' : known.level >= developer ? 'collaborator' : 'outsider',
  }
}

/** Somebody who changed a text, and of whom no more is told. */
export const editor: Somebody = { id: 'editor', name: 'somebody who edited it', standing: 'unknown' }
