/**
 * Which parts of GitHub's payloads are read?
 * Only the fields that are used, and no more is required of them: payloads of older servers lack others. https://docs.github.com/webhooks
 */
import { z } from 'zod'

export const User = z.object({ id: z.number(), login: z.string().max(200), type: z.string().optional() })
export type User = z.infer<typeof User>
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)

/** A label in an event may have no id; its name is what it is known by. */
const Label = z.object({ name: z.string() })
const Milestone = z.object({ title: z.string() })
const common = {
  number: z.int().positive(),
  title: z.string(),
  body: maybe(z.string()),
  state: maybe(z.string()),
  html_url: maybe(z.string()),
  user: maybe(User),
  author_association: maybe(z.string()),
  labels: z.array(z.union([Label, z.string().transform((name) => ({ name }))])).default([]),
  assignees: z.array(maybe(User)).default([]),
  milestone: maybe(Milestone),
  created_at: maybe(z.string()),
  updated_at: maybe(z.string()),
  closed_at: maybe(z.string()),
}

export const Issue = z.object({ ...common, pull_request: z.unknown().optional() })
export type Issue = z.infer<typeof Issue>

const Side = z.object({
  ref: z.string(),
  sha: z.string(),
  repo: maybe(z.object({ id: z.number(), full_name: z.string().optional() })),
})
export const Pull = z.object({
  ...common,
  head: Side,
  base: Side,
  draft: maybe(z.boolean()),
  merged: maybe(z.boolean()),
  merged_at: maybe(z.string()),
})
export type Pull = z.infer<typeof Pull>

export const Comment = z.object({
  id: z.number(),
  node_id: maybe(z.string()),
  body: maybe(z.string()),
  html_url: maybe(z.string()),
  user: maybe(User),
  author_association: maybe(z.string()),
  created_at: maybe(z.string()),
  updated_at: maybe(z.string()),
})
export type Comment = z.infer<typeof Comment>

export const Repository = z.object({
  id: z.number(),
  full_name: z.string().max(300),
  html_url: maybe(z.string()),
})
export type Repository = z.infer<typeof Repository>

/** What nearly every event has. */
export const Envelope = z.object({
  action: maybe(z.string()),
  repository: maybe(Repository),
  sender: maybe(User),
  label: maybe(Label),
  assignee: maybe(User),
  issue: maybe(Issue),
  pull_request: maybe(Pull),
  comment: maybe(Comment),
  changes: maybe(z.record(z.string(), z.unknown())),
  requested_reviewer: maybe(User),
  requested_team: maybe(z.object({ slug: z.string() })),
  review: maybe(
    z.object({
      id: z.number(),
      body: maybe(z.string()),
      state: z.string(),
      html_url: maybe(z.string()),
      user: maybe(User),
      author_association: maybe(z.string()),
      submitted_at: maybe(z.string()),
    }),
  ),
})
export type Envelope = z.infer<typeof Envelope>
