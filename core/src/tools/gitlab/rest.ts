/** What are an issue, a merge request and a note of GitLab, as its API tells them? */
import { z } from 'zod'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const text = z.string()
const id = z.int().nonnegative()

export const User = z.object({ id: maybe(id), username: text.max(255), name: maybe(text) })
export type User = z.infer<typeof User>

/** An issue or a merge request. */
export const Rest = z.object({
  iid: z.int().positive(),
  title: text,
  description: maybe(text),
  author: maybe(User),
  state: maybe(text),
  created_at: maybe(text),
  updated_at: maybe(text),
  closed_at: maybe(text),
  merged_at: maybe(text),
  labels: z.array(text).default([]),
  milestone: maybe(z.object({ title: text })),
  assignees: z.array(User).default([]),
  confidential: maybe(z.boolean()),
  web_url: maybe(text),
  source_branch: maybe(text),
  target_branch: maybe(text),
  source_project_id: maybe(id),
  target_project_id: maybe(id),
  draft: maybe(z.boolean()),
  sha: maybe(text),
})
export type Rest = z.infer<typeof Rest>

export const Note = z.object({
  id: z.int().nonnegative(),
  body: z.string(),
  author: User.nullish().transform((value) => value ?? null),
  created_at: z.string(),
  updated_at: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
  system: z.boolean().default(false),
})
export type Note = z.infer<typeof Note>
