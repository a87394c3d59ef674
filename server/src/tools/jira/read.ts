/**
 * What does a delivery of Jira say happened?
 * Webhooks, and what was found by asking, in one form. What nothing can listen to is ignored with a reason; text in it stays text.
 */
import { z } from 'zod'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, Said, StoredDelivery } from '../port.ts'
import { lastingCommand } from '../command.ts'
import { shortName } from '../short-name.ts'
import { textOf } from '@viewportai/core/tools/jira/document'
import { isOurProject, siteOf } from '@viewportai/core/tools/jira/fields'
import { Comment, fieldText, instant, Issue, issueFields, somebody, subjectOf, User } from './issue.ts'
import { ownWords } from './own-words.ts'
import { looksOurs } from '@viewportai/core/tools/jira/marker'
import { addedLabels, payloadOf, type Payload } from './told.ts'

/** What `again` found. */
const Again = z.object({ issue: Issue, comment: Comment.nullish(), editors: z.array(User.nullable()).default([]) })

export const read = ({ body, part, again: found }: StoredDelivery, connection: KnownConnection): Reading => {
  const payload = payloadOf(body)
  if (typeof payload === 'string') return { unreadable: payload }
  if (part === null) return { ignored: `No workflow can listen to ${payload.webhookEvent} of Jira as it is.` }
  const fetched = found === undefined ? null : Again.safeParse(found)
  const again = fetched?.success ? fetched.data : null
  const issue = again?.issue ?? payload.issue
  if (!issue) return { unreadable: `${payload.webhookEvent} of Jira names no issue.` }
  if (!isOurProject(connection, issue.fields.project.key))
    return { ignored: `It is about the project ${issue.fields.project.key}, which this connection does not name.` }
  const comment = again?.comment ?? payload.comment
  const common = {
    // What an issue began with was given to it as it was made; the time of a webhook is that of its sending.
    at:
      payload.webhookEvent === 'jira:issue_created'
        ? (instant(issue.fields.created) ?? payload.timestamp)
        : payload.timestamp,
    toldAt: payload.timestamp,
    actor: somebody(payload.user ?? payload.changelog?.author ?? comment?.author ?? null),
    // Who reported it, who made it and who wrote in it since: the text is theirs. A webhook does not tell the last: it may be anybody.
    authors: [issue.fields.reporter, issue.fields.creator, ...(again?.editors ?? [null]), ...payload.editors].map(
      somebody,
    ),
    subject: subjectOf(issue, siteOf(connection.settings)),
    fields: issueFields(issue),
    text: textOf(issue.fields.description),
  }
  const said =
    part === 'commented' && comment
      ? commented(common, comment, payload.comment)
      : changed(common, payload, issue, part)
  if (typeof said === 'string') return { unreadable: said }
  return { said, partial: again === null && (issue.fields.labels === null || issue.fields.reporter === null) }
}

type Common = Omit<Said, 'event' | 'id'>

const changed = (common: Common, payload: Payload, { id, key }: Issue, part: string): Said | string => {
  // The history of an issue has the same ids as the webhooks that tell of it; what it began with has none.
  const change = payload.webhookEvent === 'jira:issue_created' ? 'created' : payload.changelog?.id
  if (part === 'created') return { ...common, event: 'issue_created', id: `issue_created:${id}` }
  if (change === undefined) return `A change of ${key} has no id.`
  if (part === 'assigned') return { ...common, event: 'issue_assigned', id: `issue_assigned:${id}:${change}` }
  if (part === 'transitioned') {
    const from = payload.changelog?.items.find((one) => one.field === 'status')?.fromName ?? null
    const fields = { ...common.fields, from_status: from }
    return { ...common, event: 'issue_transitioned', id: `issue_transitioned:${id}:${change}`, fields }
  }
  const label = addedLabels(payload)[Number(/^labeled:(\d{1,3})$/.exec(part)?.[1] ?? -1)]
  if (label === undefined) return `${key} has no label of that number.`
  return {
    ...common,
    event: 'issue_labeled',
    id: shortName(`issue_labeled:${id}:${change}:${label}`, 180),
    fields: { ...common.fields, label: fieldText(label) },
  }
}

/** `told`: as it was delivered. */
const commented = (common: Common, comment: Comment, told: Comment | null): Said => {
  const text = textOf(comment.body)
  const { author, updateAuthor: editor } = comment
  // Whoever may edit the comments of others would command in their name.
  const isTheirs = editor === null || editor.accountId === author?.accountId
  return {
    ...common,
    event: 'issue_commented',
    id: `issue_commented:${comment.id}`,
    at: instant(comment.created) ?? common.at,
    authors: [
      somebody(comment.author),
      ...(comment.updateAuthor ? [somebody(comment.updateAuthor)] : []),
      ...common.authors,
    ],
    subject: { ...common.subject, url: `${common.subject.url}?focusedCommentId=${encodeURIComponent(comment.id)}` },
    fields: {
      ...common.fields,
      text: fieldText(text),
      command: isTheirs ? lastingCommand(ownWords(told?.body), ownWords(comment.body)) : null,
    },
    text,
    ours: looksOurs(comment.body),
  }
}
