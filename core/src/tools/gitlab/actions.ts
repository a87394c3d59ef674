/** What can be done at GitLab? */
import type { Actions } from '../port.ts'
import { reporting } from '../statuses.ts'
import { comment } from './act-comment.ts'
import { createIssue } from './act-issue.ts'
import { label } from './act-label.ts'
import { openMr } from './act-mr.ts'
import { updateMr } from './act-update.ts'
import { gitlabStatuses } from './statuses.ts'

export const actions: Actions = {
  'gitlab.open_mr': openMr,
  'gitlab.update_mr': updateMr,
  'gitlab.comment': comment,
  'gitlab.label': label,
  'gitlab.create_issue': createIssue,
  'gitlab.report_status': reporting(gitlabStatuses),
}
