/** Asking goes on, whatever happened in Jira since the last time. */
import { expect, test } from 'vitest'
import { openOutside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { poll } from './poll.ts'
import { emulatedJira, tokens } from './testing/emulated.ts'

const at = await emulatedJira()
const outside = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'jira',
  settings: { site: at.url, email: 'us@acme.dev' },
  secrets: { token: tokens.us },
  account: { id: at.people.us.accountId, name: 'Viewport' },
}
const long = (megabytes: number): string => 'x'.repeat(megabytes * 1024 * 1024)
const since = { since: new Date().toISOString() }
const ask = (stream: string, cursor: unknown = since) => poll.ask(connection, stream, cursor, outside)

test('more than is taken at once is gone through piece by piece, each issue once', async () => {
  for (let count = 0; count < 520; count++) await at.create({})
  const first = await ask('PAY')
  expect([first.found.length, first.cursor]).toEqual([
    500,
    { ...since, more: expect.objectContaining({ token: 'token-500' }) },
  ])
  const second = await ask('PAY', first.cursor)
  expect([second.found.length, second.cursor]).toEqual([20, { since: expect.stringMatching(/Z$/) }])
  expect(new Set([...first.found, ...second.found].map(({ id }) => id)).size).toBe(520)
})

test('a place that Jira has forgotten is left for the beginning of the window', async () => {
  const more = { jql: 'project = "PAY" AND updated >= -3m', token: 'token-gone', began: new Date().toISOString() }
  expect(await ask('PAY', { ...since, more })).toMatchObject({ found: [], cursor: since })
})

test('what is kept of an issue does not grow with what else stands in it', async () => {
  const issue = await at.create({
    project: { key: 'OPS' },
    summary: 'Much said',
    customfield_10099: 'y'.repeat(20_000),
  })
  for (let count = 0; count < 40; count++) await at.comment(issue.key, `x${'x'.repeat(20_000)}`)
  const { found } = await ask('OPS')
  expect(found).toHaveLength(41)
  expect(found.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(41 * 25_000)
  expect(JSON.parse(found[0]!.body).issue.fields.customfield_10020).toMatchObject([{ name: 'Sprint 7' }])
})

test('answers that are too long are asked for in smaller pieces, and what fits into none is named', async () => {
  const of = (summary: string): Promise<{ key: string }> =>
    at.create({ project: { key: 'OPS' }, summary, description: null })
  await at.create({ project: { key: 'OPS' }, description: long(5) })
  const huge = await at.create({ project: { key: 'OPS' }, description: long(9) })
  await at.create({ project: { key: 'OPS' }, description: long(5) })
  await of('short')
  const { found, cursor, problem } = await ask('OPS')
  expect(found.filter(({ body }) => !body.includes('Much said'))).toHaveLength(3)
  expect(cursor).toEqual({ since: expect.stringMatching(/Z$/) })
  expect(problem).toBe(`Too long to be read, so left out: ${huge.key}.`)
})
