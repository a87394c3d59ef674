/** What can be done in Jira? */
import type { Actions } from '../port.ts'
import { assign, transition } from './act-change.ts'
import { comment } from './act-comment.ts'
import { create } from './act-create.ts'

export const actions: Actions = {
  'jira.comment': comment,
  'jira.transition': transition,
  'jira.assign': assign,
  'jira.create': create,
}
