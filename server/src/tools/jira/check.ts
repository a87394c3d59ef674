/** Does the token of a Jira connection work, who are we there, and are the named projects there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askJira } from '@viewportai/core/tools/jira/ask'
import { isProjectKey, projectsIn } from '@viewportai/core/tools/jira/fields'
import { nearProject } from './look-up.ts'
import { who } from '@viewportai/core/tools/jira/who'

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
  const said = await who(connection, outside)
  if ('problem' in said) return said
  const { account, told } = said
  for (const key of projectsIn(connection)) {
    const project = await askJira(connection, outside, 'GET', `/project/${key}`)
    if ('body' in project) continue
    const near = await nearProject(connection, outside, key)
    return { problem: `The account sees no project ${key}.${near === null ? '' : ` Is ${near} meant?`}` }
  }
  return {
    account,
    notes: [
      ...(told['accountType'] === 'app'
        ? []
        : [
            `What ${account.name} does in Jira counts as done by Viewport itself and starts nothing. Use an account of its own when that is a person.`,
          ]),
      ...(connection.secrets['signing']
        ? []
        : ['It has no secret of a webhook, so webhooks are refused; Jira is asked every half minute.']),
    ],
  }
}
