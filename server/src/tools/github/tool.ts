/** GitHub: a token or an App; webhooks, and asking where no webhook reaches us; pull requests, comments and what belongs to them. */
import type { Tool } from '../port.ts'
import { reportCheck } from './act-check.ts'
import { comment, review } from './act-comment.ts'
import { createIssue } from './act-issue.ts'
import { assign, label } from './act-label.ts'
import { openPull } from './act-pull.ts'
import { updatePull } from './act-update.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from './fields.ts'
import { poll } from './poll.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { sight } from './sight.ts'
import { touches } from './touches.ts'
import { status } from './status.ts'
import { hook } from './verify.ts'

export const github: Tool = {
  title: null,
  fields,
  hookWords:
    'At GitHub, in the settings of the repository or organisation, add a webhook: payload URL {url}, content type application/json, the secret of this connection, and the events that your workflows listen to (docs/integrations/github.md lists them).',
  check,
  hook,
  accountsAt,
  read,
  again,
  poll,
  sight,
  touches,
  samples,
  actions: {
    'github.open_pr': openPull,
    'github.update_pr': updatePull,
    'github.comment': comment,
    'github.label': label,
    'github.assign': assign,
    'github.review': review,
    'github.report_check': reportCheck,
    'github.create_issue': createIssue,
  },
  status,
}
