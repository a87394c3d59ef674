/** Does the token of a Jira connection work, who are we there, and are the named projects there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askJira } from '@viewportai/core/tools/jira/ask'
import { isProjectKey, projectsIn } from '@viewportai/core/tools/jira/fields'

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const site = connection.settings['site'] ?? ''
  if (
    !URL.canParse(site) ||
    !/^https?:$/.test(new URL(site).protocol) ||
    new URL(site).pathname.replace('/', '') !== ''
  )
    return { problem: `"${site}" is not the address of a site, like https://acme.atlassian.net.` }
  const odd = projectsIn(connection).find((key) => !isProjectKey(key))
  if (odd !== undefined) return { problem: `"${odd}" is not the key of a project.` }
  const came = await askJira(connection, outside, 'GET', '/myself')
  if ('limited' in came) return { problem: 'Jira limits the rate of this account now; try again in a while.' }
  if (!('body' in came)) return { problem: `Jira does not take it: ${'no' in came ? came.no : came.unclear}.` }
  const { accountId, displayName, accountType } = came.body
  if (typeof accountId !== 'string') return { problem: 'Jira does not say whose token it is.' }
  for (const key of projectsIn(connection)) {
    const project = await askJira(connection, outside, 'GET', `/project/${key}`)
    if (!('body' in project)) return { problem: `The account sees no project ${key}.` }
  }
  return {
    account: { id: accountId, name: String(displayName) },
    notes: [
      ...(accountType === 'app'
        ? []
        : [
            `What ${String(displayName)} does in Jira counts as done by Viewport itself and starts nothing. Use an account of its own when that is a person.`,
          ]),
      ...(connection.secrets['signing']
        ? []
        : ['It has no secret of a webhook, so webhooks are refused; Jira is asked every half minute.']),
    ],
  }
}
