/** GitLab: a token; webhooks, and asking where no webhook reaches us; merge requests, comments and what belongs to them. */
import type { Tool } from '../port.ts'
import { reporting } from '@viewportai/core/tools/statuses'
import { comment } from '@viewportai/core/tools/gitlab/act-comment'
import { createIssue } from '@viewportai/core/tools/gitlab/act-issue'
import { label } from '@viewportai/core/tools/gitlab/act-label'
import { openMr } from '@viewportai/core/tools/gitlab/act-mr'
import { updateMr } from '@viewportai/core/tools/gitlab/act-update'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from '@viewportai/core/tools/gitlab/fields'
import { poll } from './poll.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { sight } from './sight.ts'
import { touches } from './touches.ts'
import { gitlabStatuses } from '@viewportai/core/tools/gitlab/statuses'
import { status } from './status.ts'
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
  sight,
  touches,
  samples,
  actions: {
    'gitlab.open_mr': openMr,
    'gitlab.update_mr': updateMr,
    'gitlab.comment': comment,
    'gitlab.label': label,
    'gitlab.create_issue': createIssue,
    'gitlab.report_status': reporting(gitlabStatuses),
  },
  status,
}
