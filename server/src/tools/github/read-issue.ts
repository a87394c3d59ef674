/** What do GitHub's `issues` events say? */
import type { Reading } from '../port.ts'
import { earlierEditors, newer, type Reader } from './again-form.ts'
import { looksOurs } from '@viewportai/core/tools/hidden-marker'
import { Envelope, type Issue } from '@viewportai/core/tools/github/payload'
import { instant } from '@viewportai/core/tools/github/instant'
import { around, issueFields, sender, somebody, subjectOf, thing } from './said.ts'

const events: Readonly<Record<string, string>> = {
  opened: 'issue_opened',
  edited: 'issue_edited',
  assigned: 'issue_assigned',
  labeled: 'issue_labeled',
  closed: 'issue_closed',
  reopened: 'issue_reopened',
}

export const readIssue: Reader = (payload, _event, again): Reading => {
  const action = String(payload['action'])
  const event = Object.hasOwn(events, action) ? events[action]! : null
  if (event === null) return { ignored: `No workflow can listen to issues.${action.slice(0, 60)} of GitHub.` }
  const { repository, sender: who, issue: told, label, assignee } = Envelope.parse(payload)
  if (!repository || !told) return { unreadable: `issues.${action} of GitHub names no issue.` }
  if (action === 'labeled' && !label) return { unreadable: 'issues.labeled of GitHub names no label.' }
  if (action === 'assigned' && !assignee) return { unreadable: 'issues.assigned of GitHub names nobody.' }
  const { one: issue, editors } = newer(told, again.issue)
  const name = `${event}:${thing(repository, issue)}`
  const actor = sender(who, [issue])
  const near = (what: string): string[] => around(`${name}${what}:${actor.id}`, told.updated_at)
  const [id, ...also] = {
    issue_opened: [name],
    issue_closed: [`${name}:${told.closed_at ?? told.updated_at}`],
    issue_edited: near(''),
    issue_reopened: near(''),
    issue_labeled: near(`:${label?.name}`),
    issue_assigned: near(`:${assignee?.id}`),
  }[event] as [string, ...string[]]
  return {
    said: {
      event,
      id,
      also: again.event === undefined ? also : [...also, again.event],
      at: instant(timeOf(event, told)),
      toldAt: instant(told.updated_at),
      actor,
      authors: [somebody(issue.user, issue.author_association), ...editors, ...earlierEditors(again)],
      subject: { ...subjectOf(repository, issue), made: instant(told.created_at) },
      fields: {
        ...issueFields(repository, issue),
        ...(label && { label: label.name }),
        ...(assignee && { assignee: assignee.login }),
      },
      text: issue.body ?? '',
      ours: action === 'opened' && looksOurs(told.body),
    },
  }
}

const timeOf = (event: string, issue: Issue): string | null =>
  (event === 'issue_opened' ? issue.created_at : event === 'issue_closed' ? issue.closed_at : null) ?? issue.updated_at
