/**
 * What does a webhook of Linear tell of? One delivery may tell of several things: assigned, labelled and moved at once.
 * Only the fields that are used are required. https://linear.app/developers/webhooks
 */
import { z } from 'zod'
import { readPayload } from '../payload.ts'
import { User } from './issue.ts'

const id = /^[0-9A-Za-z_-]{1,100}$/
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const some = z.record(z.string(), z.unknown())

export const Payload = z.object({
  action: z.string().max(60),
  type: z.string().max(60),
  actor: maybe(User),
  createdAt: maybe(z.string()),
  data: some,
  /** What changed, as it was before. Other things may stand in it unchanged. */
  updatedFrom: maybe(some),
  webhookTimestamp: maybe(z.number()),
  /** Ours, in what was found by asking: until when the event may have happened, and who wrote in the issue. */
  until: maybe(z.string()),
  editors: z.array(User.nullable()).default([]),
})
export type Payload = z.infer<typeof Payload>

/** The payload, or why it cannot be read (a sentence). */
export const payloadOf = (body: Buffer): Payload | string => readPayload(body, Payload, 'Linear')

const labelsAtMost = 50

/** `created`, `assigned`, `labeled:LABEL`, `moved`, `commented`; nothing when no workflow can listen to it. */
export const partsOf = ({ type, action, data, updatedFrom }: Payload): string[] => {
  if (type === 'Comment') return action === 'create' ? ['commented'] : []
  if (type !== 'Issue' || (action !== 'create' && action !== 'update')) return []
  const created = action === 'create'
  if (!created && updatedFrom === null) return []
  const before = updatedFrom ?? {}
  const had = new Set(created ? [] : (labelIds(before) ?? labelIds(data) ?? []))
  const added = (labelIds(data) ?? []).filter((label) => !had.has(label) && id.test(label)).slice(0, labelsAtMost)
  const changed = (name: string): boolean => Object.hasOwn(before, name) && before[name] !== data[name]
  return [
    ...(created ? ['created'] : []),
    ...(typeof data['assigneeId'] === 'string' && (created || changed('assigneeId')) ? ['assigned'] : []),
    ...added.map((label) => `labeled:${label}`),
    ...(!created && changed('stateId') ? ['moved'] : []),
  ]
}

/** Ids alone, or labels with their ids. */
const labelIds = (data: Readonly<Record<string, unknown>>): string[] | null => {
  const { labelIds: ids, labels } = data
  if (Array.isArray(ids)) return ids.filter((one) => typeof one === 'string')
  if (!Array.isArray(labels)) return null
  return labels.flatMap((one: unknown) => {
    const label = (one as { id?: unknown } | null)?.id
    return typeof label === 'string' ? [label] : []
  })
}
