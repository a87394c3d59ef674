/** Has the body of a webhook what every webhook of its tool has? */
import type { z } from 'zod'
import { issueWords } from '@viewportai/core/api/issue-words'
import { readStrictJson } from '../http/strict-json.ts'

/** What was read of a body by its schema, or why it cannot be read (a sentence). `title`: the tool, as people call it. */
export const readPayload = <T>(body: Buffer, schema: z.ZodType<T>, title: string): T | string => {
  const strict = readStrictJson(body.toString('utf8'))
  if (!strict.ok) return `It cannot be read: ${strict.why}.`
  const read = schema.safeParse(strict.value)
  if (read.success) return read.data
  const issue = read.error.issues[0]!
  return `It lacks what every webhook of ${title} has: ${issue.path.map(String).join('.') || 'the whole'} (${issueWords(issue)}).`
}
