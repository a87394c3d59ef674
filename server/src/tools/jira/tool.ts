/** Jira Cloud: issues come in by signed webhooks or by asking; comments, moves, assignments and new issues go out. */
import { actions } from '@viewportai/core/tools/jira/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { fields, projectsIn } from '@viewportai/core/tools/jira/fields'
import { poll } from './poll.ts'
import { lookUp } from './look-up.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { status } from '@viewportai/core/tools/jira/status'
import { hook } from './verify.ts'

export const jira: Tool = {
  title: null,
  fields,
  hookWords:
    'In Jira, as an admin: Settings, System, WebHooks, Create. URL {url}; events: Issue created, Issue updated, Comment created; a secret, which is given to this connection as well.',
  check,
  lookUp,
  hook,
  read,
  numbersAlike: true,
  again,
  narrows(connection) {
    const values = projectsIn(connection)
    return values.length === 0 ? [] : [{ setting: 'projects', field: 'project', values }]
  },
  poll,
  samples,
  actions,
  status,
}
