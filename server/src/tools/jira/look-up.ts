/** Which projects does an account of Jira see, and is a key one of them? */
import type { Outside } from '@viewportai/core/tools/outside'
import { askJira, bodyOf } from '@viewportai/core/tools/jira/ask'
import { isProjectKey } from '@viewportai/core/tools/jira/fields'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { Connection, LookUp } from '../port.ts'

/** So many are read for the nearest: one page, as https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/ gives at most. */
const onPage = 100

/** A project as Jira knows it by this key; null: it shows none. One that got another key is found by the one before, too. Throws in words. */
const projectAt = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
  key: string,
): Promise<string | null> => {
  const came = await askJira(connection, outside, 'GET', `/project/${key}`)
  if ('no' in came && (came.status === 404 || came.status === 403)) return null
  return String(bodyOf(came)['key'])
}

/** Keys and names of projects that the account sees, of those that are on the first page. Throws in words. */
const projectsSeen = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
): Promise<{ key: string; name: string }[]> =>
  (bodyOf(await askJira(connection, outside, 'GET', `/project/search?maxResults=${onPage}`))['values'] ?? []) as {
    key: string
    name: string
  }[]

/** The key of the project whose key or name comes nearest, or null. Never throws: it is a help and no more. */
export const nearProject = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
  named: string,
): Promise<string | null> => {
  const all = await projectsSeen(connection, outside).catch(() => [])
  const near = nearest(
    named,
    all.flatMap(({ key, name }) => [key, name]),
  )
  return all.find(({ key, name }) => near !== null && [key, name].includes(near))?.key ?? null
}

export const lookUp: LookUp = {
  what: 'project',
  hidden: 'The account may not be let into it.',
  names: (names, connection, outside) =>
    Promise.all(
      names.map(async (name) => {
        const key = name.trim().toUpperCase()
        const found = isProjectKey(key) ? await projectAt(connection, outside, key) : null
        return found === null ? { near: await nearProject(connection, outside, name) } : { called: found, also: [] }
      }),
    ),
}
