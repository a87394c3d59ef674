/**
 * What do comments at GitHub say?
 * A comment counts when it is made. One that is edited later starts nothing: who reads it then cannot know what it said.
 */
import type { Reading } from '../port.ts'
import { earlierEditors, newer, type Reader } from './again-form.ts'
import { lastingCommand, mentionsIn } from '../command.ts'
import { looksOurs } from '@viewportai/core/tools/hidden-marker'
import { Envelope } from '@viewportai/core/tools/github/payload'
import { instant } from '@viewportai/core/tools/github/instant'
import { fieldText, isFork, issueFields, latest, pullFields, sender, somebody, subjectOf } from './said.ts'

export const readComment: Reader = (payload, kind, again): Reading => {
  const action = String(payload['action'])
  if (action !== 'created')
    return { ignored: `A comment that is ${action.slice(0, 60)} starts nothing; a new one does.` }
  const { repository, sender: who, comment: told, issue, pull_request } = Envelope.parse(payload)
  const about = pull_request ?? issue
  if (!repository || !told || !about)
    return { unreadable: `${kind}.created of GitHub names no comment or not on what.` }
  const { one: comment, editors } = newer(told, again.comment)
  const pull = again.pull ?? pull_request
  const { one: on, editors: more } = newer(about, again.pull ?? again.issue)
  const onPull = pull !== null || issue?.pull_request !== undefined
  const text = comment.body ?? ''
  return {
    said: {
      event: onPull ? 'pr_comment' : 'issue_comment',
      // A comment on lines has numbers of its own.
      id: `${kind === 'issue_comment' ? 'comment' : 'line_comment'}:${repository.id}:${comment.id}`,
      at: instant(told.created_at),
      toldAt: latest(told.created_at, about.updated_at),
      actor: sender(who, [comment, on]),
      authors: [
        somebody(comment.user, comment.author_association),
        somebody(on.user, on.author_association),
        ...editors,
        ...more,
        ...earlierEditors(again),
        ...(pull && isFork(pull) ? [{ id: 'fork', name: 'the owner of the fork', standing: 'outsider' as const }] : []),
      ],
      subject: { ...subjectOf(repository, on), url: comment.html_url ?? on.html_url },
      fields: {
        ...(pull ? pullFields(repository, pull, again.paths) : issueFields(repository, on)),
        text: fieldText(text),
        command: lastingCommand(told.body ?? '', text),
        mentions: mentionsIn(text),
      },
      text: `${text}\n\n---\n${on.title}\n\n${on.body ?? ''}`,
      ours: looksOurs(told.body),
    },
    // A comment in the conversation of a pull request tells neither its base nor its branch, nor whether it is a draft or comes from a fork.
    partial: onPull && pull === null,
  }
}
