/** Which repositories does a token or an App of GitHub reach, and is a name one of them? */
import { isRepoName } from '@viewportai/core/tools/github/fields'
import { messageIn } from '@viewportai/core/tools/github/rest'
import type { Outside } from '@viewportai/core/tools/outside'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { Connection, LookUp } from '../port.ts'
import { isApp } from './app-token.ts'
import { askerFor } from './ask.ts'

/** The name of the repository that comes nearest, of a hundred that are seen. Null: none does. Never throws: it is a help and no more. */
export const nearRepository = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
  named: string,
): Promise<string | null> => {
  const ask = askerFor(connection, outside)
  const came = await (
    isApp(connection)
      ? ask('GET', '/installation/repositories?per_page=100')
      : ask('GET', '/user/repos?sort=pushed&per_page=100')
  ).catch(() => null)
  const body = came?.status === 200 ? (came.body as { repositories?: unknown }) : null
  const all = Array.isArray(body) ? body : body?.repositories
  return nearest(
    named,
    (Array.isArray(all) ? (all as { full_name?: unknown }[]) : []).map(({ full_name: name }) => String(name)),
  )
}

export const lookUp: LookUp = {
  what: 'repository',
  hidden: 'The token or the App may not be let into it.',
  names: (names, connection, outside) =>
    Promise.all(
      names.map(async (name) => {
        const came = isRepoName(name) ? await askerFor(connection, outside)('GET', `/repos/${name}`) : null
        // One that got another name is answered with where it is now (301).
        if (came !== null && ![200, 301, 404].includes(came.status))
          throw new Error(`GitHub answered ${came.status}: ${messageIn(came.body) || 'no words'}`)
        const called = (came?.body as { full_name?: unknown } | null)?.full_name
        return came?.status === 200 && typeof called === 'string'
          ? { called, also: [] }
          : { near: await nearRepository(connection, outside, name) }
      }),
    ),
}
