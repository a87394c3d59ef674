/** GitLab: a token; webhooks, and asking where no webhook reaches us; merge requests, comments and what belongs to them. */
import type { Tool } from '../port.ts'
import { reporting } from '../statuses.ts'
import { comment } from './act-comment.ts'
import { createIssue } from './act-issue.ts'
import { label } from './act-label.ts'
import { openMr } from './act-mr.ts'
import { updateMr } from './act-update.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from './fields.ts'
import { poll } from './poll.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { gitlabStatuses } from './statuses.ts'
import { hook } from './verify.ts'

export const gitlab: Tool = {
  title: null,
  fields,
  hookWords:
    'At GitLab, in the settings of the project or group, add a webhook: URL {url}, the secret of this connection as its signing token (older servers: as its secret token), and the triggers that your workflows listen to (docs/integrations/gitlab.md lists them).',
  check,
  hook,
  accountsAt,
  read,
  again,
  poll,
  samples,
  actions: {
    'gitlab.open_mr': openMr,
    'gitlab.update_mr': updateMr,
    'gitlab.comment': comment,
    'gitlab.label': label,
    'gitlab.create_issue': createIssue,
    'gitlab.report_status': reporting(gitlabStatuses),
  },
}
