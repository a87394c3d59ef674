/**
 * What does a webhook of Jira tell of? One delivery may tell of several things: assigned, labelled and moved at once.
 * Only the fields that are used are required. https://developer.atlassian.com/cloud/jira/platform/webhooks/
 */
import { z } from 'zod'
import { readPayload } from '../payload.ts'
import { Change, Comment, Issue, User } from './issue.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)

export const Payload = z.object({
  webhookEvent: z.string().max(100),
  timestamp: maybe(z.number()),
  user: maybe(User),
  issue: maybe(Issue),
  comment: maybe(Comment),
  changelog: maybe(Change),
  /** Ours, in what was found by asking: who wrote in the issue; null: somebody without a name. */
  editors: z.array(User.nullable()).default([]),
})
export type Payload = z.infer<typeof Payload>

/** The payload, or why it cannot be read (a sentence). */
export const payloadOf = (body: Buffer): Payload | string => readPayload(body, Payload, 'Jira')

/** `created`, `assigned`, `labeled:N` (the N-th label that was added), `transitioned`, `commented`; nothing when no workflow can listen to it. */
export const partsOf = (payload: Payload): string[] => {
  const { webhookEvent: event, issue, comment, changelog } = payload
  if (event === 'comment_created') return comment && issue ? ['commented'] : []
  if (!issue || (event !== 'jira:issue_created' && event !== 'jira:issue_updated')) return []
  const created = event === 'jira:issue_created'
  const item = (field: string) => (created ? undefined : changelog?.items.find((one) => one.field === field))
  return [
    ...(created ? ['created'] : []),
    ...((created ? issue.fields.assignee : item('assignee')?.to) ? ['assigned'] : []),
    ...addedLabels(payload).map((_label, at) => `labeled:${at}`),
    ...(item('status') ? ['transitioned'] : []),
  ]
}

const labelsAtMost = 50

/** Labels that this added, in order. Jira's labels have no blanks. */
export const addedLabels = ({ webhookEvent, issue, changelog }: Payload): string[] => {
  if (webhookEvent === 'jira:issue_created') return (issue?.fields.labels ?? []).slice(0, labelsAtMost)
  const item = changelog?.items.find((one) => one.field === 'labels')
  const words = (text: string | null | undefined): string[] => (text ?? '').split(' ').filter((word) => word !== '')
  const had = new Set(words(item?.fromName))
  return words(item?.toName)
    .filter((label) => !had.has(label))
    .slice(0, labelsAtMost)
}
