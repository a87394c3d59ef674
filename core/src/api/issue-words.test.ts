import { expect, test } from 'vitest'
import { z } from 'zod'
import { issueWords } from './issue-words.ts'

const schema = z.strictObject({ repo: z.string(), count: z.int(), all: z.array(z.string()), on: z.boolean() })
const wordsFor = (value: unknown): string[] => schema.safeParse(value).error!.issues.map(issueWords)

test('what a value lacks or is instead is said in words that zod’s own are read into', () => {
  expect(wordsFor({ count: 'x', all: {}, on: null })).toEqual([
    'it is missing; a text is needed',
    'it is a text; a number is needed',
    'it is an object; a list is needed',
    'it is null; true or false is needed',
  ])
  expect(wordsFor(7)).toEqual(['it is a number; an object is needed'])
})
test('what a schema says itself stays', () =>
  expect(issueWords({ message: 'runners fetch over https:, not over ssh' })).toBe(
    'runners fetch over https:, not over ssh',
  ))
