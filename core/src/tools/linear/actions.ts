/** What can be done in Linear? */
import type { Actions } from '../port.ts'
import { assign, transition } from './act-change.ts'
import { comment } from './act-comment.ts'
import { create } from './act-create.ts'

export const actions: Actions = {
  'linear.comment': comment,
  'linear.transition': transition,
  'linear.assign': assign,
  'linear.create': create,
}
