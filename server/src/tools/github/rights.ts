/**
 * May whoever did something write to the repository?
 * GitHub's webhooks tell an association, and of authors alone: a `MEMBER` of an organisation may only be able to read, and of whoever sets a label nothing is
 * told. So it is asked. https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
 */
import { z } from 'zod'
import type { User } from '@viewportai/core/tools/github/payload'
import type { Ask } from '@viewportai/core/tools/github/rest'
import type { Somebody } from '../port.ts'

/** An account, by its number, and whether it may write to the repository. */
export const Rights = z.object({ id: z.number(), writes: z.boolean() })
export type Rights = z.infer<typeof Rights>

const Told = z.object({ permission: z.string(), user: z.object({ id: z.number() }).nullish() })

/**
 * What GitHub says of this account in the repository `at` (`/repos/OWNER/NAME`), or why it is not known (a sentence); null: nobody that could be asked about.
 * A name that belongs to another account by now says nothing.
 */
export const rightsOf = async (
  ask: Ask,
  at: string,
  user: User | null,
): Promise<{ rights: Rights } | { why: string } | null> => {
  if (user === null || user.type === 'Bot' || user.type === 'Organization') return null
  const unknown = (why: string) => ({
    why: `What ${user.login} may do in ${at.slice('/repos/'.length)} is not known (${why}).`,
  })
  try {
    const { status, body } = await ask('GET', `${at}/collaborators/${encodeURIComponent(user.login)}/permission`)
    if (status === 404) return { rights: { id: user.id, writes: false } }
    const told = status === 200 ? Told.safeParse(body).data : undefined
    if (told === undefined) return unknown(`GitHub answered ${status}`)
    if (told.user?.id !== user.id) return unknown('GitHub told it of another account')
    // `maintain` is told as write, `triage` as read.
    return { rights: { id: user.id, writes: told.permission === 'admin' || told.permission === 'write' } }
  } catch (error) {
    return unknown((error as Error).message.slice(0, 200))
  }
}

/** Somebody, ranked by what GitHub said when it was asked about them. */
export const ranked = (who: Somebody, rights: Rights | undefined): Somebody =>
  rights === undefined || String(rights.id) !== who.id || who.standing === 'bot'
    ? who
    : { ...who, standing: rights.writes ? 'collaborator' : 'outsider' }
