import { expect, test } from 'vitest'
import { z } from 'zod'
import { excerpt, keptText, levelTree, metadata } from './level.ts'
import { fieldsWithLevels, outgoing, withoutExcerpts } from './message-levels.ts'

test('every field of every message of a runner has a level, and one only', () => {
  for (const schema of Object.values(outgoing)) expect(() => levelTree(schema)).not.toThrow()
})

test('a field that can hold a text and has no level is found, wherever it stands', () => {
  const missing = (schema: z.ZodType): string => {
    try {
      levelTree(z.strictObject({ a: z.array(z.strictObject({ b: schema })) }))
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(missing(z.string())).toContain('the field a[].b can hold a text (string) and has no level')
  expect(missing(z.string().nullable())).toContain('a[].b')
  expect(missing(z.record(metadata(z.string()), z.unknown()))).toContain('a[].b.*')
  expect(missing(z.union([metadata(z.string()), excerpt(z.string())]))).toContain('two levels')
  expect(missing(z.discriminatedUnion('k', [z.strictObject({ k: z.literal('x'), c: z.string() })]))).toContain(
    'a[].b.c',
  )
  for (const fine of [z.int(), z.boolean(), z.enum(['x']), z.literal('y'), metadata(z.record(z.string(), z.unknown()))])
    expect(missing(fine)).toBe('')
})

const failed = {
  epoch: 1,
  reports: [
    {
      seq: 1,
      signature: null,
      report: {
        type: 'failed',
        failure: { code: 'x', class: 'agent', summary: 'It broke.', check: 'Look.', retrySafe: true, started: true },
        log: null,
        millis: 3,
      },
    },
    {
      seq: 2,
      signature: null,
      report: { type: 'ask', argv: ['git', 'push'], cwd: 'src', reason: 'why', choices: ['a'] },
    },
  ],
}

test('what is a short text is known, and replaced; what a person decides on is not', () => {
  const { message, kept } = withoutExcerpts('reports', failed)
  expect(kept).toEqual([
    { field: 'reports[].report.failure.summary', text: 'It broke.' },
    { field: 'reports[].report.failure.check', text: 'Look.' },
    { field: 'reports[].report.reason', text: 'why' },
  ])
  expect(message.reports[0]!.report.failure).toMatchObject({ code: 'x', summary: keptText, check: keptText })
  expect(message.reports[1]!.report).toMatchObject({
    argv: ['git', 'push'],
    cwd: 'src',
    reason: keptText,
    choices: ['a'],
  })
  const levels = Object.fromEntries(fieldsWithLevels('reports', failed).map(({ field, level }) => [field, level]))
  expect(levels).toMatchObject({
    'reports[].report.failure.code': 'metadata',
    'reports[].report.failure.summary': 'excerpt',
    'reports[].report.argv[]': 'asked',
    'reports[].report.cwd': 'paths',
    'reports[].report.millis': 'metadata',
  })
})

test('what no schema knows is taken for a text', () =>
  expect(withoutExcerpts('beat', { now: 'x', more: { text: 'y' } } as unknown).kept.map(({ text }) => text)).toEqual([
    'x',
    'y',
  ]))
