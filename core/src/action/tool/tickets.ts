/** What can be done to tickets in Linear and Jira: the same four things. */
import { action, list, template, text, type ActionForm } from '../form.ts'

const ticketActions = (tool: string, home: string, more: ActionForm['params']): Record<string, ActionForm> => {
  const issue = text(`Key of the issue; the one the event was about when left out.`)
  const source = { tool, target: 'source', targetParam: 'issue' } as const
  return {
    [`${tool}.comment`]: action({
      ...source,
      says: 'Comment',
      did: 'commented on',
      params: { issue, text: template('The comment.', { default: 'Viewport worked on this: {{ run.url }}' }) },
      results: ['url', 'id'],
    }),
    [`${tool}.transition`]: action({
      ...source,
      says: 'Move the issue',
      did: 'moved',
      params: { issue, to: text('Status to move it to.', { required: true }) },
    }),
    [`${tool}.assign`]: action({
      ...source,
      says: 'Assign the issue',
      did: 'assigned',
      params: { issue, to: text('Account, as that tool names it.', { required: true }) },
    }),
    [`${tool}.create`]: action({
      tool,
      says: 'Create an issue',
      did: 'created',
      params: {
        [home]: text(`In which ${home}.`, { required: true }),
        title: template('Title.', { required: true, quote: 'line' }),
        body: template('Text.'),
        labels: list('Labels.'),
        ...more,
      },
      results: ['url', 'key'],
    }),
  }
}

export const tickets = {
  ...ticketActions('linear', 'team', {}),
  ...ticketActions('jira', 'project', { type: text('Type of the issue.', { default: 'Task' }) }),
}
