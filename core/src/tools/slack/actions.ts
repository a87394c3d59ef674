/** What can be done in Slack? */
import type { Actions } from '../port.ts'
import { message } from './act-message.ts'
import { update } from './act-update.ts'

export const actions: Actions = { 'slack.comment': message, 'slack.message': message, 'slack.update': update }
