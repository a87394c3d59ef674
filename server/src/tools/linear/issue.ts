/**
 * What is read of an issue, a comment and a person of Linear?
 * A webhook and an answer of the API hold the same things in slightly different form; here they become one.
 */
import { z } from 'zod'
import type { Said, Somebody } from '../port.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const id = z.string().min(1).max(60)

/** Somebody of the organisation. A webhook tells the type of an actor, the API whether it is an app or a guest. */
export const User = z.object({
  id,
  name: maybe(z.string()),
  type: maybe(z.string()),
  app: maybe(z.boolean()),
  guest: maybe(z.boolean()),
  active: maybe(z.boolean()),
})
export type User = z.infer<typeof User>

const Label = z.object({ id, name: z.string() })
const Named = z.object({ name: z.string() })

export const Issue = z.object({
  id,
  identifier: z.string().max(60),
  title: z.string(),
  description: maybe(z.string()),
  url: maybe(z.string()),
  priority: maybe(z.number()),
  estimate: maybe(z.number()),
  createdAt: maybe(z.string()),
  team: maybe(z.object({ key: z.string(), name: z.string() })),
  state: maybe(z.object({ id, name: z.string(), type: z.string() })),
  assignee: maybe(User),
  creator: maybe(User),
  project: maybe(Named),
  cycle: maybe(z.object({ name: maybe(z.string()), number: maybe(z.number()) })),
  labels: z.union([z.array(Label), z.object({ nodes: z.array(Label) }).transform(({ nodes }) => nodes)]).default([]),
})
export type Issue = z.infer<typeof Issue>

export const Comment = z.object({
  id,
  body: maybe(z.string()),
  createdAt: maybe(z.string()),
  url: maybe(z.string()),
  user: maybe(User),
})
export type Comment = z.infer<typeof Comment>

/** Somebody by the account's id. Members of the organisation rank as collaborators; guests, who was suspended, and whom Linear tells no more about, as outsiders. */
export const somebody = (user: User | null): Somebody => {
  if (user === null) return { id: 'nobody', name: 'nobody that Linear names', standing: 'unknown' }
  const isApp = user.app === true || (user.type !== null && user.type.toLowerCase() !== 'user')
  return {
    id: user.id,
    name: user.name ?? user.id,
    standing: isApp ? 'bot' : user.guest === false && user.active !== false ? 'collaborator' : 'outsider',
  }
}

export const subjectOf = (issue: Issue): Said['subject'] => ({
  label: issue.identifier,
  title: issue.title,
  url: issue.url,
  ref: issue.id,
  made: instant(issue.createdAt),
})

export const issueFields = (issue: Issue): Said['fields'] => ({
  team: issue.team?.name ?? null,
  project: issue.project?.name ?? null,
  key: issue.identifier,
  title: fieldText(issue.title),
  body: fieldText(issue.description),
  labels: issue.labels.slice(0, 500).map((label) => fieldText(label.name)),
  status: issue.state?.name ?? null,
  status_type: issue.state?.type ?? null,
  priority: issue.priority,
  estimate: issue.estimate,
  assignee: issue.assignee?.name ?? null,
  creator: issue.creator?.name ?? null,
  cycle: issue.cycle ? (issue.cycle.name ?? (issue.cycle.number === null ? null : String(issue.cycle.number))) : null,
})

/** Text of an event's field: longer ones are cut. */
export const fieldText = (text: string | null): string => (text ?? '').slice(0, 20_000).toWellFormed()

/** Milliseconds of Linear's time, or null. */
export const instant = (text: string | null | undefined): number | null => {
  const at = text ? Date.parse(text) : Number.NaN
  return Number.isFinite(at) ? at : null
}
