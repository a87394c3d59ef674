/**
 * What is read of an issue, a comment and a person of Jira?
 * A webhook and an answer of the API hold the same things; texts are plain in the one and documents in the other.
 */
import { z } from 'zod'
import type { Said, Somebody } from '../port.ts'
import { textOf } from '@viewportai/core/tools/jira/document'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const id = z.union([z.string(), z.number().transform(String)]).pipe(z.string().min(1).max(60))
const Named = z.object({ name: z.string() })

export const User = z.object({
  accountId: z.string().min(1).max(128),
  displayName: maybe(z.string()),
  accountType: maybe(z.string()),
})
export type User = z.infer<typeof User>

export const Issue = z.object({
  id,
  key: z.string().max(80),
  fields: z
    .object({
      summary: maybe(z.string()),
      description: z.unknown().optional(),
      project: z.object({ key: z.string().max(80) }),
      issuetype: maybe(Named),
      status: maybe(Named),
      priority: maybe(Named),
      labels: maybe(z.array(z.string())),
      components: maybe(z.array(Named)),
      assignee: maybe(User),
      reporter: maybe(User),
      creator: maybe(User),
      created: maybe(z.string()),
    })
    .loose(),
})
export type Issue = z.infer<typeof Issue>

export const Comment = z.object({
  id,
  body: z.unknown().optional(),
  author: maybe(User),
  updateAuthor: maybe(User),
  created: maybe(z.string()),
})
export type Comment = z.infer<typeof Comment>

/** One entry of an issue's history, as a webhook and the API both tell it, with the same id. */
export const Change = z.object({
  id,
  created: maybe(z.string()),
  author: maybe(User),
  items: z
    .array(
      // One of Jira's names is that of a function every object has, so values are picked by what is really there.
      z.record(z.string(), z.unknown()).transform((item) => {
        const text = (name: string): string | null =>
          Object.hasOwn(item, name) && typeof item[name] === 'string' ? item[name] : null
        return {
          field: text('field') ?? '',
          fromName: text('fromString'),
          to: text('to'),
          toName: text('toString'),
        }
      }),
    )
    .max(200),
})
export type Change = z.infer<typeof Change>

/**
 * Somebody by the account's id. An Atlassian account says nothing about belonging to the team: anybody can have one, so it ranks as an
 * outsider until it is linked. Customers of a service desk do too.
 */
export const somebody = (user: User | null): Somebody =>
  user === null
    ? { id: 'nobody', name: 'nobody that Jira names', standing: 'unknown' }
    : {
        id: user.accountId,
        name: user.displayName ?? user.accountId,
        standing: user.accountType === 'app' ? 'bot' : 'outsider',
      }

export const subjectOf = (issue: Issue, site: string): Said['subject'] => ({
  label: issue.key,
  title: issue.fields.summary ?? '',
  url: `${site}/browse/${encodeURIComponent(issue.key)}`,
  ref: issue.id,
  made: instant(issue.fields.created),
})

export const issueFields = ({ key, fields }: Issue): Said['fields'] => ({
  project: fields.project.key,
  key,
  title: fieldText(fields.summary),
  body: fieldText(textOf(fields.description)),
  type: fields.issuetype?.name ?? null,
  status: fields.status?.name ?? null,
  priority: fields.priority?.name ?? null,
  labels: (fields.labels ?? []).slice(0, 500),
  components: (fields.components ?? []).slice(0, 500).map((one) => one.name),
  assignee: fields.assignee?.displayName ?? null,
  reporter: fields.reporter?.displayName ?? null,
  sprint: sprintIn(fields),
})

/** The fields of an issue that anything is read of. All its comments are among the others, and what sites add. */
export const usedOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => Object.hasOwn(Issue.shape.fields.shape, name) || isSprint(name, value),
    ),
  )

const isSprint = (name: string, value: unknown): boolean =>
  name.startsWith('customfield_') &&
  Array.isArray(value) &&
  value.some((one) => typeof one === 'object' && one !== null && 'boardId' in one)

/** A sprint stands in a field that has another number on every site; it is known by its form. The running one counts, else the last. */
const sprintIn = (fields: Readonly<Record<string, unknown>>): string | null => {
  for (const [name, value] of Object.entries(fields)) {
    if (!name.startsWith('customfield_') || !Array.isArray(value)) continue
    const sprints = value.filter(
      (one: { name?: unknown; state?: unknown; boardId?: unknown } | null) =>
        typeof one?.name === 'string' && typeof one.state === 'string' && 'boardId' in one,
    ) as { name: string; state: string }[]
    const sprint = sprints.find((one) => one.state === 'active') ?? sprints.at(-1)
    if (sprint) return fieldText(sprint.name)
  }
  return null
}

/** Text of an event's field: longer ones are cut. */
export const fieldText = (text: string | null): string => (text ?? '').slice(0, 20_000).toWellFormed()

/** Milliseconds of Jira's time, or null. */
export const instant = (text: string | null | undefined): number | null => {
  const at = text ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN
  return Number.isFinite(at) ? at : null
}
