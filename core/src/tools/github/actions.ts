/** What can be done at GitHub? */
import type { Actions } from '../port.ts'
import { reportCheck } from './act-check.ts'
import { comment, review } from './act-comment.ts'
import { createIssue } from './act-issue.ts'
import { assign, label } from './act-label.ts'
import { openPull } from './act-pull.ts'
import { updatePull } from './act-update.ts'

export const actions: Actions = {
  'github.open_pr': openPull,
  'github.update_pr': updatePull,
  'github.comment': comment,
  'github.label': label,
  'github.assign': assign,
  'github.review': review,
  'github.report_check': reportCheck,
  'github.create_issue': createIssue,
}
