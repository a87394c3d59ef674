import { expect, test } from 'vitest'
import { onlyByWebhook } from './how-came.ts'

test('what asking does not tell is said of the events it is true of, and of no other', () => {
  expect(onlyByWebhook('github', 'issue_edited')).toBe('Only a webhook tells all of these: asking does not tell edits.')
  expect(onlyByWebhook('gitlab', 'push')).toMatch(/asking does not tell pushes\.$/)
  for (const [tool, event] of [
    ['github', 'issue_opened'],
    ['slack', 'mention'],
    ['webhook', 'received'],
    ['nowhere', 'issue_edited'],
    ['github', 'constructor'],
  ] as const)
    expect(onlyByWebhook(tool, event)).toBeNull()
})
