/** Asking goes on, whatever happened in Jira since the last time. */
import { expect, test } from 'vitest'
import { bounded } from '@viewportai/core/tools/bounded'
import { openOutside } from '../outside.ts'
import { NoWholeAnswer, type Outside } from '@viewportai/core/tools/outside'
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

test('where asking takes long it goes on at the next page, and does not begin again and again', async () => {
  for (let count = 0; count < 260; count++) await at.create({ project: { key: 'SLOW' }, summary: 'x' })
  let clock = Date.now()
  const slow: Outside = {
    now: () => clock,
    ask(one) {
      clock += 12_000
      return outside.ask(one)
    },
  }
  const ids = new Set<string>()
  let cursor: unknown = since
  let askings = 0
  for (let isMore = true; isMore; askings++) {
    const polled = await poll.ask(connection, 'SLOW', cursor, bounded(slow, 60_000))
    for (const { id } of polled.found) ids.add(id)
    ;({ cursor } = polled)
    isMore = polled.nextMillis < 30_000
  }
  expect([ids.size, askings]).toEqual([260, 2])
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
  await at.create({ project: { key: 'OPS' }, description: long(4.5) })
  const huge = await at.create({ project: { key: 'OPS' }, description: long(9) })
  await at.create({ project: { key: 'OPS' }, description: long(4.5) })
  await of('short')
  const { found, cursor, lost } = await ask('OPS')
  expect(found.filter(({ body }) => !body.includes('Much said'))).toHaveLength(3)
  expect(cursor).toEqual({ since: expect.stringMatching(/Z$/) })
  expect(lost).toBe(`Too long to be read, so left out: ${huge.key}.`)
})

test('what a search does not hold of an issue is asked of it: each change and each comment once', async () => {
  const issue = await at.create({ project: { key: 'FEW' }, summary: 'Much happened' })
  for (let n = 0; n < 130; n++) await at.comment(issue.key, `said ${n}`)
  for (let n = 0; n < 130; n++) await at.label(issue.key, `l${n}`)
  // As Jira Cloud does: a search holds some of each, and says how many there are.
  const few: Outside = {
    now: Date.now,
    async ask(one) {
      const came = await outside.ask(one)
      if (!one.url.includes('/search/jql')) return came
      const body = JSON.parse(came.text)
      for (const { changelog, fields } of body.issues) {
        Object.assign(changelog, { total: changelog.histories.length, histories: changelog.histories.slice(-40) })
        const { comments } = fields.comment
        Object.assign(fields.comment, { total: comments.length, comments: comments.slice(-20) })
      }
      return { ...came, text: JSON.stringify(body) }
    },
  }
  const { found, lost } = await poll.ask(connection, 'FEW', since, few)
  const parts = found.map(({ headers }) => Object.values(headers)[0])
  expect(parts.filter((part) => part === 'commented')).toHaveLength(130)
  expect(parts.filter((part) => part?.startsWith('labeled'))).toHaveLength(130)
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
  expect(lost).toBeNull()
})

test.each([null, '10001'])(
  'histories that take longer than an asking, %s never answering: the others are not held up for ever',
  async (deaf) => {
    let clock = Date.now()
    const moment = new Date().toISOString().replace('Z', '+0000')
    const change = (of: string, n: number) => ({
      id: `${of}${n}`,
      created: moment,
      author: at.people.us,
      items: [{ field: 'labels', fromString: '', toString: `l${n}` }],
    })
    const told = (n: number) => ({
      id: String(10_001 + n),
      key: `PAY-${n}`,
      fields: {
        summary: 'x',
        created: '2020-01-01T00:00:00.000+0000',
        updated: moment,
        project: { id: '1', key: 'PAY', name: 'Payments' },
        labels: [],
      },
      changelog: { total: 400, histories: [change(String(10_001 + n), 400)] },
    })
    const answer = (body: object) => ({ status: 200, headers: {}, text: JSON.stringify(body) })
    const slow: Outside = {
      now: () => clock,
      async ask({ url }) {
        clock += 12_000
        const [, id, start] = /\/issue\/(\d+)\/changelog\?startAt=(\d+)/.exec(url) ?? []
        if (id === undefined) return answer({ issues: [told(0), told(1), told(2)] })
        if (id === deaf) throw new NoWholeAnswer('no answer within 20000 ms')
        return answer({ values: Array.from({ length: 100 }, (_none, n) => change(id, Number(start) + n)) })
      },
    }
    const [ids, lost, problems] = [new Set<string>(), [] as string[], [] as string[]]
    let cursor: unknown = since
    let askings = 0
    do {
      const polled = await poll.ask(connection, 'PAY', cursor, bounded(slow, 60_000))
      for (const { id } of polled.found) ids.add(id)
      if (polled.lost) lost.push(polled.lost)
      if (polled.problem) problems.push(polled.problem)
      ;({ cursor } = polled)
    } while ((cursor as { more?: object }).more && ++askings < 10)
    expect(askings).toBeLessThan(10)
    for (const n of [0, 1, 2])
      expect(
        [...ids].some((id) => id.includes(` ${10_001 + n}`)),
        `PAY-${n} in ${[...ids].slice(0, 3).join()}`,
      ).toBe(true)
    expect(problems).toHaveLength(deaf === null ? 0 : 3)
    expect(lost.join(' ')).toContain(deaf === null ? 'The changes of PAY-0 take longer' : 'What happened to PAY-0')
  },
)
