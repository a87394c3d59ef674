/**
 * What does a delivery of Linear say happened?
 * Webhooks, and what was found by asking, in one form. What nothing can listen to is ignored with a reason; text in it stays text.
 */
import { z } from 'zod'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, Said, Somebody, StoredDelivery } from '../port.ts'
import { lastingCommand } from '../command.ts'
import { around } from '../same-moment.ts'
import { isOurTeam } from '@viewportai/core/tools/linear/fields'
import { Comment, fieldText, instant, Issue, issueFields, somebody, subjectOf, User } from './issue.ts'
import { looksOurs } from '@viewportai/core/tools/linear/marker'
import { payloadOf, type Payload } from './told.ts'

/** What `again` found. */
export const Again = z.object({
  issue: Issue,
  comment: Comment.nullish(),
  actor: User.nullish(),
  /** The state's name before it was moved. */
  from: z.string().nullish(),
  editors: z.array(User.nullable()).default([]),
})
type Again = z.infer<typeof Again>

/** A webhook and the API may tell the time of one event that far apart (ms). */
const withinMillis = 60_000

export const read = ({ body, part, again: found }: StoredDelivery, connection: KnownConnection): Reading => {
  const payload = payloadOf(body)
  if (typeof payload === 'string') return { unreadable: payload }
  if (part === null)
    return { ignored: `No workflow can listen to ${payload.type} ${payload.action} of Linear as it is.` }
  const fetched = found === undefined ? null : Again.safeParse(found)
  const again = fetched?.success ? fetched.data : null
  const issue = again?.issue ?? issueIn(payload)
  if (typeof issue === 'string') return { unreadable: issue }
  if (issue.team && !isOurTeam(connection, issue.team))
    return { ignored: `It is about the team ${issue.team.name}, which this connection does not name.` }
  const said = part === 'commented' ? commented(payload, issue, again) : changed(payload, issue, part, again)
  if (typeof said === 'string') return { unreadable: said }
  return { said, partial: again === null && (issue.team === null || issue.state === null || issue.creator === null) }
}

/** The issue as the payload has it; of a comment's issue a webhook tells little. */
const issueIn = ({ type, data }: Payload): Issue | string => {
  const told =
    type === 'Comment' ? { id: data['issueId'], title: '', identifier: '', ...(data['issue'] as object) } : data
  const read = Issue.safeParse(told)
  if (read.success) return read.data
  const lacking = read.error.issues[0]!
  return `The issue of Linear lacks ${lacking.path.map(String).join('.') || 'what it should have'} (${lacking.message}).`
}

const changed = (payload: Payload, issue: Issue, part: string, again: Again | null): Said | string => {
  const common = commonOf(payload, issue, again)
  if (part === 'created') return { ...common, event: 'issue_created', id: `issue_created:${issue.id}` }
  const at = common.at ?? 0
  const named = (name: string): { id: string; also: string[] } => {
    const until = instant(payload.until) ?? at
    // Somebody else's change a moment before must not take the name of this one. Of programs a webhook and an answer tell different ids.
    const { id: who, standing } = common.actor
    const by = standing === 'bot' || standing === 'unknown' ? 'no person' : who
    const [id, ...also] = [at, until].flatMap((time) => around(`${name}:${by}`, time, withinMillis))
    return { id: id!, also }
  }
  if (part === 'assigned') {
    const to = payload.data['assigneeId'] ?? payload.data['toAssigneeId']
    return { ...common, event: 'issue_assigned', ...named(`issue_assigned:${issue.id}:${String(to)}`) }
  }
  if (part === 'moved') {
    const from = again?.from ?? textOf(payload.updatedFrom?.['state'])
    return {
      ...common,
      event: 'issue_moved',
      ...named(`issue_moved:${issue.id}:${String(payload.data['stateId'])}`),
      fields: { ...common.fields, from_status: from },
    }
  }
  const label = part.slice('labeled:'.length)
  const name = labelName(payload, label) ?? issue.labels.find((one) => one.id === label)?.name
  if (!part.startsWith('labeled:') || name === undefined) return `${issue.identifier} has no label ${label} any more.`
  return {
    ...common,
    event: 'issue_labeled',
    ...named(`issue_labeled:${issue.id}:${label}`),
    fields: { ...common.fields, label: fieldText(name) },
  }
}

const commented = (payload: Payload, issue: Issue, again: Again | null): Said | string => {
  const read = Comment.safeParse(payload.data)
  const comment = again?.comment ?? (read.success ? read.data : null)
  if (comment === null) return 'The comment of Linear has no id.'
  const common = commonOf(payload, issue, again)
  const text = comment.body ?? ''
  const external = payload.data['externalUserId']
  // Somebody of another tool, whose words Linear only passes on, is nobody of the organisation, whoever's account passed them on.
  const actor: Somebody = external
    ? { id: `external:${String(external as string)}`, name: common.actor.name, standing: 'outsider' }
    : common.actor
  return {
    ...common,
    event: 'issue_commented',
    id: `issue_commented:${comment.id}`,
    actor,
    authors: [external ? actor : somebody(comment.user ?? payload.actor), ...common.authors],
    subject: { ...common.subject, url: comment.url ?? common.subject.url },
    fields: {
      ...common.fields,
      text: fieldText(text),
      command: lastingCommand(read.success ? (read.data.body ?? '') : '', text),
    },
    text,
    ours: looksOurs(text),
  }
}

const commonOf = (payload: Payload, issue: Issue, again: Again | null) => ({
  at: instant(payload.createdAt),
  actor: somebody(again?.actor ?? payload.actor),
  // Who created it and who wrote in it since: the text is theirs. A webhook does not tell the last: it may be anybody.
  authors: [issue.creator, ...(again?.editors ?? [null]), ...payload.editors].map(somebody),
  subject: subjectOf(issue),
  fields: issueFields(issue),
  text: issue.description ?? '',
})

const textOf = (named: unknown): string | null => {
  const name = (named as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' ? name : null
}

const labelName = ({ data }: Payload, id: string): string | undefined => {
  const read = Issue.shape.labels.safeParse(data['labels'])
  return read.success ? read.data.find((one) => one.id === id)?.name : undefined
}
