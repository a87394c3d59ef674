/** Which projects does a token of GitLab reach, and is a path one of them? */
import { askerFor, messageIn, projectPath } from '@viewportai/core/tools/gitlab/ask'
import { isProjectName } from '@viewportai/core/tools/gitlab/fields'
import type { Outside } from '@viewportai/core/tools/outside'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { Connection, LookUp } from '../port.ts'

/** The nearest is looked for among the hundred that something happened in last: https://docs.gitlab.com/api/projects */
const seen = '/projects?membership=true&simple=true&order_by=last_activity_at&per_page=100'

/** The path of the project that comes nearest, or null. Never throws: it is a help and no more. */
export const nearProject = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
  named: string,
): Promise<string | null> => {
  const came = await askerFor(connection, outside)('GET', seen).catch(() => null)
  const all = came?.status === 200 && Array.isArray(came.body) ? (came.body as { path_with_namespace?: unknown }[]) : []
  return nearest(
    named,
    all.map(({ path_with_namespace: path }) => String(path)),
  )
}

export const lookUp: LookUp = {
  what: 'project',
  hidden: 'The token may not be let into it.',
  names: (names, connection, outside) =>
    Promise.all(
      names.map(async (name) => {
        const came = isProjectName(name) ? await askerFor(connection, outside)('GET', projectPath(name)) : null
        // A project that was moved is answered with where it is now.
        if (came !== null && came.status !== 200 && came.status !== 404 && came.status !== 301)
          throw new Error(`GitLab answered ${came.status}: ${messageIn(came.body) || 'no words'}`)
        const path = (came?.body as { path_with_namespace?: unknown } | null)?.path_with_namespace
        return came?.status === 200 && typeof path === 'string'
          ? { called: path, also: [] }
          : { near: await nearProject(connection, outside, name) }
      }),
    ),
}
